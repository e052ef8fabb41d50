"""Beijing days, refunds without a return, and shares of a discount."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.shop import rules
from kefu.shop.model import (
    OrderItem,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from kefu.shop.rules import BEIJING
from tests.shop_data import order_value

SIGNED = datetime(2026, 11, 1, 10, 0, tzinfo=BEIJING)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(moments)
def test_period_always_holds_seven_whole_days_after_the_day_of_signing(signed_at: datetime):
    end = rules.end_of_period(signed_at, 7)
    assert timedelta(days=7) < end - signed_at <= timedelta(days=8)
    assert end.astimezone(BEIJING).timetz().replace(tzinfo=None).isoformat() == "00:00:00"


def paid(*amounts: int) -> tuple[Payment, ...]:
    return tuple(
        Payment(
            f"p{n}", "o", "alipay", None, None, amount, PaymentState.SUCCEEDED, None, SIGNED, SIGNED
        )
        for n, amount in enumerate(amounts)
    )


def refunded(state: RefundState, amount: int) -> Refund:
    return Refund("r", "o", None, amount, state, "alipay", SIGNED, SIGNED, None)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.UNPAID, "not_paid"),
        (OrderState.PAID, "ok"),
        (OrderState.SHIPPED, "already_shipped"),
        (OrderState.SIGNED, "return_needed"),
        (OrderState.COMPLETED, "return_needed"),
        (OrderState.CANCELLED, "paid_late"),
        (OrderState.CLOSED, "order_closed"),
    ],
)
def test_refund_without_return_only_between_payment_and_shipping(state: OrderState, code: str):
    assert rules.refund_verdict(order_value(state, payments=paid(10000))).code == code


def test_money_paid_twice_goes_back_once():
    order = order_value(OrderState.SHIPPED, payments=paid(10000, 10000))
    assert rules.refund_verdict(order).code == "paid_twice"
    again = replace(order, refunds=(refunded(RefundState.SENT_TO_BANK, 10000),))
    assert rules.refund_verdict(again).code == "refund_open"
    done = replace(order, refunds=(refunded(RefundState.ARRIVED, 10000),))
    assert rules.refund_verdict(done).code == "already_shipped"


def test_a_cancelled_order_whose_money_went_back_has_nothing_to_refund():
    back = (refunded(RefundState.ARRIVED, 10000),)
    order = order_value(OrderState.CANCELLED, payments=paid(10000), refunds=back)
    assert rules.refund_verdict(order).code == "order_closed"
    assert rules.refund_verdict(order_value(OrderState.CANCELLED)).code == "order_closed"


@given(st.lists(st.integers(1, 500_000), min_size=1, max_size=8), st.data())
def test_shares_of_the_discount_add_up(prices: list[int], data: st.DataObject):
    discount = data.draw(st.integers(0, sum(prices)))
    items = tuple(
        OrderItem(f"i{n}", "sku", "商品", "", "home", 1, price) for n, price in enumerate(prices)
    )
    order = order_value(discount=discount, items=items)
    amounts = [rules.refund_amount(order, item.item_id) for item in items]
    assert sum(amounts) == sum(prices) - discount
    assert all(0 <= amount <= price for amount, price in zip(amounts, prices, strict=True))
