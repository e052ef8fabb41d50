"""A return application that is being filled in, and what a message adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions.turn import Turn
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderItem, OrderState, ReturnReason, Verdict
from kefu.shop.rules import Category

FORM = "return_form"
RETURNABLE = (OrderState.SIGNED, OrderState.COMPLETED)
NOTE_LENGTH = 200
OPERATION = "request_return"
ANOTHER_REASON = "another"
_SIZED = (Category.CLOTHING, Category.SHOES, Category.UNDERWEAR)


@dataclass(frozen=True, slots=True)
class ReturnDraft:
    """What has been chosen so far."""

    order_number: str | None = None
    item_id: str | None = None
    reason: ReturnReason | None = None
    note: str = ""

    @property
    def target(self) -> str:
        """The target of the operation that the application ends in."""
        return f"{self.order_number}/{self.item_id}"

    def for_order(self, order_number: str) -> ReturnDraft:
        """Another order: the item must be chosen anew, and the reason with it."""
        if order_number == self.order_number:
            return self
        return replace(self._without_item(), order_number=order_number)

    def for_item(self, item_id: str) -> ReturnDraft:
        return self if item_id == self.item_id else replace(self._without_item(), item_id=item_id)

    def _without_item(self) -> ReturnDraft:
        """A reason told before any item was chosen belongs to what is being chosen."""
        return self if self.item_id is None else ReturnDraft(self.order_number)

    def as_slots(self) -> dict[str, object]:
        return {
            "return_order": self.order_number,
            "return_item": self.item_id,
            "return_reason": self.reason.value if self.reason else None,
            "return_note": self.note or None,
        }


EMPTY_SLOTS: dict[str, object] = {
    **ReturnDraft().as_slots(),
    "return_confirmed": None,
    "return_outcome": None,
    "form_lead": None,
}


def read_draft(slots: Mapping[str, Any]) -> ReturnDraft:
    reason = slots.get("return_reason")
    return ReturnDraft(
        order_number=slots.get("return_order"),
        item_id=slots.get("return_item"),
        reason=ReturnReason(reason) if reason else None,
        note=slots.get("return_note") or "",
    )


def with_reason(draft: ReturnDraft, reason: ReturnReason, text: str) -> ReturnDraft:
    return replace(draft, reason=reason, note=text[:NOTE_LENGTH])


def item_of(order: Order, item_id: str) -> OrderItem | None:
    return next((item for item in order.items if item.item_id == item_id), None)


class Eligibility:
    """What may be returned in this turn. What the turn has already done stays allowed."""

    def __init__(self, shop: ShopGateway, turn: Turn) -> None:
        self.shop = shop
        self.turn = turn

    def verdict(self, order: Order, item_id: str, reason: ReturnReason | None) -> Verdict:
        """The shop's word on the item; with a reason, faults of the shop count as such."""
        target = f"{order.order_number}/{item_id}"
        if self.shop.operation(self.turn.ref, OPERATION, target):
            return Verdict(True)
        viewer, now = self.turn.viewer, self.turn.now
        return self.shop.return_verdict(viewer, order, item_id, now, reason)

    def reasons(self, order: Order, item: OrderItem) -> list[ReturnReason]:
        """The reasons that are worth offering for the item."""
        return [
            reason
            for reason in ReturnReason
            if (reason is not ReturnReason.WRONG_SIZE or item.category in _SIZED)
            and self.verdict(order, item.item_id, reason).allowed
        ]

    def may_apply(self, order: Order, item: OrderItem) -> bool:
        """Whether there is any reason for which the item might be returned."""
        verdict = self.verdict(order, item.item_id, None)
        if verdict.allowed:
            return True
        if verdict.code != "category_excluded":
            return False
        return self.verdict(order, item.item_id, ReturnReason.DAMAGED).allowed

    def offers_return(self, order: Order) -> bool:
        """Whether to offer a return of the order: it was received and something may go back."""
        return order.state in RETURNABLE and bool(self.items(order))

    def items(self, order: Order) -> list[OrderItem]:
        return [item for item in order.items if self.may_apply(order, item)]

    def orders(self, limit: int = 50) -> list[Order]:
        """The shopper's orders with anything to return, newest first."""
        found = self.shop.orders(self.turn.viewer, states=RETURNABLE, limit=limit).orders
        return [order for order in found if self.items(order)]
