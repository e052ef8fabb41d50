"""Opening an RMA."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kefu.shop import operations, rules
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value
from kefu.shop.model import (
    Order,
    Return,
    ReturnReason,
    ReturnState,
    TurnRef,
    Verdict,
    Viewer,
)
from kefu.shop.queries import is_key, select_order, whole_order
from kefu.shop.schema import OrderRow, ReturnRow, active_item

NAME = "request_return"
NOTE_LENGTH = 1000
_NOT_FOUND = Verdict(False, "order_not_found", "没有找到这笔订单，请您核对订单号后再试。")


@dataclass(frozen=True, slots=True)
class Application:
    """What a shopper asks for."""

    order_number: str
    item_id: str
    reason: ReturnReason
    note: str

    def __post_init__(self) -> None:
        # PostgreSQL cannot store NUL, and a note is not a novel.
        object.__setattr__(self, "note", self.note.replace("\0", "")[:NOTE_LENGTH])

    @property
    def target(self) -> str:
        return f"{self.order_number}/{self.item_id}"


def request_return(
    session: Session, viewer: Viewer, turn: TurnRef, application: Application
) -> Return:
    """The RMA, newly opened or the one that this turn has opened before.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``; an
    ``IntegrityError`` means that another transaction was first: begin again.
    """
    if not (is_key(application.order_number) and is_key(application.item_id)):
        raise RuleRefused(_NOT_FOUND)
    arguments = operations.arguments_hash(
        viewer, {"reason": application.reason, "note": application.note}
    )
    # Locked before the look-up: else the same turn, run twice at once, would find its own RMA
    # in the way.
    row = session.scalar(
        select_order(viewer, application.order_number)
        .options(*whole_order())
        .with_for_update(of=OrderRow)
    )
    done = operations.replay(session, turn, NAME, application.target, arguments)
    if done is not None:
        return _from_json(done)
    if row is None:
        raise RuleRefused(_NOT_FOUND)
    order = order_value(row)
    verdict = rules.return_verdict(order, application.item_id, turn.now, application.reason)
    if not verdict.allowed:
        raise RuleRefused(verdict)
    number = _free_number(session, viewer.profile, turn.turn_id, application.target)
    seller = next(each.seller for each in row.items if each.item_id == application.item_id)
    address = seller.return_address if seller else None
    opened = _new_return(number, turn, order, application, address)
    session.add(_row(viewer.profile, opened))
    operations.record(
        session,
        viewer,
        turn,
        name=NAME,
        target=application.target,
        arguments=arguments,
        result=_as_json(opened),
    )
    operations.notify(
        session,
        viewer,
        turn,
        kind="return_requested",
        order_number=opened.order_number,
        payload={"rma_number": opened.rma_number, "item_name": opened.item_name},
    )
    return opened


def _new_return(
    number: str, turn: TurnRef, order: Order, application: Application, address: str | None
) -> Return:
    item = next(each for each in order.items if each.item_id == application.item_id)
    return Return(
        rma_number=number,
        order_number=order.order_number,
        item_id=item.item_id,
        item_name=item.name,
        reason=application.reason,
        note=application.note,
        state=ReturnState.REQUESTED,
        refund_amount=rules.refund_amount(order, item.item_id),
        requested_at=turn.now,
        updated_at=turn.now,
        return_address=address,
        tracking_number=None,
    )


def _row(profile: str, value: Return) -> ReturnRow:
    return ReturnRow(
        profile=profile,
        rma_number=value.rma_number,
        order_number=value.order_number,
        item_id=value.item_id,
        active_item_id=active_item(value.state, value.item_id),
        reason=value.reason,
        note=value.note,
        state=value.state,
        refund_amount=value.refund_amount,
        requested_at=value.requested_at,
        updated_at=value.updated_at,
        return_address=value.return_address,
        tracking_number=value.tracking_number,
    )


def rma_number(turn_id: str, target: str, draw: int = 0) -> str:
    """ "RMA" and ten digits that derive from the turn and what it returns."""
    digest = hashlib.sha256(f"{turn_id}\n{target}\n{draw}".encode()).digest()
    return f"RMA{int.from_bytes(digest[:8]) % 10**10:010d}"


def _free_number(session: Session, profile: str, turn_id: str, target: str) -> str:
    # Ten digits can fall together: then the next draw, the same at each repeat.
    draw = 0
    while session.get(
        ReturnRow, {"profile": profile, "rma_number": rma_number(turn_id, target, draw)}
    ):
        draw += 1
    return rma_number(turn_id, target, draw)


def _as_json(value: Return) -> dict[str, object]:
    fields: dict[str, object] = asdict(value)
    return fields | {
        "requested_at": value.requested_at.isoformat(),
        "updated_at": value.updated_at.isoformat(),
    }


def _from_json(stored: dict[str, object]) -> Return:
    fields: dict[str, object] = stored | {
        "reason": ReturnReason(str(stored["reason"])),
        "state": ReturnState(str(stored["state"])),
        "requested_at": datetime.fromisoformat(str(stored["requested_at"])),
        "updated_at": datetime.fromisoformat(str(stored["updated_at"])),
    }
    return Return(**fields)  # pyright: ignore[reportArgumentType]
