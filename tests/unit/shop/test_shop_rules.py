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
    ReturnReason,
    ReturnState,
)
from kefu.shop.rules import BEIJING, Change
from tests.shop_data import order_value, return_value

MICROSECOND = timedelta(microseconds=1)
SIGNED = datetime(2026, 11, 1, 10, 0, tzinfo=BEIJING)
END_OF_7TH_DAY = datetime(2026, 11, 9, 0, 0, tzinfo=BEIJING)
END_OF_15TH_DAY = datetime(2026, 11, 17, 0, 0, tzinfo=BEIJING)
UNSIGNED = (OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


def signed(*categories: str, at: datetime = SIGNED, **more: object):
    return order_value(signed_at=at.astimezone(UTC), categories=categories or ("clothing",), **more)


def test_return_ends_with_the_last_moment_of_the_seventh_beijing_day():
    assert rules.return_verdict(signed(), "i1", END_OF_7TH_DAY - MICROSECOND).allowed
    late = rules.return_verdict(signed(), "i1", END_OF_7TH_DAY)
    assert (late.allowed, late.code) == (False, "return_expired")
    assert "7天" in late.sentence


def test_day_of_signing_is_the_beijing_day_not_the_utc_day():
    # 23:30 UTC on 31 October is already 1 November in Beijing.
    order = signed(at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert rules.return_verdict(order, "i1", END_OF_7TH_DAY - MICROSECOND).allowed
    assert not rules.return_verdict(order, "i1", END_OF_7TH_DAY).allowed


@given(moments)
def test_period_always_holds_seven_whole_days_after_the_day_of_signing(signed_at: datetime):
    end = rules.end_of_period(signed_at, 7)
    assert timedelta(days=7) < end - signed_at <= timedelta(days=8)
    assert end.astimezone(BEIJING).timetz().replace(tzinfo=None).isoformat() == "00:00:00"


@pytest.mark.parametrize("reason", sorted(rules.QUALITY_REASONS))
def test_faults_can_be_exchanged_until_the_end_of_the_fifteenth_day(reason: ReturnReason):
    at = END_OF_7TH_DAY
    assert rules.return_verdict(signed(), "i1", at, reason).code == "exchange_only"
    assert rules.exchange_verdict(signed(), "i1", END_OF_15TH_DAY - MICROSECOND, reason).allowed
    assert not rules.exchange_verdict(signed(), "i1", END_OF_15TH_DAY, reason).allowed
    assert rules.return_verdict(signed(), "i1", END_OF_15TH_DAY, reason).code == "return_expired"


def test_no_exchange_at_will_after_seven_days():
    verdict = rules.exchange_verdict(signed(), "i1", END_OF_7TH_DAY, ReturnReason.WRONG_SIZE)
    assert not verdict.allowed


@pytest.mark.parametrize(
    "category", ["fresh_food", "underwear", "customised", "virtual", "periodicals"]
)
@pytest.mark.parametrize("reason", [None, ReturnReason.NO_REASON, ReturnReason.WRONG_SIZE])
def test_excluded_goods_cannot_be_returned_at_will(category: str, reason: ReturnReason | None):
    verdict = rules.return_verdict(signed(category), "i1", SIGNED + timedelta(hours=1), reason)
    assert (verdict.allowed, verdict.code) == (False, "category_excluded")


@pytest.mark.parametrize("category", ["fresh_food", "underwear", "customised"])
def test_excluded_goods_can_be_returned_for_a_fault(category: str):
    at = SIGNED + timedelta(hours=1)
    assert rules.return_verdict(signed(category), "i1", at, ReturnReason.DAMAGED).allowed


def test_faults_of_fresh_food_must_be_told_within_48_hours():
    limit = SIGNED + timedelta(hours=48)
    assert rules.return_verdict(signed("fresh_food"), "i1", limit, ReturnReason.DAMAGED).allowed
    late = rules.return_verdict(
        signed("fresh_food"), "i1", limit + MICROSECOND, ReturnReason.DAMAGED
    )
    assert late.code == "fresh_claim_expired"


def test_virtual_goods_never_come_back():
    at = SIGNED + timedelta(hours=1)
    verdict = rules.return_verdict(signed("virtual"), "i1", at, ReturnReason.DAMAGED)
    assert verdict.code == "category_excluded"


@pytest.mark.parametrize("category", ["cosmetics", "snacks"])
def test_some_goods_must_be_unopened_unless_faulty(category: str):
    at = SIGNED + timedelta(days=1)
    at_will = rules.return_verdict(signed(category), "i1", at)
    assert (at_will.allowed, at_will.code) == (True, "ok_unopened")
    assert "未拆封" in at_will.sentence
    assert rules.return_verdict(signed(category), "i1", at, ReturnReason.DAMAGED).code == "ok"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ReturnState.REQUESTED, "return_open"),
        (ReturnState.APPROVED, "return_open"),
        (ReturnState.SHIPPED_BACK, "return_open"),
        (ReturnState.INSPECTING, "return_open"),
        (ReturnState.REFUNDED, "already_returned"),
        (ReturnState.REJECTED, "ok"),
        (ReturnState.CLOSED, "ok"),
    ],
)
def test_an_item_has_one_standing_return(state: ReturnState, code: str):
    order = signed("clothing", "clothing", returns=(return_value(state),))
    verdict = rules.return_verdict(order, "i1", SIGNED + timedelta(days=1))
    assert (verdict.code, verdict.allowed) == (code, code == "ok")
    if code == "return_open":
        assert "RMA0000000001" in verdict.sentence
    assert rules.return_verdict(order, "i2", SIGNED + timedelta(days=1)).allowed


@pytest.mark.parametrize("state", UNSIGNED)
def test_unsigned_orders_cannot_be_returned(state: OrderState):
    assert rules.return_verdict(order_value(state), "i1", SIGNED).code == "not_signed"


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.CLOSED])
def test_ended_orders_cannot_be_returned(state: OrderState):
    assert rules.return_verdict(order_value(state), "i1", SIGNED).code == "order_closed"


def test_unknown_item_is_refused():
    assert rules.return_verdict(signed(), "other", SIGNED).code == "item_not_found"


@given(
    st.sampled_from(list(OrderState)),
    st.sampled_from([*rules.Category, "something_new"]),
    st.sampled_from([None, *ReturnReason]),
    st.integers(0, 40 * 24 * 60),
)
def test_every_verdict_speaks_and_refusals_have_a_code(
    state: OrderState, category: str, reason: ReturnReason | None, minutes: int
):
    order = order_value(state, signed_at=SIGNED, categories=(category,))
    verdicts = [
        rules.return_verdict(order, "i1", SIGNED + timedelta(minutes=minutes), reason),
        rules.cancel_verdict(order),
        rules.refund_verdict(order),
        *(rules.change_verdict(order, change) for change in Change),
    ]
    for verdict in verdicts:
        assert verdict.sentence.endswith("。")
        assert verdict.allowed or verdict.code != "ok"


@pytest.mark.parametrize("state", list(OrderState))
def test_cancel_only_before_shipping(state: OrderState):
    allowed = rules.cancel_verdict(order_value(state)).allowed
    assert allowed == (state in (OrderState.UNPAID, OrderState.PAID))


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("state", list(OrderState))
def test_change_only_before_shipping(state: OrderState, change: Change):
    allowed = rules.change_verdict(order_value(state), change).allowed
    assert allowed == (state in (OrderState.UNPAID, OrderState.PAID))


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
        (OrderState.CANCELLED, "order_closed"),
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
