"""The questions of the return form, each with buttons for its answers."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import order_title, shorten
from actions.choose import OFFERED
from actions.forms import ask
from actions.reply import Reply, button
from actions.return_draft import ANOTHER_REASON, FORM, Eligibility, ReturnDraft, item_of, read_draft
from actions.turn import Turn
from kefu.shop import rules, wording
from kefu.shop.model import ReturnReason

NEVER_MIND = button("不退了", "deny")


class AskOrder(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_order"

    def answer(self, turn: Turn, reply: Reply) -> None:
        orders = Eligibility(self.shop, turn).orders()
        buttons = [
            button(order_title(each, turn.now), "return_request", order_number=each.order_number)
            for each in orders[:OFFERED]
        ]
        more = "不在下面的话，请直接发订单号。" if len(orders) > OFFERED else ""
        ask(turn, reply, f"您想退哪一笔订单？{more}", [*buttons, NEVER_MIND])


class AskItem(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_item"

    def answer(self, turn: Turn, reply: Reply) -> None:
        number = read_draft(turn.slots).order_number or ""
        order = self.shop.order(turn.viewer, number)
        items = Eligibility(self.shop, turn).items(order) if order else []
        buttons = [
            button(
                shorten(f"{item.name} {item.variant}".strip(), 20),
                "return_request",
                order_number=number,
                item_id=item.item_id,
            )
            for item in items
        ]
        ask(turn, reply, "这笔订单里，您想退哪一件？", [*buttons, NEVER_MIND])


class AskReason(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_reason"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        order = self.shop.order(turn.viewer, draft.order_number or "")
        item = item_of(order, draft.item_id or "") if order else None
        if order is None or item is None:
            raise LookupError("the draft lacks what has been settled before")
        reasons = Eligibility(self.shop, turn).reasons(order, item)
        buttons = [
            button(wording.return_reason_text(reason), "inform", return_reason=reason.value)
            for reason in reasons
        ]
        name = shorten(item.name)
        if ReturnReason.NO_REASON in reasons:
            text = f"「{name}」是什么原因要退呢？也可以直接打字告诉我。"
        else:
            text = f"「{name}」不支持无理由退货，商品有问题才能退。请问是哪种情况？"
        ask(turn, reply, text, [*buttons, NEVER_MIND])


class AskConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_return_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        order = self.shop.order(turn.viewer, draft.order_number or "")
        item = item_of(order, draft.item_id or "") if order else None
        if order is None or item is None or draft.reason is None:
            raise LookupError("the draft lacks what has been settled before")
        condition = Eligibility(self.shop, turn).verdict(order, item.item_id, draft.reason)
        limits = (
            f"\n请注意：{condition.sentence.removeprefix('可以申请退货，')}"
            if condition.code == "ok_unopened"
            else ""
        )
        amount = wording.yuan(rules.refund_amount(order, item.item_id))
        ask(
            turn,
            reply,
            f"请您核对：\n商品：{item.name}（{item.variant}）×{item.quantity}\n"
            f"原因：{reason_line(draft)}\n预计退款：{amount}{limits}\n确认提交退货申请吗？",
            [
                button("确认提交", "affirm", item_id=item.item_id),
                button("改退货原因", "inform", return_reason=ANOTHER_REASON),
                NEVER_MIND,
            ],
        )


def reason_line(draft: ReturnDraft) -> str:
    assert draft.reason is not None
    text = wording.return_reason_text(draft.reason)
    return text if draft.note in text else f"{text}（{shorten(draft.note, 30)}）"
