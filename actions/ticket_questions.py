"""The questions of the ticket form, each with buttons for its answers, and its end."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import goods_of, shorten
from actions.choose import OFFERED, OrderChoice, order_buttons
from actions.evidence import evidence_lines
from actions.forms import ask
from actions.matters import evidence_for
from actions.reply import Button, Reply, button
from actions.ticket_draft import CLEARED, FORM, NOTHING, TicketDraft, read_draft
from actions.ticket_form import EDIT, NO_CONTACT, NO_ORDER, OTHER_ORDER, OWN_CONTACT
from actions.turn import Turn
from kefu.notices.addresses import read_address

NEVER_MIND = button("不登记了", "deny")
SHOWN_DETAILS = 80


class AskTicketDetails(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_ticket_details"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        if draft.supplements:
            ask(turn, reply, f"请写下要补充到工单 {draft.supplements} 的情况。", [NEVER_MIND])
        else:
            ask(turn, reply, draft.matter.ask, [NEVER_MIND])


class AskTicketOrder(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_ticket_order"

    def answer(self, turn: Turn, reply: Reply) -> None:
        found = OrderChoice(self.shop, turn).recent(None, OFFERED + 1)
        none = button("和订单无关", "inform", ticket=NO_ORDER)
        if not found:
            text = "是和哪一笔订单有关呢？有订单号请发给我，没有就点下面的按钮。"
            ask(turn, reply, text, [none, NEVER_MIND])
            return
        more = "不在下面的话，请直接发订单号。" if len(found) > OFFERED else ""
        choices = order_buttons(found, "inform", turn.now)
        ask(turn, reply, f"是和哪一笔订单有关呢？{more}", [*choices, none, NEVER_MIND])


class AskTicketContact(KefuAction):
    """The account's own contacts are shown masked; the full ones never leave the shop."""

    action_name: ClassVar[str] = f"action_ask_{FORM}_ticket_contact"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if read_draft(turn.slots).matter.needs_contact:
            text = "请留下方便联系您的手机号或邮箱。"
            ask(turn, reply, text, [*self.own(turn), NEVER_MIND])
            return
        text = "请留下手机号或邮箱，有结果好通知您。不留的话，答复只会显示在这个对话里。"
        ask(turn, reply, text, [button("不留联系方式", "inform", ticket=NO_CONTACT), NEVER_MIND])

    def own(self, turn: Turn) -> list[Button]:
        if turn.viewer.account_id is None:
            return []
        contacts = self.shop.contacts(turn.claims.profile, turn.viewer.account_id)
        masked = "或".join(each.address_masked for each in contacts)
        return [button(f"就用{masked}", "inform", ticket=OWN_CONTACT)] if masked else []


class AskTicketConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_ticket_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        lines = ["请您核对：", *_what(draft), f"内容：{shorten(draft.details, SHOWN_DETAILS)}"]
        if not draft.supplements:
            lines += [*self.order_line(turn, draft), *_contact_line(turn, draft)]
        lines += evidence_lines(turn)
        buttons = [
            button("确认提交", "affirm", ticket=draft.matter.kind),
            button("改内容", "inform", ticket=EDIT),
        ]
        if draft.matter.about_order and not draft.supplements:
            buttons.append(button("换订单", "inform", ticket=OTHER_ORDER))
        text = "\n".join([*lines, f"{self.promise(turn, draft)}确认提交吗？"])
        ask(turn, reply, text, [*buttons, NEVER_MIND])

    def promise(self, turn: Turn, draft: TicketDraft) -> str:
        if draft.supplements:
            return ""
        profile = self.services.profiles[turn.claims.profile]
        return f"提交后会在 {profile.hours_for(draft.matter.kind)} 小时内答复您。"

    def order_line(self, turn: Turn, draft: TicketDraft) -> list[str]:
        number = draft.order_number
        if number is None or number == NOTHING:
            return []
        order = self.shop.order(turn.viewer, number)
        return [f"订单：{number}（{goods_of(order)}）" if order else f"订单：{number}"]


def _what(draft: TicketDraft) -> list[str]:
    if draft.supplements:
        return [f"补充到工单：{draft.supplements}"]
    return [f"类型：{draft.matter.name}"]


def _contact_line(turn: Turn, draft: TicketDraft) -> list[str]:
    address = read_address(draft.contact or "")
    if address:
        return [f"联系方式：{address.masked}"]
    return ["联系方式：您账号绑定的手机或邮箱"] if not turn.is_guest else []


class TicketDone(KefuAction):
    """Has the desk open the ticket, which tells number and due time, and says what comes next."""

    action_name: ClassVar[str] = "action_ticket_done"

    def answer(self, turn: Turn, reply: Reply) -> None:
        told = turn.text_slot("ticket_outcome") is not None
        confirmed = turn.text_slot("ticket_confirmed") == "yes"
        reply.remember_all(CLEARED)
        if told or not confirmed:
            return
        draft = read_draft(turn.slots)
        order, contact = draft.order_number, draft.contact
        reply.say(self.next_steps(turn, draft))
        reply.command(
            "ticket",
            kind=draft.matter.kind,
            subject=draft.matter.subject,
            details=draft.details,
            order_number=None if order == NOTHING else order,
            contact=None if contact == NOTHING else contact,
            supplements=draft.supplements,
        )

    def next_steps(self, turn: Turn, draft: TicketDraft) -> str:
        if draft.matter.kind == "feedback":
            return "谢谢您，我这就转给相关同事。"
        evidence = evidence_for(self.services.profiles[turn.claims.profile], draft.matter)
        keep = f"请保留好{evidence}，核实时可能会用到。" if evidence else ""
        return f"好的，我这就提交。{keep}想知道办到哪一步，随时发「工单进度」。"
