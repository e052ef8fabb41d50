"""The bundled shop behind ``ShopGateway``: one SQL database (SQLite, PostgreSQL, MySQL)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text

from kefu.shop import guest, operations, queries
from kefu.shop.model import (
    Account,
    GuestCheck,
    Operation,
    Order,
    OrderPage,
    OrderState,
    Payment,
    Refund,
    Return,
    TurnRef,
    Viewer,
)
from kefu.shop.sql_accounts import SqlAccounts
from kefu.shop.sql_after_sale import SqlAfterSale
from kefu.shop.sql_catalogue import SqlCatalogue
from kefu.shop.sql_charges import SqlCharges
from kefu.shop.sql_order_changes import SqlOrderChanges


class SqlGateway(SqlOrderChanges, SqlCharges, SqlAfterSale, SqlAccounts, SqlCatalogue):
    """A ``ShopGateway`` on SQLAlchemy. Connects when first asked; ``close`` when done."""

    def ping(self) -> None:
        with self._reading() as session:
            session.execute(text("SELECT 1"))

    def account(self, viewer: Viewer) -> Account | None:
        with self._reading() as session:
            return queries.find_account(session, viewer)

    def orders(
        self,
        viewer: Viewer,
        *,
        states: Collection[OrderState] | None = None,
        limit: int = 5,
        offset: int = 0,
    ) -> OrderPage:
        with self._reading() as session:
            return queries.list_orders(session, viewer, states, limit, offset)

    def order(self, viewer: Viewer, order_number: str) -> Order | None:
        with self._reading() as session:
            return queries.find_order(session, viewer, order_number)

    def failed_payments(self, viewer: Viewer, limit: int = 5) -> tuple[Payment, ...]:
        with self._reading() as session:
            return queries.list_failed_payments(session, viewer, limit)

    def returns(self, viewer: Viewer, limit: int = 5) -> tuple[Return, ...]:
        with self._reading() as session:
            return queries.list_returns(session, viewer, limit)

    def refunds(self, viewer: Viewer, limit: int = 5) -> tuple[Refund, ...]:
        with self._reading() as session:
            return queries.list_refunds(session, viewer, limit)

    def check_guest(
        self, profile: str, order_number: str, phone_tail: str, turn: TurnRef
    ) -> GuestCheck:
        return self._write(
            lambda session: guest.check_guest(session, profile, order_number, phone_tail, turn)
        )

    def operation(self, turn: TurnRef, name: str, target: str) -> Operation | None:
        with self._reading() as session:
            return operations.find_operation(session, turn.turn_id, name, target)

    def operations(self, turn_id: str) -> tuple[Operation, ...]:
        with self._reading() as session:
            return operations.list_operations(session, turn_id)
