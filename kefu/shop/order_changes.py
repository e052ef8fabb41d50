"""Urging, changing and cancelling an order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.shop import order_rules
from kefu.shop.changes import Cancellation, OrderChange, Urge
from kefu.shop.charge_rules import held_money
from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value
from kefu.shop.model import Order, OrderState, TurnRef, Verdict, Viewer
from kefu.shop.recipient import parse_address, tidy
from kefu.shop.refunds import open_refund
from kefu.shop.rules import BEIJING
from kefu.shop.schema import CouponRow, OrderRow, UrgeRow


def urge_shipping(session: Session, viewer: Viewer, turn: TurnRef, order_number: str) -> Urge:
    """The reminder of this Beijing day, sent now or (``repeated``) earlier.

    Runs inside one write transaction, like all here. Raises ``RuleRefused`` or
    ``OperationConflict``; an ``IntegrityError`` means that another transaction was first.
    """
    effect = Effect(viewer, turn, "urge_shipping", order_number, {}, Urge)
    row = lock_order(session, viewer, order_number)
    done = effect.replay(session)
    if done is not None:
        return done
    row = _allowed(row, order_rules.urge_verdict)
    day = turn.now.astimezone(BEIJING).date()
    key = {"profile": viewer.profile, "order_number": order_number, "day": day}
    sent = session.get(UrgeRow, key)
    if sent is not None:
        return effect.record(session, Urge(order_number, sent.at, repeated=True))
    session.add(UrgeRow(**key, at=turn.now))
    effect.notify(session, "shipping_urged", order_number, seller_id=row.seller_id)
    return effect.record(session, Urge(order_number, turn.now, repeated=False))


def change_order(
    session: Session, viewer: Viewer, turn: TurnRef, order_number: str, change: OrderChange
) -> Order:
    """The order with another address, recipient or note."""
    wish = order_rules.tidy_change(change)
    wanted = {name: value for name, value in asdict(wish).items() if value is not None}
    effect = Effect(viewer, turn, "change_order", order_number, wanted, Order)
    row = lock_order(session, viewer, order_number)
    done = effect.replay(session)
    if done is not None:
        return done
    may = order_rules.changing_verdict(viewer, order_rules.kinds_of(wish))
    row = _allowed(row, lambda order: order_rules.wish_verdict(order, wish) if may.allowed else may)
    _apply(row, wish)
    effect.notify(
        session, "order_changed", order_number, seller_id=row.seller_id, changed=sorted(wanted)
    )
    return effect.record(session, order_value(row))


def cancel_order(
    session: Session, viewer: Viewer, turn: TurnRef, order_number: str, reason: str
) -> Cancellation:
    """The cancelled order; what had been paid is refunded, its coupon can be used again."""
    reason = tidy(reason)[: order_rules.REASON_LENGTH]
    effect = Effect(viewer, turn, "cancel_order", order_number, {"reason": reason}, Cancellation)
    row = lock_order(session, viewer, order_number)
    done = effect.replay(session)
    if done is not None:
        return done
    may = order_rules.cancelling_verdict(viewer)
    row = _allowed(row, lambda order: order_rules.cancel_verdict(order) if may.allowed else may)
    order = order_value(row)
    held = held_money(order)
    refund = open_refund(session, effect, order, held) if held else None
    row.state = OrderState.CANCELLED
    row.cancelled_at = turn.now
    _give_back_coupon(session, row)
    session.flush()
    session.expire(row, ["refunds"])
    effect.notify(
        session,
        "order_cancelled",
        order_number,
        seller_id=row.seller_id,
        reason=reason,
        refund_amount=held,
    )
    return effect.record(session, Cancellation(order_value(row), reason, refund))


def _allowed(row: OrderRow | None, judge: Callable[[Order], Verdict]) -> OrderRow:
    verdict = judge(order_value(row)) if row else ORDER_NOT_FOUND
    if row is None or not verdict.allowed:
        raise RuleRefused(verdict)
    return row


def _apply(row: OrderRow, wish: OrderChange) -> None:
    if wish.recipient_name is not None:
        row.recipient_name = wish.recipient_name
    if wish.recipient_phone is not None:
        row.recipient_phone = wish.recipient_phone
    if wish.note is not None:
        row.note = wish.note
    place = parse_address(wish.address) if wish.address is not None else None
    if place is not None:
        row.province, row.city = place.province, place.city
        row.district, row.street = place.district, place.street


def _give_back_coupon(session: Session, row: OrderRow) -> None:
    if row.coupon_id is not None:
        session.execute(
            update(CouponRow)
            .where(CouponRow.profile == row.profile, CouponRow.coupon_id == row.coupon_id)
            .values(used_at=None)
        )
