"""What a turn has already done to the shop, so that a repeated turn does it once."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.gateway import OperationConflict
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import Operation, TurnRef, Viewer


def arguments_hash(viewer: Viewer, arguments: dict[str, str]) -> str:
    """SHA-256 (hex) over who asks and for what."""
    asked = {"profile": viewer.profile, "account_id": viewer.account_id, "arguments": arguments}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def find_operation(session: Session, turn_id: str, name: str, target: str) -> Operation | None:
    row = _row(session, turn_id, name, target)
    return _value(row) if row else None


def list_operations(session: Session, turn_id: str) -> tuple[Operation, ...]:
    rows = session.scalars(
        select(OperationRow)
        .where(OperationRow.turn_id == turn_id)
        .order_by(OperationRow.operation_id)
    )
    return tuple(_value(row) for row in rows)


def replay(
    session: Session, turn: TurnRef, name: str, target: str, arguments: str
) -> dict[str, object] | None:
    """The stored result of this very operation, ``None`` if it has not been done.

    Raises ``OperationConflict`` if it has been done with other ``arguments`` (their hash).
    """
    row = _row(session, turn.turn_id, name, target)
    if row is None:
        return None
    if row.arguments_hash != arguments:
        raise OperationConflict(f"{name} was done in this turn with other arguments")
    return row.result


def record(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    *,
    name: str,
    target: str,
    arguments: str,
    result: dict[str, object],
) -> None:
    """Note the effect in the transaction that makes it."""
    session.add(
        OperationRow(
            profile=viewer.profile,
            turn_id=turn.turn_id,
            name=name,
            target=target,
            arguments_hash=arguments,
            result=result,
            at=turn.now,
        )
    )


def notify(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    *,
    kind: str,
    order_number: str | None,
    payload: dict[str, object],
) -> None:
    """Put a notice into the outbox; the same turn and kind always give the same notice id."""
    key = f"{turn.turn_id}\n{kind}\n{order_number}\n{json.dumps(payload, sort_keys=True)}"
    session.add(
        NoticeRow(
            profile=viewer.profile,
            notice_id=hashlib.sha256(key.encode()).hexdigest(),
            kind=kind,
            account_id=viewer.account_id,
            order_number=order_number,
            payload=payload,
            created_at=turn.now,
            sent_at=None,
            tries=0,
        )
    )


def _row(session: Session, turn_id: str, name: str, target: str) -> OperationRow | None:
    if not target.isprintable():  # PostgreSQL refuses NUL characters
        return None
    return session.scalar(
        select(OperationRow).where(
            OperationRow.turn_id == turn_id,
            OperationRow.name == name,
            OperationRow.target == target,
        )
    )


def _value(row: OperationRow) -> Operation:
    return Operation(row.turn_id, row.name, row.target, dict(row.result), row.at)
