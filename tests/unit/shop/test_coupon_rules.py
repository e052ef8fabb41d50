"""Why a coupon can or cannot be used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kefu.shop.coupon_rules import coupon_verdict, goods_of
from kefu.shop.model import OrderItem
from kefu.shop.money import Coupon
from kefu.shop.rules import BEIJING
from tests.shop_data import order_value

MICROSECOND = timedelta(microseconds=1)
START = datetime(2026, 11, 1, tzinfo=BEIJING)
END = datetime(2026, 11, 12, tzinfo=BEIJING)
NOW = datetime(2026, 11, 10, 12, 0, tzinfo=BEIJING)


def coupon(**more: Any) -> Coupon:
    values: dict[str, Any] = {
        "coupon_id": "C1",
        "name": "满199减20优惠券",
        "amount": 2000,
        "minimum": 19900,
        "valid_from": START,
        "valid_until": END,
        "used_at": None,
        "category": "",
    }
    return Coupon(**(values | more))


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (START - MICROSECOND, "coupon_not_started"),
        (START, "ok"),
        (END - MICROSECOND, "ok"),
        (END, "coupon_expired"),
    ],
)
def test_it_holds_from_its_first_moment_to_before_its_last(at: datetime, code: str):
    verdict = coupon_verdict(coupon(), at)
    assert (verdict.code, verdict.allowed) == (code, code == "ok")


def test_a_used_coupon_says_when_even_after_it_has_expired():
    verdict = coupon_verdict(coupon(used_at=START + timedelta(hours=9)), END)
    assert verdict.code == "coupon_used"
    assert "11月1日09:00" in verdict.sentence


def test_without_goods_the_terms_are_told():
    assert "全部商品满¥199.00减¥20.00" in coupon_verdict(coupon(), NOW).sentence
    assert "数码类商品满" in coupon_verdict(coupon(category="electronics"), NOW).sentence


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "coupon_minimum"), (19899, "coupon_minimum"), (19900, "ok")]
)
def test_the_minimum_must_be_reached(amount: int, code: str):
    verdict = coupon_verdict(coupon(), NOW, {"home": amount})
    assert verdict.code == code


def test_what_is_missing_is_said_to_the_fen():
    verdict = coupon_verdict(coupon(), NOW, {"home": 10000, "books": 9899})
    assert "还差¥0.01" in verdict.sentence


def test_only_goods_of_its_category_count():
    limited = coupon(category="books")
    assert coupon_verdict(limited, NOW, {"home": 99900}).code == "coupon_other_category"
    short = coupon_verdict(limited, NOW, {"home": 99900, "books": 15900})
    assert short.code == "coupon_minimum"
    assert "还差¥40.00" in short.sentence
    assert coupon_verdict(limited, NOW, {"books": 19900}).allowed


def test_it_never_takes_off_more_than_the_goods_cost():
    verdict = coupon_verdict(coupon(minimum=0), NOW, {"home": 1500})
    assert "能减¥15.00" in verdict.sentence


def test_the_goods_of_an_order_are_added_up_by_category():
    items = (
        OrderItem("i1", "s", "杯", "", "home", 2, 5000),
        OrderItem("i2", "s", "锅", "", "home", 1, 900),
        OrderItem("i3", "s", "书", "", "books", 1, 3000),
    )
    assert goods_of(order_value(items=items)) == {"home": 10900, "books": 3000}
