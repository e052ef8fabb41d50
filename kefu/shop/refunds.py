"""Opening a refund that no RMA stands behind."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import RefundRow
from kefu.shop.effects import Effect
from kefu.shop.mapping import refund_value
from kefu.shop.model import Order, PaymentState, Refund, RefundState


def open_refund(session: Session, effect: Effect[Any], order: Order, amount: int) -> Refund:
    """Ask for ``amount`` (fen) to go back the way of the newest payment.

    When it arrives is the bank's word, so no day is promised.
    """
    row = RefundRow(
        profile=effect.viewer.profile,
        refund_id=effect.free_number(session, RefundRow, "refund_id", "RF"),
        order_number=order.order_number,
        rma_number=None,
        amount=amount,
        state=RefundState.REQUESTED,
        channel=_channel(order),
        requested_at=effect.turn.now,
        updated_at=effect.turn.now,
        expected_at=None,
    )
    session.add(row)
    return refund_value(row)


def _channel(order: Order) -> str:
    paid = [each for each in order.payments if each.state is PaymentState.SUCCEEDED]
    newest = max(paid, key=lambda each: each.created_at, default=None)
    return newest.method if newest else "balance"
