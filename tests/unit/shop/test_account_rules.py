"""Locks that open with a code, and what a level brings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kefu.shop.account_rules import membership_of, unlock_verdict
from kefu.shop.model import Account
from kefu.shop.policy import MemberLevel, ShopPolicy
from tests.shop_data import NOW

LEVELS = (
    MemberLevel("普通", 0, ("生日券",)),
    MemberLevel("银卡", 1000, ("生日券", "运费券")),
    MemberLevel("金卡", 5000, ("生日券", "优先发货")),
)


@pytest.mark.parametrize(
    ("locked", "until", "allowed", "code"),
    [
        (False, None, True, "not_locked"),
        (True, NOW + timedelta(hours=1), True, "ok"),
        (True, NOW - timedelta(hours=1), True, "ok"),
        (True, None, False, "lock_by_person"),
    ],
)
def test_only_a_lock_with_an_end_opens(locked: bool, until, allowed: bool, code: str):
    account = Account("a", "张三", "****", None, "普通会员", locked, None, until)
    verdict = unlock_verdict(account)
    assert (verdict.allowed, verdict.code) == (allowed, code)


@pytest.mark.parametrize(
    ("level", "growth", "ahead"),
    [
        ("普通", 0, ("银卡", 1000)),
        ("普通", 999, ("银卡", 1000)),
        ("普通", 1000, ("金卡", 5000)),
        ("银卡", 1200, ("金卡", 5000)),
        ("银卡", 0, ("金卡", 5000)),
        ("金卡", 100, (None, None)),
        ("金卡", 99999, (None, None)),
        ("内部员工", 10, ("银卡", 1000)),
    ],
)
def test_the_next_level_is_above_the_own_and_not_reached(
    level: str, growth: int, ahead: tuple[str | None, int | None]
):
    found = membership_of(level, growth, 7, LEVELS)
    assert (found.next_level, found.next_growth) == ahead
    assert (found.level, found.growth, found.points) == (level, growth, 7)


def test_benefits_are_those_of_the_level():
    assert membership_of("金卡", 0, 0, LEVELS).benefits == ("生日券", "优先发货")
    assert membership_of("内部员工", 0, 0, LEVELS).benefits == ()
    assert membership_of("普通", 0, 0, ()).next_level is None


def test_the_levels_of_the_policy_rise():
    growths = [level.growth for level in ShopPolicy().levels]
    assert growths == sorted(set(growths))
