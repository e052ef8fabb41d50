"""What can be asked of an order before and after it is shipped, over HTTP."""

from __future__ import annotations

from datetime import date

from kefu.shop.changes import Cancellation, DayPart, Installation, OrderChange, Urge
from kefu.shop.http_door import HttpDoor
from kefu.shop.http_requests import (
    BookInstallation,
    CancelInstallation,
    CancelOrder,
    ChangeOrder,
    UrgeShipping,
)
from kefu.shop.model import Order, TurnRef, Viewer


class HttpOrderChanges(HttpDoor):
    """The ``OrderChanges`` of a shop behind HTTP."""

    def urge_shipping(self, viewer: Viewer, turn: TurnRef, *, order_number: str) -> Urge:
        return self._operate(viewer, UrgeShipping(turn=turn, order_number=order_number))

    def change_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, change: OrderChange
    ) -> Order:
        asked = ChangeOrder(turn=turn, order_number=order_number, change=change)
        return self._operate(viewer, asked)

    def cancel_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, reason: str
    ) -> Cancellation:
        asked = CancelOrder(turn=turn, order_number=order_number, reason=reason)
        return self._operate(viewer, asked)

    def installations(self, viewer: Viewer, order_number: str) -> tuple[Installation, ...]:
        return self._list(Installation, viewer, "orders", order_number, "installations")

    def book_installation(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        day: date,
        part: DayPart,
    ) -> Installation:
        asked = BookInstallation(
            turn=turn, order_number=order_number, item_id=item_id, day=day, part=part
        )
        return self._operate(viewer, asked)

    def cancel_installation(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Installation:
        asked = CancelInstallation(turn=turn, order_number=order_number, item_id=item_id)
        return self._operate(viewer, asked)
