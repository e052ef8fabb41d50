"""What every part of the bundled shop shares: its engine, its transactions, its policies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from kefu.shop.connection import PATIENCE, answering, open_engine
from kefu.shop.policy import ShopPolicy

Result = TypeVar("Result")
_DEADLOCKS = {"40P01", "40001", 1213}
"""SQLSTATE (PostgreSQL) or error number (MySQL) of a transaction that lost to another."""


class SqlDoor:
    """The base of the parts that make up ``SqlGateway``; each holds the methods of one door."""

    def __init__(
        self,
        url: str,
        policies: Mapping[str, ShopPolicy] | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._patience = patience
        self._policies = dict(policies or {})
        self._reads = open_engine(url, patience=patience)
        self._writes = self._reads.execution_options(writes=True)

    def close(self) -> None:
        self._reads.dispose()

    def _policy(self, profile: str) -> ShopPolicy:
        return self._policies.get(profile) or ShopPolicy()

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
