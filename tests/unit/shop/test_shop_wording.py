from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.shop import wording
from kefu.shop.demo import goods
from kefu.shop.model import (
    OrderState,
    PaymentState,
    RefundState,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.shop.order_rules import Change
from kefu.shop.rules import Category

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("say", "kind"),
    [
        (wording.order_state_text, OrderState),
        (wording.payment_state_text, PaymentState),
        (wording.shipment_state_text, ShipmentState),
        (wording.return_state_text, ReturnState),
        (wording.refund_state_text, RefundState),
        (wording.return_reason_text, ReturnReason),
        (wording.category_text, Category),
        (wording.change_text, Change),
    ],
)
def test_every_word_of_the_shop_has_a_chinese_name_of_its_own(say, kind):
    names = [say(member) for member in kind]
    assert len(set(names)) == len(names)
    assert all(name and not name.isascii() for name in names)


@given(st.integers(-(10**9), 10**9))
def test_money_keeps_every_fen(fen: int):
    text = wording.yuan(fen)
    assert round(float(text.replace("¥", "").replace(",", "")) * 100) == fen


@pytest.mark.parametrize(
    ("fen", "text"),
    [(3990, "¥39.90"), (0, "¥0.00"), (5, "¥0.05"), (123456, "¥1,234.56"), (-1, "-¥0.01")],
)
def test_money(fen: int, text: str):
    assert wording.yuan(fen) == text


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 11, 10, 6, 5, tzinfo=UTC), "今天14:05"),
        (datetime(2026, 11, 9, 16, 0, tzinfo=UTC), "今天00:00"),
        (datetime(2026, 11, 9, 15, 59, tzinfo=UTC), "昨天23:59"),
        (datetime(2026, 11, 11, 1, 0, tzinfo=UTC), "明天09:00"),
        (datetime(2026, 11, 3, 1, 30, tzinfo=UTC), "11月3日09:30"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025年12月31日23:59"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "1月1日00:00"),
    ],
)
def test_moments_are_told_in_beijing_time(at: datetime, text: str):
    assert wording.moment_text(at, NOW) == text


def test_payment_failures_tell_reason_and_way_out():
    failure = wording.payment_failure("insufficient_balance")
    assert "余额不足" in failure.reason
    for each in [*wording.PAYMENT_FAILURES.values(), wording.payment_failure(None)]:
        assert not each.reason.endswith("。")
        assert each.advice.endswith("。")


def test_codes_nobody_knows_are_told_without_the_code():
    assert "X99" not in wording.payment_failure("X99").reason
    assert wording.payment_method_text("paypal") == "其他方式"
    assert wording.channel_text("paypal") == "原支付方式"
    assert wording.category_text("submarines") == "商品"


def test_all_goods_of_the_demo_have_a_named_category():
    assert len({good.category for good in goods.GOODS}) >= 8
    assert all(wording.category_text(good.category) != "商品" for good in goods.GOODS)
