"""One effect of a turn: done once, and answered from the ledger when it is asked for again."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop import operations
from kefu.shop.model import TurnRef, Verdict, Viewer
from kefu.shop.queries import is_key, select_order, whole_order
from kefu.shop.schema import Base, OrderRow

Value = TypeVar("Value")
ORDER_NOT_FOUND = Verdict(False, "order_not_found", "没有找到这笔订单，请您核对订单号后再试。")


@dataclass(frozen=True, slots=True)
class Effect(Generic[Value]):
    """What a turn asks for; ``kind`` is the type of the value that comes of it."""

    viewer: Viewer
    turn: TurnRef
    name: str
    target: str
    arguments: dict[str, str]
    kind: type[Value]

    def replay(self, session: Session) -> Value | None:
        """The value of the first time, ``None`` if this is the first; ``OperationConflict``.

        Look only after having locked what the effect changes: else the same turn, run twice at
        once, would find its own work in the way.
        """
        stored = operations.replay(
            session, self.turn, self.name, self.target, self._arguments_hash()
        )
        return None if stored is None else _adapter(self.kind).validate_python(stored)

    def record(self, session: Session, value: Value) -> Value:
        operations.record(
            session,
            self.viewer,
            self.turn,
            name=self.name,
            target=self.target,
            arguments=self._arguments_hash(),
            result=_adapter(self.kind).dump_python(value, mode="json"),
        )
        return value

    def notify(
        self, session: Session, kind: str, order_number: str | None = None, **payload: object
    ) -> None:
        """Put a notice into the outbox, in the transaction of the effect."""
        operations.notify(
            session, self.viewer, self.turn, kind=kind, order_number=order_number, payload=payload
        )

    def free_number(self, session: Session, table: type[Base], column: str, prefix: str) -> str:
        """``prefix`` and ten digits that derive from turn and target and are free in ``table``.

        Ten digits can fall together: then the next draw, the same at each repeat.
        """
        draw = 0
        while self._is_taken(session, table, column, self._number(prefix, draw)):
            draw += 1
        return self._number(prefix, draw)

    def _is_taken(self, session: Session, table: type[Base], column: str, number: str) -> bool:
        same = {"profile": self.viewer.profile, column: number}
        return session.scalar(select(table.profile).filter_by(**same)) is not None

    def _number(self, prefix: str, draw: int) -> str:
        key = f"{self.turn.turn_id}\n{self.target}\n{draw}"
        digest = hashlib.sha256(key.encode()).digest()
        return f"{prefix}{int.from_bytes(digest[:8]) % 10**10:010d}"

    def _arguments_hash(self) -> str:
        return operations.arguments_hash(self.viewer, self.arguments)


def lock_order(session: Session, viewer: Viewer, order_number: str) -> OrderRow | None:
    """The viewer's order with all that hangs on it, locked until the transaction ends."""
    if not is_key(order_number):
        return None
    return session.scalar(
        select_order(viewer, order_number).options(*whole_order()).with_for_update(of=OrderRow)
    )


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
