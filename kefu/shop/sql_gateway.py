"""The bundled shop behind ``ShopGateway``: one SQL database (SQLite, PostgreSQL, MySQL)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from kefu.shop import guest, operations, queries, returns, rules
from kefu.shop.connection import PATIENCE, answering, open_engine
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
    ReturnReason,
    TurnRef,
    Verdict,
    Viewer,
)

Result = TypeVar("Result")
_DEADLOCKS = {"40P01", "40001", 1213}
"""SQLSTATE (PostgreSQL) or error number (MySQL) of a transaction that lost to another."""


class SqlGateway:
    """A ``ShopGateway`` on SQLAlchemy. Connects when first asked; ``close`` when done."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._reads = open_engine(url, patience=patience)
        self._writes = self._reads.execution_options(writes=True)

    def close(self) -> None:
        self._reads.dispose()

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

    def return_verdict(
        self,
        viewer: Viewer,
        order: Order,
        item_id: str,
        now: datetime,
        reason: ReturnReason | None = None,
    ) -> Verdict:
        return rules.return_verdict(order, item_id, now, reason)

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

    def request_return(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        reason: ReturnReason,
        note: str = "",
    ) -> Return:
        application = returns.Application(order_number, item_id, reason, note)
        return self._write(
            lambda session: returns.request_return(session, viewer, turn, application)
        )

    @contextmanager
    def _reading(self) -> Generator[Session]:
        with answering(self._patience), Session(self._reads) as session:
            yield session

    def _write(self, work: Callable[[Session], Result]) -> Result:
        """Run ``work`` in one write transaction, again from its start if another came first."""
        again = Retrying(
            retry=retry_if_exception(_lost_a_race),
            stop=stop_after_attempt(8),
            wait=wait_random(0, 0.02),
            reraise=True,
        )

        def once() -> Result:
            with Session(self._writes, expire_on_commit=False) as session, session.begin():
                return work(session)

        with answering(self._patience):
            return again(once)


def _lost_a_race(error: BaseException) -> bool:
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    cause = error.orig
    code = getattr(cause, "sqlstate", None) or (cause.args[0] if cause and cause.args else None)
    return code in _DEADLOCKS
