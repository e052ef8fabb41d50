"""The questions of the after-sale form, each with buttons for its answers."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import order_title, shorten
from actions.choose import OFFERED
from actions.claims import offered_remedies
from actions.exchange import is_sold_out, variants
from actions.forms import ask
from actions.remedies import Remedy, intent_of, reason_text, title_of, word_of
from actions.reply import Button, Reply, button
from actions.return_answers import pictures
from actions.return_draft import ANOTHER_REASON, FORM, Eligibility, ReturnDraft, item_of, read_draft
from actions.turn import Turn
from kefu.shop import freight_rules, rules, wording
from kefu.shop.model import Order, OrderItem, ReturnReason

_VERBS = {Remedy.RETURN: "退", Remedy.EXCHANGE: "换", Remedy.REPAIR: "修"}


def never_mind(remedy: Remedy | None) -> Button:
    verb = _VERBS.get(remedy or Remedy.PARTIAL)
    return button(f"不{verb}了" if verb else "先不办了", "deny")


class Question(KefuAction):
    """A question about an item that has been chosen; ``ask`` puts it."""

    def chosen(self, turn: Turn) -> tuple[ReturnDraft, Order, OrderItem]:
        """Raises ``LookupError``."""
        draft = read_draft(turn.slots)
        order = self.shop.order(turn.viewer, draft.order_number or "")
        item = item_of(order, draft.item_id or "") if order else None
        if order is None or item is None:
            raise LookupError("the draft lacks what has been settled before")
        return draft, order, item


class AskOrder(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_order"

    def answer(self, turn: Turn, reply: Reply) -> None:
        remedy = read_draft(turn.slots).remedy
        orders = Eligibility(self.shop, turn, remedy).orders()
        page = turn.entity("page") or ""
        start = (int(page) - 1) * OFFERED if page.isdigit() and int(page) > 0 else 0
        shown = orders[start : start + OFFERED] or orders[:OFFERED]
        buttons = [
            button(order_title(each, turn.now), intent_of(remedy), order_number=each.order_number)
            for each in shown
        ]
        rest = orders.index(shown[-1]) + 1 < len(orders) if shown else False
        if rest:
            buttons.append(button("更多订单", "inform", page=str(start // OFFERED + 2)))
        more = "不在下面的话，请直接发订单号。" if len(orders) > OFFERED else ""
        verb = _VERBS.get(remedy or Remedy.PARTIAL)
        question = f"您想{verb}哪一笔订单？" if verb else "请问是哪一笔订单的商品？"
        ask(turn, reply, f"{question}{more}", [*buttons, never_mind(remedy)])


class AskItem(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_item"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        number = draft.order_number or ""
        order = self.shop.order(turn.viewer, number)
        items = Eligibility(self.shop, turn, draft.remedy).items(order) if order else []
        buttons = [
            button(
                shorten(f"{item.name} {item.variant}".strip(), 20),
                intent_of(draft.remedy),
                order_number=number,
                item_id=item.item_id,
                **({"return_kind": "repair"} if draft.remedy is Remedy.REPAIR else {}),
            )
            for item in items
        ]
        verb = _VERBS.get(draft.remedy or Remedy.PARTIAL)
        question = f"您想{verb}哪一件？" if verb else "是哪一件有问题？"
        ask(turn, reply, f"这笔订单里，{question}", [*buttons, never_mind(draft.remedy)])


class AskReason(Question):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_reason"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft, order, item = self.chosen(turn)
        reasons = Eligibility(self.shop, turn, draft.remedy).reasons(order, item)
        buttons = [
            button(reason_text(reason, draft.remedy), "inform", return_reason=reason.value)
            for reason in reasons
        ]
        verb = _VERBS.get(draft.remedy or Remedy.PARTIAL)
        name = f"「{shorten(item.name)}」"
        if verb is None:
            text = f"很抱歉。{name}是哪种情况？"
        elif ReturnReason.NO_REASON in reasons:
            text = f"{name}是什么原因要{verb}呢？也可以直接打字告诉我。"
        else:
            # A bare 「为什么」 then asks for the rule.
            at_will = Eligibility(self.shop, turn, draft.remedy)
            reply.refused(at_will.verdict(order, item.item_id, ReturnReason.NO_REASON))
            word = word_of(draft.remedy)
            text = f"{name}现在不能无理由{word}，商品有问题才能{verb}。请问是哪种情况？"
        ask(turn, reply, text, [*buttons, never_mind(draft.remedy)])


class AskRemedy(Question):
    """What shall be done about a fault."""

    action_name: ClassVar[str] = f"action_ask_{FORM}_return_kind"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft, order, item = self.chosen(turn)
        if draft.reason is None:
            raise LookupError("the draft lacks what has been settled before")
        offered = offered_remedies(self, turn, order, item, draft.reason)
        buttons = [button(title_of(each), "inform", return_kind=each.value) for each in offered]
        ask(
            turn,
            reply,
            f"非常抱歉，「{shorten(item.name)}」给您添麻烦了。您希望怎么处理？",
            [*buttons, never_mind(None)],
        )


class AskWanted(Question):
    """Which colour or size to have instead."""

    action_name: ClassVar[str] = f"action_ask_{FORM}_return_wanted"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft, _, item = self.chosen(turn)
        options = variants(self.shop, turn, item)
        buttons = [button(each, "inform", return_wanted=each) for each in options]
        text = f"您收到的是「{item.variant}」，想换成哪一种？也可以直接打字告诉我。"
        if is_sold_out(self.shop, turn, item):
            text = (
                f"「{shorten(item.name)}」目前没有库存，换货可能要等补货；不想等的话可以改成退货。"
                f"您收到的是「{item.variant}」，想换成哪一种？"
            )
            buttons.append(button("改成退货", "inform", return_kind=Remedy.RETURN.value))
        ask(turn, reply, text, [*buttons, never_mind(draft.remedy)])


class AskNote(Question):
    """What exactly is wrong, with the hint to keep what proves it."""

    action_name: ClassVar[str] = f"action_ask_{FORM}_return_note"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft, _, _ = self.chosen(turn)
        text = (
            "请描述一下故障：什么现象、什么时候开始的？"
            if draft.remedy is Remedy.REPAIR
            else "请说说具体情况，比如哪里坏了、少了什么，审核会快一些。"
        )
        keep = "请拍好照片并保留，审核时可能要用。"
        ask(
            turn,
            reply,
            f"{text}{keep}",
            [button("没有要补充的", "inform", return_note="none"), never_mind(draft.remedy)],
        )


class AskConfirmation(Question):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft, order, item = self.chosen(turn)
        if draft.remedy is None or draft.reason is None:
            raise LookupError("the draft lacks what has been settled before")
        lines = [
            "请您核对：",
            f"商品：{item.name}（{item.variant}）×{item.quantity}",
            f"{'问题' if draft.at_fault else '原因'}：{reason_line(draft)}",
            *self.terms(turn, draft, order, item),
        ]
        word = draft.remedy.word
        ends = "确认登记吗？" if draft.remedy.kind is None else f"确认提交{word}申请吗？"
        ask(
            turn,
            reply,
            "\n".join([*lines, ends]),
            [
                button("确认提交", "affirm", item_id=item.item_id),
                *self.corrections(draft),
                never_mind(draft.remedy),
            ],
        )

    def terms(self, turn: Turn, draft: ReturnDraft, order: Order, item: OrderItem) -> list[str]:
        """What it will bring and cost."""
        remedy = draft.remedy
        assert remedy is not None
        assert draft.reason is not None
        if remedy.kind is None:
            return [f"处理方式：{title_of(remedy)}", pictures(self.services, turn)]
        lines: list[str] = []
        if remedy is Remedy.RETURN:
            lines.append(f"预计退款：{wording.yuan(rules.refund_amount(order, item.item_id))}")
        if remedy is Remedy.EXCHANGE:
            lines.append(f"换成：{draft.wanted or f'同款（{item.variant}）'}")
        policy = self.services.profiles[turn.claims.profile].policies
        payer = freight_rules.freight_payer(order, draft.reason, remedy.kind, policy)
        lines.append(f"运费：{freight_rules.freight_sentence(payer)}")
        condition = Eligibility(self.shop, turn, remedy).verdict(order, item.item_id, draft.reason)
        if condition.code == "ok_unopened":
            limits = condition.sentence.removeprefix(f"可以申请{remedy.word}，")
            lines.append(f"请注意：{limits}")
        return lines

    @staticmethod
    def corrections(draft: ReturnDraft) -> list[Button]:
        if draft.remedy is Remedy.REPAIR:
            return []
        word = word_of(draft.remedy) if draft.remedy and draft.remedy.kind else ""
        title = f"改{word}原因"
        return [button(title, "inform", return_reason=ANOTHER_REASON)]


def reason_line(draft: ReturnDraft) -> str:
    assert draft.reason is not None
    text, note = reason_text(draft.reason, draft.remedy), draft.note or ""
    return text if note in text else f"{text}（{shorten(note, 30)}）"
