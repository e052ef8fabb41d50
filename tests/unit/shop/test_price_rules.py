"""Price protection: who gets it, how much, and what is said about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.shop.model import (
    Order,
    OrderItem,
    OrderState,
    Payment,
    PaymentState,
    Return,
    ReturnKind,
    ReturnState,
)
from kefu.shop.policy import ShopPolicy
from kefu.shop.price_rules import price_claim
from kefu.shop.rules import BEIJING
from tests.shop_data import order_value, return_value

MICROSECOND = timedelta(microseconds=1)
PAID_AT = datetime(2026, 11, 1, 10, 0, tzinfo=BEIJING)
END_OF_7TH_DAY = datetime(2026, 11, 9, 0, 0, tzinfo=BEIJING)
SOON = PAID_AT + timedelta(hours=1)


def paid_order(*items: tuple[int, int], discount: int = 0, **more: object) -> Order:
    """Paid on 1 November; items are (price, quantity), numbered i1, i2 …"""
    values = {"state": OrderState.PAID, "paid_at": PAID_AT} | more
    return order_value(
        discount=discount,
        items=tuple(
            OrderItem(f"i{n}", f"sku{n}", f"商品{n}", "", "home", quantity, price)
            for n, (price, quantity) in enumerate(items or ((10000, 1),), 1)
        ),
        **values,
    )


def test_the_difference_is_paid_minus_current_times_quantity():
    claim = price_claim(paid_order((10000, 3)), "i1", 8000, SOON)
    assert claim is not None
    assert (claim.paid_each, claim.current_each, claim.difference) == (10000, 8000, 6000)
    assert claim.verdict.allowed
    assert claim.deadline == END_OF_7TH_DAY
    assert "（¥100.00 − ¥80.00）× 3件 = ¥60.00" in claim.verdict.sentence
    assert "优惠¥" not in claim.verdict.sentence


def test_the_discount_of_the_order_is_shared_before_anything_is_compared():
    # 30.00 off 300.00: a tenth of each price.
    order = paid_order((10000, 2), (10000, 1), discount=3000)
    claim = price_claim(order, "i1", 8000, SOON)
    assert claim is not None
    assert (claim.paid_each, claim.difference) == (9000, 2000)
    assert "标价¥100.00，减去分摊的订单优惠¥10.00" in claim.verdict.sentence
    assert "（¥90.00 − ¥80.00）× 2件 = ¥20.00" in claim.verdict.sentence


def test_what_was_paid_per_piece_is_rounded_down():
    claim = price_claim(paid_order((1000, 3), discount=100), "i1", 900, SOON)
    assert claim is not None
    assert (claim.paid_each, claim.difference) == (966, 198)


@pytest.mark.parametrize("current", [10000, 12000])
def test_nothing_for_goods_that_did_not_get_cheaper(current: int):
    claim = price_claim(paid_order(), "i1", current, SOON)
    assert claim is not None
    assert (claim.verdict.code, claim.difference) == ("price_not_lower", 0)
    assert "¥100.00" in claim.verdict.sentence


def test_nothing_when_the_discount_made_it_cheaper_than_now():
    claim = price_claim(paid_order(discount=2000), "i1", 9000, SOON)
    assert claim is not None
    assert claim.verdict.code == "price_not_lower"


def test_it_ends_with_the_last_moment_of_the_seventh_beijing_day():
    last = price_claim(paid_order(), "i1", 8000, END_OF_7TH_DAY - MICROSECOND)
    late = price_claim(paid_order(), "i1", 8000, END_OF_7TH_DAY)
    assert last is not None
    assert last.verdict.allowed
    assert late is not None
    assert (late.verdict.code, late.difference) == ("price_claim_expired", 0)
    assert "7天" in late.verdict.sentence


@pytest.mark.parametrize(
    ("days", "code"), [(0, "not_offered"), (1, "price_claim_expired"), (30, "ok")]
)
def test_the_policy_says_how_long(days: int, code: str):
    policy = ShopPolicy(price_protection_days=days)
    claim = price_claim(paid_order(), "i1", 8000, PAID_AT + timedelta(days=5), policy=policy)
    assert claim is not None
    assert claim.verdict.code == code


def test_the_moment_of_the_payment_counts_where_none_is_booked():
    payment = Payment(
        "p", "o", "alipay", None, None, 10000, PaymentState.SUCCEEDED, None, PAID_AT, PAID_AT
    )
    order = paid_order(paid_at=None, payments=(payment,))
    claim = price_claim(order, "i1", 8000, END_OF_7TH_DAY - MICROSECOND)
    assert claim is not None
    assert (claim.verdict.allowed, claim.deadline) == (True, END_OF_7TH_DAY)
    unknown = price_claim(paid_order(paid_at=None), "i1", 8000, SOON)
    assert unknown is not None
    assert (unknown.verdict.code, unknown.deadline) == ("no_payment", None)


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.UNPAID, "not_paid"),
        (OrderState.CANCELLED, "order_closed"),
        (OrderState.CLOSED, "order_closed"),
        (OrderState.PAID, "ok"),
        (OrderState.SHIPPED, "ok"),
        (OrderState.SIGNED, "ok"),
        (OrderState.COMPLETED, "ok"),
    ],
)
def test_only_orders_that_stand_are_protected(state: OrderState, code: str):
    claim = price_claim(paid_order(state=state), "i1", 8000, SOON)
    assert claim is not None
    assert claim.verdict.code == code


def rma(state: ReturnState, kind: ReturnKind) -> Return:
    return replace(return_value(state), kind=kind)


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        (ReturnState.REQUESTED, ReturnKind.RETURN, "item_returned"),
        (ReturnState.REFUNDED, ReturnKind.RETURN, "item_returned"),
        (ReturnState.CLOSED, ReturnKind.RETURN, "ok"),
        (ReturnState.REJECTED, ReturnKind.RETURN, "ok"),
        (ReturnState.SHIPPED_BACK, ReturnKind.EXCHANGE, "ok"),
        (ReturnState.APPROVED, ReturnKind.REPAIR, "ok"),
    ],
)
def test_goods_that_go_back_for_money_are_not_protected(
    state: ReturnState, kind: ReturnKind, code: str
):
    order = paid_order((10000, 1), (10000, 1), returns=(rma(state, kind),))
    claim = price_claim(order, "i1", 8000, SOON)
    assert claim is not None
    assert claim.verdict.code == code
    other = price_claim(order, "i2", 8000, SOON)
    assert other is not None
    assert other.verdict.allowed


def test_each_item_is_protected_once():
    claim = price_claim(paid_order(), "i1", 8000, SOON, claimed=True)
    assert claim is not None
    assert (claim.verdict.code, claim.difference) == ("already_claimed", 0)


def test_goods_that_are_no_longer_sold_have_no_price_to_compare():
    claim = price_claim(paid_order(), "i1", None, SOON)
    assert claim is not None
    assert (claim.verdict.code, claim.current_each) == ("no_price", None)


def test_an_item_of_another_order_gives_nothing():
    assert price_claim(paid_order(), "i9", 8000, SOON) is None


@given(
    st.lists(st.tuples(st.integers(1, 100_000), st.integers(1, 5)), min_size=1, max_size=4),
    st.integers(0, 100_000),
    st.data(),
)
def test_never_more_than_was_paid_over_the_price_of_today(
    items: list[tuple[int, int]], current: int, data: st.DataObject
):
    discount = data.draw(st.integers(0, sum(price * quantity for price, quantity in items)))
    order = paid_order(*items, discount=discount)
    paid = sum(price * quantity for price, quantity in items) - discount
    claims = [price_claim(order, f"i{n}", current, SOON) for n in range(1, len(items) + 1)]
    given = 0
    for claim in claims:
        assert claim is not None
        assert bool(claim.difference) == claim.verdict.allowed
        given += claim.difference
    worth_now = sum(min(current, claim.paid_each) * claim.quantity for claim in claims if claim)
    assert given <= paid - worth_now
