"""What the payments of an order show: paid once, twice, or paid and not booked. Pure."""

from __future__ import annotations

from kefu.shop.model import Order, OrderState, PaymentState, RefundState, Verdict
from kefu.shop.money import Charge, ChargeFinding

_PAID = frozenset({OrderState.PAID, OrderState.SHIPPED, OrderState.SIGNED, OrderState.COMPLETED})


def charge_finding(order: Order) -> ChargeFinding:
    """What is wrong with the order's payments, if anything.

    ``DUPLICATE``: more was taken than the order costs, and not given back. ``NOT_BOOKED``: money
    was taken while the order is unpaid, was closed as unpaid, or had been cancelled; ``surplus``
    is then what remains after booking (all of it, if the order was cancelled).
    """
    taken = tuple(each for each in order.payments if each.state is PaymentState.SUCCEEDED)
    held = held_money(order)
    surplus = max(0, held - _due(order))
    if held > 0 and (is_bookable(order) or order.state is OrderState.CANCELLED):
        return ChargeFinding(Charge.NOT_BOOKED, taken, surplus)
    if surplus:
        return ChargeFinding(Charge.DUPLICATE, taken, surplus)
    pending = tuple(each for each in order.payments if each.state is PaymentState.PENDING)
    if pending:
        return ChargeFinding(Charge.PENDING, pending)
    given_back = any(each.state is PaymentState.REFUNDED for each in order.payments)
    if order.state in _PAID or (not is_bookable(order) and (taken or given_back)):
        return ChargeFinding(Charge.FINE, taken)
    return ChargeFinding(Charge.UNPAID, ())


def is_bookable(order: Order) -> bool:
    """Whether a payment that arrives can still make this a paid order."""
    lapsed = order.state is OrderState.CLOSED and order.paid_at is None
    return order.state is OrderState.UNPAID or lapsed


def booking_verdict(order: Order) -> Verdict:
    """Whether what was taken covers the order, so that it can be booked as paid."""
    if held_money(order) >= order.total:
        return Verdict(True)
    return Verdict(
        False,
        "payment_short",
        "已扣的金额与订单应付金额不一致，需要人工客服为您核实后处理，请不要重复付款。",
    )


def held_money(order: Order) -> int:
    """What was taken and not given back, in fen.

    Money given back for goods of a paid order does not count: the shop holds the goods instead.
    """
    taken = sum(each.amount for each in order.payments if each.state is PaymentState.SUCCEEDED)
    returned = sum(each.amount for each in order.payments if each.state is PaymentState.REFUNDED)
    back = sum(
        each.amount
        for each in order.refunds
        if each.state is not RefundState.FAILED
        and (each.rma_number is None or order.state not in _PAID)
    )
    # A refunded payment has its refund on record, or was given back beside the records.
    return taken + returned - max(back, returned)


def _due(order: Order) -> int:
    return 0 if order.state is OrderState.CANCELLED else order.total
