from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import OrderState
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import NOW, Bot
from tests.unit.actions.form_talk import Talk


def test_someone_elses_order_and_an_unknown_one_get_the_very_same_answer(
    bot: Bot, as_shopper: Any
) -> None:
    foreign = as_shopper("u0009").orders()[0].order_number
    for action in (
        "action_order_status",
        "action_track_logistics",
        "action_urge_shipping",
        "action_cancel_order",
        "action_change_order",
        "action_delivery_problem",
        "action_payment_failure",
        "action_payment_charged",
        "action_invoice",
        "action_price_protection",
        "action_delivery_schedule",
        "action_refund_progress",
    ):
        theirs = bot.hears(foreign, "order_status", order_number=foreign).runs(action)
        unknown = "KF20200101000000"
        none = bot.hears(unknown, "order_status", order_number=unknown).runs(action)
        assert theirs.responses == none.responses, action
        assert theirs.events == none.events, action
        assert theirs.text


def test_a_shop_that_is_down_is_an_apology_with_a_person(
    bot: Bot, shop: SqlGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise ShopUnavailable("no route")

    monkeypatch.setattr(shop, "orders", down)
    answer = bot.hears("我的订单", "order_status").runs("action_order_status")
    assert "抱歉" in answer.text
    assert answer.payloads == ["/human_agent"]


def test_several_orders_are_listed_newest_first_five_at_a_time(bot: Bot) -> None:
    first = bot.hears("查一下我的订单", "order_status").runs("action_order_status")
    everything = [order.order_number for order in bot.orders()]
    assert [card["order_number"] for card in first.cards] == everything[:5]
    more = json.loads(first.payloads[-1].removeprefix("/order_status"))
    second = bot.hears(intent="order_status", **more).runs("action_order_status")
    assert [card["order_number"] for card in second.cards] == everything[5:10]


def test_one_order_is_shown_at_once_and_kept_in_mind(as_shopper: Any) -> None:
    bot = as_shopper("u0011")
    (order,) = bot.orders()
    answer = bot.hears("我的订单呢", "order_status").runs("action_order_status")
    assert [card["order_number"] for card in answer.cards] == [order.order_number]
    assert "¥" in answer.text
    assert bot.slots["current_order"]["number"] == order.order_number


def test_a_shopper_without_orders_is_told_so_kindly(as_shopper: Any) -> None:
    for action in ("action_order_status", "action_track_logistics", "action_cancel_order"):
        answer = as_shopper("u0002").hears("订单", "order_status").runs(action)
        assert "没有订单" in answer.text
        assert "/human_agent" in answer.payloads


@pytest.mark.parametrize("text", ["我最近一笔订单怎么样了", "刚下的单什么状态", "上一单"])
def test_the_latest_order_is_meant(bot: Bot, text: str) -> None:
    answer = bot.hears(text, "order_status").runs("action_order_status")
    assert [card["order_number"] for card in answer.cards] == [bot.orders()[0].order_number]


def test_this_order_is_the_one_talked_about_for_half_an_hour(bot: Bot) -> None:
    number = bot.orders(OrderState.SIGNED)[0].order_number
    bot.hears(number, "inform", order_number=number).runs("action_inform")
    answer = bot.hears("这个订单多少钱", "order_status").runs("action_order_status")
    assert [card["order_number"] for card in answer.cards] == [number]
    bot.now = NOW + timedelta(minutes=31)
    later = bot.hears("这个订单多少钱", "order_status").runs("action_order_status")
    assert len(later.cards) == 5


def test_the_order_that_the_chat_was_opened_from_is_meant(as_shopper: Any) -> None:
    number = as_shopper("u0001").orders(OrderState.PAID)[1].order_number
    bot = as_shopper("u0001", context={"order_id": number})
    answer = bot.hears("到哪一步了", "order_status").runs("action_order_status")
    assert [card["order_number"] for card in answer.cards] == [number]


def test_a_page_context_of_someone_elses_order_shows_nothing_of_it(as_shopper: Any) -> None:
    foreign = as_shopper("u0009").orders()[0].order_number
    bot = as_shopper("u0001", context={"order_id": foreign})
    answer = bot.hears("到哪一步了", "order_status").runs("action_order_status")
    assert foreign not in str(answer.responses)


def test_what_was_offered_may_be_pointed_at_after_a_miss(bot: Bot) -> None:
    talk = Talk(bot)
    asked = talk.says("催发货", "urge_shipping")
    talk.says("呃呃啥玩意", "nlu_fallback")
    answer = talk.says("第二个", "inform")
    assert "已提醒商家" in answer.text
    (done,) = bot.services.shop.operations(bot.turn_id)
    assert done.target in asked.payloads[1]
