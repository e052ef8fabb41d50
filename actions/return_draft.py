"""An after-sale application that is being filled in, and what may be applied for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from actions.remedies import CLAIM_REASONS, REASONS, RMA_REMEDIES, Remedy
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderItem, OrderState, ReturnReason, Verdict
from kefu.shop.policy import ShopPolicy
from kefu.shop.return_rules import FAULT_MAY_HELP
from kefu.shop.rules import QUALITY_REASONS, Category

FORM = "return_form"
RETURNABLE = (OrderState.SIGNED, OrderState.COMPLETED)
NOTE_LENGTH = 200
OPERATION = "request_return"
ANOTHER_REASON = "another"
_SIZED = (Category.CLOTHING, Category.SHOES, Category.UNDERWEAR)
_LACKING = (ReturnReason.MISSING_PARTS, ReturnReason.WRONG_ITEM)


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """What has been chosen so far; ``None`` is still to be asked, an empty text was answered.

    Without a ``remedy`` it is a claim: something is wrong, and what shall be done comes last.
    """

    order_number: str | None = None
    item_id: str | None = None
    reason: ReturnReason | None = None
    remedy: Remedy | None = None
    wanted: str | None = None
    note: str | None = None

    @property
    def target(self) -> str:
        """The target of the operation that the application ends in."""
        return f"{self.order_number}/{self.item_id}"

    @property
    def at_fault(self) -> bool:
        return self.reason in QUALITY_REASONS

    @property
    def complete(self) -> bool:
        """Whether nothing is left but the confirmation."""
        parts = (self.order_number, self.item_id, self.reason, self.remedy, self.wanted, self.note)
        return all(part is not None for part in parts)

    def for_order(self, order_number: str) -> ReturnDraft:
        """Another order: the item must be chosen anew, and the reason with it."""
        if order_number == self.order_number:
            return self
        return replace(self._without_item(), order_number=order_number)

    def for_item(self, item_id: str) -> ReturnDraft:
        return self if item_id == self.item_id else replace(self._without_item(), item_id=item_id)

    def for_remedy(self, remedy: Remedy) -> ReturnDraft:
        """Another remedy: what was wanted of the former one counts no more."""
        if remedy is self.remedy:
            return self
        reason = ReturnReason.DAMAGED if remedy is Remedy.REPAIR else self.reason
        return replace(self, remedy=remedy, reason=reason, wanted=None)

    def without_reason(self) -> ReturnDraft:
        return replace(self, reason=None, note=None)

    def _without_item(self) -> ReturnDraft:
        """A reason told before any item was chosen belongs to what is being chosen."""
        if self.item_id is None:
            return self
        fresh = ReturnDraft(self.order_number, remedy=self.remedy)
        return fresh if self.remedy is not Remedy.REPAIR else replace(fresh, reason=self.reason)

    def as_slots(self) -> dict[str, object]:
        return {
            "return_order": self.order_number,
            "return_item": self.item_id,
            "return_reason": self.reason.value if self.reason else None,
            "return_kind": self.remedy.value if self.remedy else None,
            "return_wanted": self.wanted,
            "return_note": self.note,
        }


EMPTY_SLOTS: dict[str, object] = {
    **ReturnDraft().as_slots(),
    "return_confirmed": None,
    "return_outcome": None,
    "form_lead": None,
}


def read_draft(slots: Mapping[str, Any]) -> ReturnDraft:
    reason, remedy = slots.get("return_reason"), slots.get("return_kind")
    return ReturnDraft(
        order_number=slots.get("return_order"),
        item_id=slots.get("return_item"),
        reason=ReturnReason(reason) if reason else None,
        remedy=Remedy(remedy) if remedy else None,
        wanted=slots.get("return_wanted"),
        note=slots.get("return_note"),
    )


def with_reason(draft: ReturnDraft, reason: ReturnReason, text: str) -> ReturnDraft:
    """The reason, with the shopper's own words for it where there are any."""
    return replace(draft, reason=reason, note=text[:NOTE_LENGTH] or draft.note)


def item_of(order: Order, item_id: str) -> OrderItem | None:
    return next((item for item in order.items if item.item_id == item_id), None)


class Eligibility:
    """What may be applied for in this turn. What the turn has already done stays allowed.

    ``remedy``: what shall be done; ``None`` is a claim, which any RMA for a fault would settle.
    """

    def __init__(
        self, shop: ShopGateway, turn: Turn, remedy: Remedy | None = Remedy.RETURN
    ) -> None:
        self.shop = shop
        self.turn = turn
        self.remedy = remedy

    def verdict(self, order: Order, item_id: str, reason: ReturnReason | None) -> Verdict:
        """The shop's word on the item; with a reason, faults of the shop count as such."""
        target = f"{order.order_number}/{item_id}"
        if self.shop.operation(self.turn.ref, OPERATION, target):
            return Verdict(True)
        if self.remedy is None:
            reason = reason or ReturnReason.DAMAGED
        verdicts = [self._judge(order, item_id, reason, each) for each in self._remedies()]
        return next((each for each in verdicts if each.allowed), verdicts[0])

    def _remedies(self) -> Sequence[Remedy]:
        """By which of them it is decided."""
        if self.remedy is None:
            return RMA_REMEDIES
        return (self.remedy,) if self.remedy.kind else (Remedy.RETURN, Remedy.EXCHANGE)

    def _judge(
        self, order: Order, item_id: str, reason: ReturnReason | None, remedy: Remedy
    ) -> Verdict:
        viewer, now = self.turn.viewer, self.turn.now
        assert remedy.kind is not None
        return self.shop.return_verdict(viewer, order, item_id, now, reason, kind=remedy.kind)

    def reasons(self, order: Order, item: OrderItem) -> list[ReturnReason]:
        """The reasons that are worth offering for the item."""
        known = REASONS.get(self.remedy, CLAIM_REASONS) if self.remedy else CLAIM_REASONS
        return [
            reason
            for reason in known
            if (reason is not ReturnReason.WRONG_SIZE or item.category in _SIZED)
            and self.verdict(order, item.item_id, reason).allowed
        ]

    def remedies(self, order: Order, item: OrderItem, reason: ReturnReason) -> list[Remedy]:
        """What may be done about a fault of the item."""
        found = [
            each
            for each in RMA_REMEDIES
            if (each is not Remedy.REPAIR or reason is ReturnReason.DAMAGED)
            and self._judge(order, item.item_id, reason, each).allowed
        ]
        if reason in _LACKING and found:
            found.insert(0, Remedy.RESEND)
        return found

    def may_apply(self, order: Order, item: OrderItem) -> bool:
        """Whether there is any reason for which the item might be applied for."""
        verdict = self.verdict(order, item.item_id, None)
        if verdict.allowed:
            return True
        if verdict.code not in FAULT_MAY_HELP:
            return False
        return self.verdict(order, item.item_id, ReturnReason.DAMAGED).allowed

    def offers_return(self, order: Order) -> bool:
        """Whether to offer a return of the order: it was received and something may go back."""
        return order.state in RETURNABLE and bool(self.items(order))

    def items(self, order: Order) -> list[OrderItem]:
        return [item for item in order.items if self.may_apply(order, item)]

    def orders(self, limit: int = 50) -> list[Order]:
        """The shopper's orders with anything to apply for, newest first."""
        found = self.shop.orders(self.turn.viewer, states=RETURNABLE, limit=limit).orders
        return [order for order in found if self.items(order)]


def is_quick(order: Order, turn: Turn, policy: ShopPolicy) -> bool:
    """Whether it is so soon after signing that a fault is settled without the goods going back."""
    if order.signed_at is None:
        return False
    return turn.now - order.signed_at <= timedelta(hours=policy.quick_claim_hours)
