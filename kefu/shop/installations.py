"""Visits to install goods: listing, booking, moving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop import order_rules
from kefu.shop.changes import DayPart, Installation, InstallationState
from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value
from kefu.shop.model import TurnRef, Viewer
from kefu.shop.queries import is_key, select_order
from kefu.shop.rules import BEIJING
from kefu.shop.schema import OrderRow
from kefu.shop.service_tables import InstallationRow, ProductRow


@dataclass(frozen=True, slots=True)
class Visit:
    """What a shopper asks for."""

    order_number: str
    item_id: str
    day: date
    part: DayPart

    @property
    def target(self) -> str:
        return f"{self.order_number}/{self.item_id}"


def list_installations(
    session: Session, viewer: Viewer, order_number: str
) -> tuple[Installation, ...]:
    """The visits of one order, the first day first."""
    if session.scalar(select_order(viewer, order_number)) is None:
        return ()
    rows = session.scalars(
        select(InstallationRow)
        .where(
            InstallationRow.profile == viewer.profile, InstallationRow.order_number == order_number
        )
        .order_by(InstallationRow.day, InstallationRow.item_id)
    )
    return tuple(_value(row) for row in rows)


def book_installation(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    wish: Visit,
) -> Installation:
    """The visit, newly booked or moved; its number stays.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``.
    """
    arguments = {"day": wish.day.isoformat(), "part": wish.part.value}
    effect = Effect(viewer, turn, "book_installation", wish.target, arguments, Installation)
    order = lock_order(session, viewer, wish.order_number) if is_key(wish.item_id) else None
    done = effect.replay(session)
    if done is not None:
        return done
    if order is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    booked = session.get(InstallationRow, {"profile": viewer.profile, "item_id": wish.item_id})
    verdict = order_rules.installation_verdict(
        order_value(order),
        wish.item_id,
        wish.day,
        turn.now.astimezone(BEIJING).date(),
        installable=_is_installable(session, order, wish.item_id),
        booked=_value(booked) if booked else None,
    )
    if not verdict.allowed:
        raise RuleRefused(verdict)
    return effect.record(session, _put(session, effect, wish, booked))


def cancel_installation(
    session: Session, viewer: Viewer, turn: TurnRef, order_number: str, item_id: str
) -> Installation:
    """The visit, called off; another may be booked later.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``.
    """
    target = f"{order_number}/{item_id}"
    effect = Effect(viewer, turn, "cancel_installation", target, {}, Installation)
    order = lock_order(session, viewer, order_number) if is_key(item_id) else None
    done = effect.replay(session)
    if done is not None:
        return done
    if order is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    row = session.get(InstallationRow, {"profile": viewer.profile, "item_id": item_id})
    booked = row if row is not None and row.order_number == order_number else None
    today = turn.now.astimezone(BEIJING).date()
    verdict = order_rules.visit_cancel_verdict(_value(booked) if booked else None, today)
    if booked is None or not verdict.allowed:
        raise RuleRefused(verdict)
    booked.state = InstallationState.CANCELLED
    effect.notify(
        session,
        "installation_cancelled",
        order_number,
        booking_id=booked.booking_id,
        day=booked.day.isoformat(),
        part=booked.part.value,
    )
    return effect.record(session, _value(booked))


def _put(
    session: Session, effect: Effect[Installation], wish: Visit, booked: InstallationRow | None
) -> Installation:
    if booked is None:
        booked = InstallationRow(
            profile=effect.viewer.profile,
            item_id=wish.item_id,
            booking_id=effect.free_number(session, InstallationRow, "booking_id", "AZ"),
            order_number=wish.order_number,
        )
        session.add(booked)
    booked.day, booked.part, booked.state = wish.day, wish.part, InstallationState.BOOKED
    effect.notify(
        session,
        "installation_booked",
        wish.order_number,
        booking_id=booked.booking_id,
        day=wish.day.isoformat(),
        part=wish.part.value,
    )
    return _value(booked)


def _is_installable(session: Session, order: OrderRow, item_id: str) -> bool:
    sku = next((item.sku for item in order.items if item.item_id == item_id), None)
    if sku is None:
        return False
    product = session.get(ProductRow, {"profile": order.profile, "sku": sku})
    return product is not None and product.installable


def _value(row: InstallationRow) -> Installation:
    return Installation(
        booking_id=row.booking_id,
        order_number=row.order_number,
        item_id=row.item_id,
        day=row.day,
        part=row.part,
        state=row.state,
    )
