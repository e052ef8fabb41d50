"""What can be asked of an order before and after it is shipped, on SQL."""

from __future__ import annotations

from datetime import date

from kefu.shop import installations, order_changes
from kefu.shop.changes import Cancellation, DayPart, Installation, OrderChange, Urge
from kefu.shop.model import Order, TurnRef, Viewer
from kefu.shop.sql_door import SqlDoor


class SqlOrderChanges(SqlDoor):
    """The ``OrderChanges`` of the bundled shop."""

    def urge_shipping(self, viewer: Viewer, turn: TurnRef, *, order_number: str) -> Urge:
        return self._write(
            lambda session: order_changes.urge_shipping(session, viewer, turn, order_number)
        )

    def change_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, change: OrderChange
    ) -> Order:
        return self._write(
            lambda session: order_changes.change_order(session, viewer, turn, order_number, change)
        )

    def cancel_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, reason: str
    ) -> Cancellation:
        return self._write(
            lambda session: order_changes.cancel_order(session, viewer, turn, order_number, reason)
        )

    def installations(self, viewer: Viewer, order_number: str) -> tuple[Installation, ...]:
        with self._reading() as session:
            return installations.list_installations(session, viewer, order_number)

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
        visit = installations.Visit(order_number, item_id, day, part)
        return self._write(
            lambda session: installations.book_installation(session, viewer, turn, visit)
        )

    def cancel_installation(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Installation:
        return self._write(
            lambda session: installations.cancel_installation(
                session, viewer, turn, order_number, item_id
            )
        )
