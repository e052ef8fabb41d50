"""Reminding the seller: once a day, with what can be expected."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.model import OrderState
from kefu.shop.read_only import without_writes
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def urge(bot: Bot, number: str) -> str:
    return Talk(bot).says("催发货", "urge_shipping", order_number=number).text


def test_it_is_done_at_once_and_told_with_both_times(bot: Bot) -> None:
    order = bot.orders(OrderState.PAID)[0]
    answer = urge(bot, order.order_number)
    assert "已提醒商家" in answer
    assert "24小时内" in answer
    assert "前发货" in answer
    (done,) = bot.services.shop.operations(bot.turn_id)
    assert (done.name, done.target) == ("urge_shipping", order.order_number)


def test_the_second_time_of_a_day_is_told_honestly(bot: Bot) -> None:
    number = bot.orders(OrderState.PAID)[0].order_number
    talk = Talk(bot)
    talk.says("催发货", "urge_shipping", order_number=number)
    again = talk.says("催发货", "urge_shipping", order_number=number)
    assert "今天已经催过" in again.text
    bot.now += timedelta(days=1)
    assert "已提醒商家" in talk.says("催发货", "urge_shipping", order_number=number).text


def test_an_overdue_order_gets_an_apology_and_ways_out(bot: Bot) -> None:
    order = bot.orders(OrderState.PAID)[0]
    assert order.promised_ship_at
    bot.now = order.promised_ship_at + timedelta(hours=1)
    answer = Talk(bot).says("催发货", "urge_shipping", order_number=order.order_number)
    assert "超时" in answer.text
    assert "非常抱歉" in answer.text
    assert answer.slots["offered_intent"]["payload"] == "/human_agent"
    assert any(payload.startswith("/cancel_order") for payload in answer.payloads)


def test_several_waiting_orders_are_never_guessed(bot: Bot) -> None:
    answer = Talk(bot).says("催发货", "urge_shipping")
    waiting = [order.order_number for order in bot.orders(OrderState.PAID)]
    assert len(waiting) > 1
    assert all(number in payload for number, payload in zip(waiting, answer.payloads, strict=True))
    assert bot.services.shop.operations(bot.turn_id) == ()


def test_what_has_left_is_not_urged(bot: Bot) -> None:
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    answer = Talk(bot).says("催发货", "urge_shipping", order_number=number)
    assert "已经发货" in answer.text
    assert answer.slots["last_verdict"]["code"] == "already_shipped"
    assert bot.services.shop.operations(bot.turn_id) == ()


def test_the_same_turn_again_is_told_as_the_first(bot: Bot) -> None:
    number = bot.orders(OrderState.PAID)[0].order_number
    bot.hears("催发货", "urge_shipping", order_number=number)
    first = bot.runs("action_urge_shipping").text
    assert bot.runs("action_urge_shipping").text == first


def test_a_shop_that_lets_nothing_be_written_gets_a_ticket(bot: Bot, shop: SqlGateway) -> None:
    number = bot.orders(OrderState.PAID)[0].order_number
    object.__setattr__(bot.services, "shop", without_writes(shop))
    (command,) = Talk(bot).says("催发货", "urge_shipping", order_number=number).commands
    assert (command["kind"], command["order_number"]) == ("service", number)


def test_all_that_wait_are_urged_at_once(bot: Bot) -> None:
    waiting = bot.orders(OrderState.PAID)
    assert len(waiting) > 1
    answer = Talk(bot).says("都催一下", "urge_shipping")
    assert answer.text.count("已提醒商家") == len(waiting)


@pytest.mark.parametrize("text", ["啥时候发货", "什么时候能发", "发货了吗"])
def test_who_only_asks_hears_the_state_and_the_offer(bot: Bot, text: str) -> None:
    number = bot.orders(OrderState.PAID)[0].order_number
    answer = Talk(bot).says(f"{number} {text}", "urge_shipping", order_number=number)
    assert "需要我提醒" in answer.text
    assert not bot.services.shop.operations(bot.turn_id)


def test_goods_that_do_not_wait_any_more_are_told_as_they_are(as_shopper: Any) -> None:
    bot = as_shopper("u0009")
    (item, *_) = bot.orders()[0].items
    answer = Talk(bot).says(f"我的{item.name}咋还没寄过来", "urge_shipping")
    assert "已经签收" in answer.text
