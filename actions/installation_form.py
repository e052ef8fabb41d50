"""The form for a visit at home: which goods, which day, which part of it; or calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from actions.base import KefuAction
from actions.choose import remember_order
from actions.forms import ask, lead_in, says_yes
from actions.installation import (
    BOOK,
    CANCEL,
    FORM,
    OFFERED,
    PREFIX,
    SLOTS,
    Goods,
    book_button,
    goods_in,
    goods_meant,
    today_of,
    wish_of,
)
from actions.reply import PERSON, Reply, button
from actions.short_form import ShortFormDone, ValidateShortForm
from actions.turn import Turn
from actions.visit_days import PARTS, day_title, told_day, told_part, visit_text
from kefu.shop import order_rules
from kefu.shop.changes import DayPart

NEVER_MIND = button("先不约了", "deny")
NO_DAY = "-"
"""Day and part of a visit that is called off: nothing to ask."""


@dataclass(frozen=True, slots=True)
class VisitDraft:
    """What has been chosen so far."""

    item_id: str | None
    action: str
    day: str | None
    part: str | None

    @property
    def slots(self) -> dict[str, object]:
        return dict(zip(SLOTS, (self.item_id, self.action, self.day, self.part), strict=True))


def read_draft(turn: Turn) -> VisitDraft:
    item, action, day, part = (turn.text_slot(slot) for slot in SLOTS)
    return VisitDraft(item, action or BOOK, day, part)


def chosen_goods(action: KefuAction, turn: Turn) -> Goods:
    """Raises ``LookupError``."""
    item_id = turn.text_slot("visit_item")
    for goods in goods_in(action.shop, turn):
        if goods.item.item_id == item_id:
            return goods
    raise LookupError("the visit lacks its goods")


class ValidateVisitForm(ValidateShortForm):
    action_name: ClassVar[str] = f"validate_{FORM}"
    form: ClassVar[str] = FORM
    prefix: ClassVar[str] = PREFIX
    farewell: ClassVar[str] = "好的，这次先不约。需要安装时随时找我。"

    def answer(self, turn: Turn, reply: Reply) -> None:
        # 「不装了」 is what is asked for where a visit is called off, and no change of mind.
        cancels = turn.text_slot("visit_action") == CANCEL and wish_of(turn) == CANCEL
        if turn.requested_slot == "visit_confirmed" and cancels and turn.intent != "deny":
            reply.remember("visit_confirmed", "yes")
            return
        super().answer(turn, reply)

    def take(self, turn: Turn, reply: Reply) -> bool:
        before = read_draft(turn)
        goods = self.goods(turn, before)
        action = self.action_of(turn, before)
        day, part = self.time(turn, before, action)
        after = VisitDraft(goods.item.item_id if goods else None, action, day, part)
        confirmed = after == before and self.confirms(turn)
        if turn.requested_slot is not None and after == before and not confirmed:
            return False
        if goods and not self.is_possible(turn, reply, goods, after):
            after = VisitDraft(after.item_id, action, None, part)
            if self.ended(reply):
                return True
        reply.remember_all(after.slots)
        complete = all(after.slots.values())
        reply.remember("visit_confirmed", "yes" if confirmed and complete else None)
        return True

    def goods(self, turn: Turn, before: VisitDraft) -> Goods | None:
        candidates = goods_in(self.shop, turn)
        if before.action == CANCEL:
            candidates = [each for each in candidates if each.visit] or candidates
        kept = next((one for one in candidates if one.item.item_id == before.item_id), None)
        asked = turn.requested_slot == "visit_item" or turn.entity("item_id")
        meant = goods_meant(turn, candidates) if asked or kept is None else None
        return meant or kept

    @staticmethod
    def action_of(turn: Turn, before: VisitDraft) -> str:
        """A day named instead of calling off moves the visit."""
        wish = wish_of(turn) if turn.requested_slot else None
        return wish or before.action

    @staticmethod
    def time(turn: Turn, before: VisitDraft, action: str) -> tuple[str | None, str | None]:
        if action == CANCEL:
            return NO_DAY, NO_DAY
        pressed_day, pressed_part = turn.entity("visit_day"), turn.entity("visit_part")
        day = told_day(turn.text, today_of(turn)) if turn.text else None
        part = told_part(turn.text) if turn.text else None
        kept_day = before.day if before.day != NO_DAY else None
        kept_part = before.part if before.part != NO_DAY else None
        told_part_ = part.value if part else pressed_part
        return (
            day.isoformat() if day else (pressed_day or kept_day),
            told_part_ if told_part_ in set(DayPart) else kept_part,
        )

    def is_possible(self, turn: Turn, reply: Reply, goods: Goods, draft: VisitDraft) -> bool:
        """Whether the shop lets it be done; a wrong day is asked anew, all else ends the form."""
        today = today_of(turn)
        if draft.action == CANCEL:
            verdict = order_rules.visit_cancel_verdict(goods.visit, today)
        else:
            day = date.fromisoformat(draft.day) if draft.day else today + timedelta(days=1)
            verdict = order_rules.installation_verdict(
                goods.order, goods.item.item_id, day, today, installable=True, booked=goods.visit
            )
        operation = "book_installation" if draft.action == BOOK else "cancel_installation"
        target = f"{goods.order.order_number}/{goods.item.item_id}"
        if verdict.allowed or self.shop.operation(turn.ref, operation, target):
            return True
        reply.refused(verdict)
        if verdict.code == "bad_day":
            lead_in(reply, f"{verdict.sentence}\n")
        else:
            reply.say(verdict.sentence, [PERSON])
            self.finish(reply)
        return False

    @staticmethod
    def ended(reply: Reply) -> bool:
        return any(each.get("name") == "visit_outcome" for each in reply.events)

    @staticmethod
    def confirms(turn: Turn) -> bool:
        if turn.requested_slot != "visit_confirmed" or not says_yes(turn, "取消"):
            return False
        shown = (turn.entity("item_id"), turn.entity("visit_day"))
        return shown in ((None, None), (turn.text_slot("visit_item"), turn.text_slot("visit_day")))


class AskVisitItem(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_visit_item"

    def answer(self, turn: Turn, reply: Reply) -> None:
        goods = goods_in(self.shop, turn)
        if turn.text_slot("visit_action") == CANCEL:
            goods = [each for each in goods if each.visit] or goods
        buttons = [
            button(each.title, "inform", item_id=each.item.item_id) for each in goods[:OFFERED]
        ]
        ask(turn, reply, "请问是哪一件商品的安装？", [*buttons, NEVER_MIND])


class AskVisitDay(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_visit_day"

    def answer(self, turn: Turn, reply: Reply) -> None:
        today = today_of(turn)
        goods = chosen_goods(self, turn)
        days = [today + timedelta(days=ahead) for ahead in range(1, 6)]
        buttons = [
            button(day_title(day, today), "inform", visit_day=day.isoformat()) for day in days
        ]
        last = today + timedelta(days=order_rules.INSTALL_WITHIN)
        text = (
            f"「{goods.item.name}」想约哪一天上门？最晚可以约到{last.month}月{last.day}日，"
            "其他日期请直接发给我。"
        )
        if goods.visit:
            now = visit_text(goods.visit.day, goods.visit.part, today)
            text = f"「{goods.item.name}」现在约在{now}，想改到哪一天？也可以直接发日期给我。"
        ask(turn, reply, text, [*buttons, NEVER_MIND])


class AskVisitPart(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_visit_part"

    def answer(self, turn: Turn, reply: Reply) -> None:
        day = date.fromisoformat(turn.text_slot("visit_day") or "")
        buttons = [button(name, "inform", visit_part=part.value) for part, name in PARTS.items()]
        title = day_title(day, today_of(turn))
        ask(turn, reply, f"{title}，您哪个时段在家？", [*buttons, NEVER_MIND])


class AskVisitConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_visit_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        goods, draft = chosen_goods(self, turn), read_draft(turn)
        today = today_of(turn)
        item_id = goods.item.item_id
        yes = button("确认", "affirm", item_id=item_id, visit_day=draft.day or NO_DAY)
        if draft.action == CANCEL:
            assert goods.visit is not None
            when = visit_text(goods.visit.day, goods.visit.part, today)
            text = f"确认取消「{goods.item.name}」在{when}的上门安装吗？"
            ask(turn, reply, text, [yes, button("保留预约", "deny")])
            return
        when = visit_text(date.fromisoformat(draft.day or ""), DayPart(draft.part or ""), today)
        moved = "改到" if goods.visit else "约在"
        text = (
            f"请您核对：\n商品：{goods.item.name}（{goods.item.variant}）\n"
            f"上门时间：{moved}{when}\n地址：{goods.order.address_masked}\n确认吗？"
        )
        ask(turn, reply, text, [yes, NEVER_MIND])


class VisitDone(ShortFormDone):
    action_name: ClassVar[str] = "action_visit_done"
    prefix: ClassVar[str] = PREFIX
    slots: ClassVar[tuple[str, ...]] = SLOTS

    def carry_out(self, turn: Turn, reply: Reply) -> None:
        goods, draft = chosen_goods(self, turn), read_draft(turn)
        number, item_id = goods.order.order_number, goods.item.item_id
        remember_order(reply, turn, number)
        if draft.action == CANCEL:
            self.shop.cancel_installation(
                turn.viewer, turn.ref, order_number=number, item_id=item_id
            )
            reply.say(
                f"「{goods.item.name}」的上门安装已取消，需要时可以重新预约。", [book_button()]
            )
            return
        made = self.shop.book_installation(
            turn.viewer,
            turn.ref,
            order_number=number,
            item_id=item_id,
            day=date.fromisoformat(draft.day or ""),
            part=DayPart(draft.part or ""),
        )
        when = visit_text(made.day, made.part, today_of(turn))
        reply.say(
            f"约好了：{when}上门安装「{goods.item.name}」，预约号{made.booking_id}。"
            "师傅上门前一般会先打电话，请保持畅通；要改时间，随时告诉我。",
            [book_button("改时间", item_id=item_id)],
        )

    def request(self, turn: Turn) -> tuple[str, str]:
        draft = read_draft(turn)
        if draft.action == CANCEL:
            return "取消上门安装", f"商品编号 {draft.item_id}，顾客要求取消上门安装。"
        part = PARTS[DayPart(draft.part or "")]
        return "预约上门安装", f"商品编号 {draft.item_id}，希望 {draft.day} {part}上门安装。"
