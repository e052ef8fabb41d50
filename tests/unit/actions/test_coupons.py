"""Coupons: which there are, and why one cannot be used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.actions.conftest import Bot

ACTION = "action_promotion_coupon"


@pytest.fixture
def holder(as_shopper: Any) -> Bot:
    """Five coupons: two for all goods, one for clothes, one expired, one used."""
    return as_shopper("u0015")


def ask(bot: Bot, text: str) -> Any:
    return bot.hears(text, "promotion_coupon").runs(ACTION)


def test_all_are_listed_with_the_usable_first(holder: Bot) -> None:
    answer = ask(holder, "我有什么券")
    assert "5张优惠券，现在能用的3张" in answer.text
    lines = answer.text.splitlines()
    assert "可以使用" in lines[1]
    assert "过期" in lines[4] or "过期" in lines[5]
    assert "用过" in answer.text


@pytest.mark.parametrize("text", ["优惠券", "我的券", "查一下我的优惠券"])
def test_the_bare_word_lists_them(holder: Bot, text: str) -> None:
    assert "5张优惠券" in ask(holder, text).text


def test_a_coupon_is_judged_against_the_goods_in_question(holder: Bot) -> None:
    answer = ask(holder, "满1999减200的券买纯棉圆领短袖T恤为什么用不了")
    assert "纯棉圆领短袖T恤" in answer.text
    assert "还差¥1,940.00" in answer.text
    assert answer.slots["last_verdict"]["code"] == "coupon_minimum"


def test_a_coupon_for_other_goods_is_told_so(holder: Bot) -> None:
    answer = ask(holder, "满99减30的券买机械键盘用不了")
    assert "只能用于服装" in answer.text
    assert answer.slots["last_verdict"]["code"] == "coupon_other_category"


def test_a_used_or_expired_one_is_told_when(holder: Bot) -> None:
    assert "用过了" in ask(holder, "满99减20的为啥不能用").text
    assert "过期" in ask(holder, "满100减10那张为啥用不了").text


def test_a_coupon_that_is_not_there_is_not_invented(holder: Bot) -> None:
    assert "没有这张券" in ask(holder, "满199减66那张咋不给用").text


def test_the_rules_come_out_of_the_library(holder: Bot) -> None:
    answer = ask(holder, "满减怎么凑")
    assert [card["type"] for card in answer.cards] == ["article"]


def test_who_has_none_and_who_is_not_signed_in_are_told_so(as_shopper: Any) -> None:
    assert "没有优惠券" in ask(as_shopper("u0002"), "我的优惠券").text
    guest = ask(as_shopper(None), "我的优惠券")
    assert "登录" in guest.text
    assert "张优惠券" not in guest.text


@pytest.mark.parametrize(
    "text", ["有啥券能用", "优惠券有没有", "有没有什么优惠券", "有什么券可以用"]
)
def test_who_asks_which_there_are_sees_the_own(holder: Bot, text: str) -> None:
    assert "5张优惠券" in ask(holder, text).text
