"""Repairing charges: what was paid twice goes back, what was paid unnoticed is booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from kefu.shop.charge_rules import booking_verdict, charge_finding, is_bookable
from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value
from kefu.shop.model import OrderState, TurnRef, Viewer
from kefu.shop.money import Charge, ChargeSettlement
from kefu.shop.price_rules import paid_moment
from kefu.shop.refunds import open_refund
from kefu.shop.schema import OrderRow

SHIPS_WITHIN = timedelta(hours=48)


def settle_charge(
    session: Session, viewer: Viewer, turn: TurnRef, order_number: str
) -> ChargeSettlement:
    """What was found about the order's payments, and the order after its repair.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``.
    """
    effect = Effect(viewer, turn, "settle_charge", order_number, {}, ChargeSettlement)
    row = lock_order(session, viewer, order_number)
    done = effect.replay(session)
    if done is not None:
        return done
    if row is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    finding = charge_finding(order_value(row))
    if finding.charge is Charge.NOT_BOOKED and is_bookable(order_value(row)):
        _book(effect, session, row)
    order = order_value(row)
    refund = None
    if finding.surplus:
        refund = open_refund(session, effect, order, finding.surplus)
        order = replace(order, refunds=(refund, *order.refunds))
        effect.notify(
            session,
            "surplus_refunded",
            order_number,
            refund_id=refund.refund_id,
            amount=refund.amount,
        )
    return effect.record(session, ChargeSettlement(finding, order, refund))


def _book(effect: Effect[ChargeSettlement], session: Session, row: OrderRow) -> None:
    """Make the order a paid one, as of when the money was taken."""
    order = order_value(row)
    verdict = booking_verdict(order)
    if not verdict.allowed:
        raise RuleRefused(verdict)
    row.state = OrderState.PAID
    row.paid_at = paid_moment(order)
    row.cancelled_at = None
    row.promised_ship_at = effect.turn.now + SHIPS_WITHIN
    effect.notify(session, "payment_booked", row.order_number, seller_id=row.seller_id)
