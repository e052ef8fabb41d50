"""What the payments of an order show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.shop.charge_rules import booking_verdict, charge_finding, held_money
from kefu.shop.model import Order, OrderState, Payment, PaymentState, Refund, RefundState
from kefu.shop.money import Charge
from tests.shop_data import NOW, order_value

PAID = [OrderState.PAID, OrderState.SHIPPED, OrderState.SIGNED, OrderState.COMPLETED]
SUCCEEDED, PENDING = PaymentState.SUCCEEDED, PaymentState.PENDING
FAILED, REFUNDED = PaymentState.FAILED, PaymentState.REFUNDED


def payments(*taken: tuple[PaymentState, int]) -> tuple[Payment, ...]:
    return tuple(
        Payment(f"p{n}", "o", "alipay", None, None, amount, state, None, NOW, NOW)
        for n, (state, amount) in enumerate(taken)
    )


def refund(
    amount: int, state: RefundState = RefundState.REQUESTED, rma: str | None = None
) -> Refund:
    return Refund("r", "o", rma, amount, state, "alipay", NOW, NOW, None)


def order(state: OrderState, *taken: tuple[PaymentState, int], **more: object) -> Order:
    """One that costs 100.00 yuan."""
    return order_value(state, payments=payments(*taken), **more)


def found(order: Order) -> tuple[Charge, int, int]:
    """The charge, how many payments it rests on, the surplus."""
    finding = charge_finding(order)
    return finding.charge, len(finding.payments), finding.surplus


@pytest.mark.parametrize("state", PAID)
def test_one_payment_for_a_paid_order_is_fine(state: OrderState):
    assert found(order(state, (FAILED, 10000), (SUCCEEDED, 10000))) == (Charge.FINE, 1, 0)


def test_a_paid_order_without_any_payment_is_fine():
    # Paid on delivery, or paid in a system of its own.
    assert found(order(OrderState.SIGNED)) == (Charge.FINE, 0, 0)


def test_an_order_paid_in_two_parts_is_fine():
    assert found(order(OrderState.PAID, (SUCCEEDED, 4000), (SUCCEEDED, 6000))) == (
        Charge.FINE,
        2,
        0,
    )


@pytest.mark.parametrize("state", PAID)
@pytest.mark.parametrize("times", [2, 3])
def test_what_was_paid_again_is_the_surplus(state: OrderState, times: int):
    taken = [(SUCCEEDED, 10000)] * times
    assert found(order(state, *taken)) == (Charge.DUPLICATE, times, 10000 * (times - 1))


def test_a_payment_over_the_price_is_a_surplus_too():
    assert found(order(OrderState.PAID, (SUCCEEDED, 10001))) == (Charge.DUPLICATE, 1, 1)


@pytest.mark.parametrize(
    ("refunds", "surplus"),
    [
        ([refund(10000)], 0),
        ([refund(4000), refund(1000, RefundState.ARRIVED)], 5000),
        ([refund(10000, RefundState.FAILED)], 10000),
        ([refund(10000, rma="RMA1")], 10000),
        ([refund(10000), refund(10000, rma="RMA1")], 0),
        ([refund(99999)], 0),
    ],
)
def test_what_went_back_is_no_surplus_but_money_for_goods_is_something_else(
    refunds: list[Refund], surplus: int
):
    twice = order(OrderState.SIGNED, (SUCCEEDED, 10000), (SUCCEEDED, 10000), refunds=tuple(refunds))
    assert found(twice) == (Charge.DUPLICATE if surplus else Charge.FINE, 2, surplus)


@pytest.mark.parametrize("on_record", [True, False])
def test_a_payment_that_was_given_back_and_made_anew_is_held_once(on_record: bool):
    back = (refund(10000),) if on_record else ()
    again = order(OrderState.PAID, (PaymentState.REFUNDED, 10000), (SUCCEEDED, 10000), refunds=back)
    assert held_money(again) == 10000
    assert found(again) == (Charge.FINE, 1, 0)


def test_a_second_payment_that_is_under_way_is_told():
    assert found(order(OrderState.PAID, (SUCCEEDED, 10000), (PENDING, 10000))) == (
        Charge.PENDING,
        1,
        0,
    )


def test_a_double_payment_counts_more_than_a_pending_one():
    three = order(OrderState.PAID, (SUCCEEDED, 10000), (SUCCEEDED, 10000), (PENDING, 10000))
    assert found(three) == (Charge.DUPLICATE, 2, 10000)


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.CLOSED])
def test_money_beside_an_unpaid_order_is_not_booked(state: OrderState):
    waiting = order(state, (FAILED, 10000), (SUCCEEDED, 10000))
    assert found(waiting) == (Charge.NOT_BOOKED, 1, 0)
    assert booking_verdict(waiting).allowed


def test_an_unpaid_order_paid_twice_is_not_booked_and_leaves_a_surplus():
    twice = order(OrderState.UNPAID, (SUCCEEDED, 10000), (SUCCEEDED, 10000))
    assert found(twice) == (Charge.NOT_BOOKED, 2, 10000)


def test_too_little_money_cannot_be_booked():
    short = order(OrderState.UNPAID, (SUCCEEDED, 9999))
    assert found(short) == (Charge.NOT_BOOKED, 1, 0)
    verdict = booking_verdict(short)
    assert (verdict.allowed, verdict.code) == (False, "payment_short")


def test_money_that_already_went_back_is_not_booked_again():
    back = order(OrderState.UNPAID, (SUCCEEDED, 10000), refunds=(refund(10000),))
    assert found(back) == (Charge.UNPAID, 0, 0)


def test_money_after_the_cancelling_is_a_surplus_as_a_whole():
    assert found(order(OrderState.CANCELLED, (SUCCEEDED, 10000))) == (Charge.NOT_BOOKED, 1, 10000)
    settled = order(OrderState.CANCELLED, (SUCCEEDED, 10000), refunds=(refund(10000),))
    assert found(settled) == (Charge.FINE, 1, 0)
    assert found(order(OrderState.CANCELLED, (REFUNDED, 10000))) == (Charge.FINE, 0, 0)


def test_an_order_that_was_paid_and_then_closed_is_left_to_a_person():
    closed = order(OrderState.CLOSED, (SUCCEEDED, 10000), paid_at=NOW - timedelta(days=3))
    assert found(closed) == (Charge.FINE, 1, 0)


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.CLOSED, OrderState.CANCELLED])
def test_nothing_taken_is_unpaid_or_pending(state: OrderState):
    assert found(order(state)) == (Charge.UNPAID, 0, 0)
    assert found(order(state, (FAILED, 10000))) == (Charge.UNPAID, 0, 0)
    assert found(order(state, (FAILED, 10000), (PENDING, 10000))) == (Charge.PENDING, 1, 0)


amounts = st.lists(
    st.tuples(st.sampled_from(list(PaymentState)), st.integers(1, 30000)), max_size=5
)
refunds = st.lists(
    st.builds(
        refund,
        st.integers(1, 30000),
        st.sampled_from(list(RefundState)),
        st.sampled_from([None, "RMA1"]),
    ),
    max_size=4,
)


@given(st.sampled_from(list(OrderState)), amounts, refunds)
def test_never_more_goes_back_than_the_shop_holds(
    state: OrderState, taken: list[tuple[PaymentState, int]], back: list[Refund]
):
    judged = order(state, *taken, refunds=tuple(back))
    finding = charge_finding(judged)
    assert 0 <= finding.surplus <= max(0, held_money(judged))
    assert bool(finding.surplus) <= (finding.charge in (Charge.DUPLICATE, Charge.NOT_BOOKED))
