"""People, tickets, and what is not understood."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kefu.shop.model import OrderState
from tests.unit.actions.conftest import Bot


def test_a_person_on_request_at_once_and_the_form_is_left(bot: Bot) -> None:
    number = bot.orders(OrderState.PAID)[0].order_number
    bot.hears("催发货", "urge_shipping", order_number=number).runs("action_urge_shipping")
    bot.form = "return_form"
    answer = bot.hears("转人工", "human_agent").runs("action_handoff")
    (command,) = answer.commands
    assert (command["type"], command["reason"]) == ("handoff", "requested")
    assert "催发货" in command["note"]
    assert number in command["note"]
    assert {"event": "active_loop", "name": None} in [
        {key: each[key] for key in ("event", "name")} for each in answer.events
    ]


def test_two_misunderstandings_in_a_row_bring_a_person(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    first = bot.hears(
        "阿巴阿巴", "nlu_fallback", ("nlu_fallback", "greet", "invoice", "order_status")
    ).runs("action_clarify")
    assert first.payloads == ["/invoice", "/order_status", "/human_agent"]
    assert not first.commands
    second = bot.hears("呜啦", "nlu_fallback").runs("action_clarify")
    assert [each["reason"] for each in second.commands] == ["low_confidence"]


@pytest.mark.parametrize("text", ["第二个", "2", "查第二个"])
def test_the_second_of_the_orders_offered_is_taken(bot: Bot, text: str) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    asked = bot.hears("快递到哪了", "track_logistics").runs("action_track_logistics")
    answer = bot.hears(text, "nlu_fallback").runs("action_clarify")
    assert [card["type"] for card in answer.cards] == ["logistics"]
    assert answer.cards[0]["order_number"] in asked.payloads[1]
    assert not answer.commands


@pytest.mark.parametrize(
    ("text", "intent", "action", "wanted"),
    [
        ("第二个发货了吗", "urge_shipping", "action_urge_shipping", None),
        ("取消第二个", "cancel_order", "action_cancel_order", None),
        ("查第二个", "nlu_fallback", "action_clarify", "order"),
        ("第二个的物流", "inform", "action_inform", "logistics"),
    ],
)
def test_the_second_card_of_a_list_is_meant(
    bot: Bot, text: str, intent: str, action: str, wanted: str | None
) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    shown = bot.hears("我的订单", "order_status").runs("action_order_status")
    number = shown.cards[1]["order_number"]
    answer = bot.hears(text, intent).runs(action)
    assert answer.slots["current_order"]["number"] == number
    if wanted and answer.cards:
        assert {card["type"] for card in answer.cards} == {wanted}


def test_an_ordinal_means_nothing_once_something_else_was_said(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    bot.hears("我的订单", "order_status").runs("action_order_status")
    bot.hears("好的", "affirm").runs("action_affirm")
    assert not bot.hears("查第二个", "nlu_fallback").runs("action_clarify").cards


@pytest.mark.parametrize("action", ["action_inform", "action_clarify", "action_affirm"])
def test_a_request_beside_a_number_is_served(bot: Bot, action: str) -> None:
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    bot.hears("你好", "greet").runs("action_affirm")
    heard = bot.hears(
        f"{number}到哪了", "inform", ("inform", "track_logistics"), order_number=number
    )
    assert [card["type"] for card in heard.runs(action).cards] == ["logistics"]
    heard = bot.hears(f"{number}开票", "inform", ("inform", "invoice"), order_number=number)
    assert heard.runs(action).followup == "order_form"
    assert bot.slots["order_service"] == "invoice"


def test_a_number_with_nothing_clear_shows_its_order_and_what_can_be_done(bot: Bot) -> None:
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    bot.hears("你好", "greet").runs("action_affirm")
    answer = bot.hears(f"{number}想那个", "nlu_fallback", ("nlu_fallback", "complaint")).runs(
        "action_clarify"
    )
    (card,) = answer.cards
    assert card["order_number"] == number
    assert card["buttons"]


def test_a_return_number_alone_shows_its_return_and_only_ones_own(as_shopper: Any) -> None:
    owner = next(
        bot
        for bot in (as_shopper(f"u{number:04d}") for number in range(1, 60))
        if bot.services.shop.returns(bot.viewer)
    )
    (mine, *_) = owner.services.shop.returns(owner.viewer)
    shown = owner.hears(mine.rma_number.lower(), "inform").runs("action_inform")
    assert [card["rma_number"] for card in shown.cards if card["type"] == "return"] == [
        mine.rma_number
    ]
    stranger = as_shopper("u0002").hears(mine.rma_number, "inform").runs("action_inform")
    assert not stranger.cards
    assert "没有查到" in stranger.text


def test_goods_name_the_order_whose_parcel_is_asked_for(bot: Bot) -> None:
    names = Counter(item.name for order in bot.orders() for item in order.items)
    order, name = next(
        (order, item.name)
        for order in bot.orders(OrderState.SHIPPED, OrderState.SIGNED)
        for item in order.items
        if names[item.name] == 1
    )
    ranking = ("nlu_fallback", "track_logistics")
    answer = bot.hears(f"查物流 {name}", "nlu_fallback", ranking).runs("action_clarify")
    assert order.order_number in str(answer.cards) + str(answer.payloads)
    told = bot.hears(f"{name}的物流", "track_logistics").runs("action_track_logistics")
    assert order.order_number in str(told.cards) + str(told.payloads)


def test_pictures_are_small_talk_however_often_they_come(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    for text in ("👍", "🙏🙏", "😊"):
        answer = bot.hears(text, "nlu_fallback", ("nlu_fallback", "invoice")).runs("action_clarify")
        assert not answer.commands
        assert "没太听懂" not in answer.text


def test_two_misunderstandings_apart_do_not(bot: Bot) -> None:
    bot.hears("阿巴阿巴", "nlu_fallback").runs("action_clarify")
    bot.hears("我的订单", "order_status").runs("action_order_status")
    assert not bot.hears("呜啦", "nlu_fallback").runs("action_clarify").commands


def test_yes_to_an_offered_person_brings_one_and_yes_later_does_not(bot: Bot) -> None:
    offer = bot.hears("没解决", "not_solved").runs("action_not_solved")
    assert offer.text.endswith("需要转人工客服吗？")
    assert bot.hears("好的", "affirm").runs("action_affirm").commands[0]["type"] == "handoff"
    bot.hears("我的订单", "order_status").runs("action_order_status")
    assert not bot.hears("好的", "affirm").runs("action_affirm").commands


def test_yes_to_a_way_to_a_person_is_asked_back(bot: Bot) -> None:
    bot.hears("这个防水吗", "product_question")
    bot.events.append({"event": "bot", "data": {"buttons": [{"payload": "/human_agent"}]}})
    asked = bot.hears("好的", "affirm").runs("action_affirm")
    assert "转接人工客服吗" in asked.text
    assert not asked.commands


def test_not_solved_and_abuse_are_handed_over_the_second_time(bot: Bot) -> None:
    for intent, action in (("not_solved", "action_not_solved"), ("abuse", "action_abuse")):
        assert not bot.hears("唉", intent).runs(action).commands
        (command,) = bot.hears("唉", intent).runs(action).commands
        assert command["reason"] == intent


def test_data_without_a_question_is_asked_back(bot: Bot) -> None:
    answer = bot.hears("张三", "inform").runs("action_inform")
    assert "/order_status" in answer.payloads


def test_a_bare_order_number_shows_its_order(bot: Bot) -> None:
    number = bot.orders()[3].order_number
    answer = bot.hears(number, "inform").runs("action_inform")
    assert [card["order_number"] for card in answer.cards] == [number]


def test_every_action_answers_or_goes_on(bot: Bot, as_shopper: Any) -> None:
    """No shopper is answered with silence by an action that a rule calls on its own."""
    forms = ("validate_", "action_ask_")
    # These run after something else was said.
    ends = ("_done", "action_after_service")
    from actions.registry import ACTIONS

    for account in ("u0001", "u0002", None):
        for action in ACTIONS:
            name = action.action_name
            if not name.startswith(forms) and not name.endswith(ends):
                shopper = as_shopper(account)
                answer = shopper.hears("您好", "inform").runs(action.action_name)
                assert answer.responses or answer.followup, action.action_name


def test_to_leave_it_is_no_misunderstanding(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    for text in ("不退了", "先不查了"):
        answer = bot.hears(text, "nlu_fallback").runs("action_clarify")
        assert (answer.text, answer.commands) == ("好的，有需要随时找我。", [])
