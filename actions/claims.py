"""Goods that came damaged, wrong or incomplete: what may be done about it, beside an RMA."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.choose import remember_order
from actions.remedies import Remedy, reason_text, remedy_in
from actions.reply import Reply
from actions.return_draft import NOTE_LENGTH, Eligibility, ReturnDraft, is_quick
from actions.return_reasons import is_question, reason_in
from actions.return_start import StartApplication
from actions.turn import Turn
from kefu.shop.model import Order, OrderItem, ReturnReason
from kefu.shop.rules import QUALITY_REASONS

WORDS_THAT_TELL = 6
_WISHES = {
    Remedy.RESEND: "顾客希望补发",
    Remedy.PARTIAL: "顾客希望留下商品、退还部分货款",
}


class QualityProblem(StartApplication):
    """Something is wrong with the goods: which, what, and what shall be done."""

    action_name: ClassVar[str] = "action_quality_problem"
    reasons: ClassVar[frozenset[ReturnReason]] = QUALITY_REASONS
    otherwise: ClassVar[ReturnReason | None] = ReturnReason.DAMAGED

    def draft(self, turn: Turn) -> ReturnDraft:
        told = reason_in(turn.text) if turn.text else None
        reason = told if told in self.reasons else self.otherwise
        tells = told in self.reasons and len(turn.text) >= WORDS_THAT_TELL
        note = turn.own_words[:NOTE_LENGTH] if tells and not is_question(turn.text) else None
        return ReturnDraft(reason=reason, remedy=remedy_in(turn.text), note=note)


class WrongOrMissingItem(QualityProblem):
    """Which of the two it is has to be asked where the words do not tell."""

    action_name: ClassVar[str] = "action_wrong_or_missing_item"
    otherwise: ClassVar[ReturnReason | None] = None


def offered_remedies(
    action: KefuAction, turn: Turn, order: Order, item: OrderItem, reason: ReturnReason
) -> list[Remedy]:
    """What may be done about the fault; soon after signing also to keep the goods for less."""
    found = Eligibility(action.shop, turn, None).remedies(order, item, reason)
    policy = action.services.profiles[turn.claims.profile].policies
    if found and is_quick(order, turn, policy):
        found.append(Remedy.PARTIAL)
    return found


def open_claim(turn: Turn, reply: Reply, draft: ReturnDraft, order: Order, item: OrderItem) -> None:
    """A ticket for what no RMA can do; the desk tells its number and until when."""
    assert draft.remedy is not None
    assert draft.reason is not None
    lines = (
        f"{_WISHES[draft.remedy]}。",
        f"商品：{item.name}（{item.variant}）×{item.quantity}，商品编号 {item.item_id}",
        f"问题：{reason_text(draft.reason, draft.remedy)}",
        f"说明：{draft.note or '未补充'}",
    )
    reply.command(
        "ticket",
        kind="service",
        subject=f"{draft.remedy.word}：{item.name}",
        details="\n".join(lines),
        order_number=order.order_number,
    )
    remember_order(reply, turn, order.order_number)
    reply.say(
        "好的，已经登记，核实后会告诉您处理结果。请先保留好商品、外包装和照片，核实时可能要用。"
    )
