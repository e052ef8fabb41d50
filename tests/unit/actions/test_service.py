"""People, tickets, and what is not understood."""

from __future__ import annotations

from typing import Any

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


def test_the_second_of_the_orders_offered_is_taken(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    asked = bot.hears("快递到哪了", "track_logistics").runs("action_track_logistics")
    bot.events.append({"event": "bot", "data": {"buttons": asked.buttons}})
    answer = bot.hears("第二个", "nlu_fallback").runs("action_clarify")
    assert [card["order_number"] in asked.payloads[1] for card in answer.cards] == [True]
    assert not answer.commands


def test_suggestions_carry_the_order_number_that_was_named(bot: Bot) -> None:
    number = bot.orders()[0].order_number
    bot.hears("你好", "greet").runs("action_affirm")
    answer = bot.hears(f"{number}想那个", "nlu_fallback", ("nlu_fallback", "return_request")).runs(
        "action_clarify"
    )
    assert number in answer.payloads[0]


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


def test_a_complaint_is_one_ticket_however_often_it_is_told(bot: Bot) -> None:
    first = bot.hears("我要投诉快递员态度差", "complaint").runs("action_complaint")
    (ticket,) = first.commands
    assert ticket["kind"] == "complaint"
    assert ticket["details"] == "我要投诉快递员态度差"
    again = bot.hears("我要投诉！", "complaint").runs("action_complaint")
    assert again.commands == []
    assert "登记过" in again.text
    appeal = bot.hears("申请平台介入", "dispute_appeal").runs("action_dispute_appeal")
    assert [each["kind"] for each in appeal.commands] == ["appeal"]


def test_data_without_a_question_is_asked_back(bot: Bot) -> None:
    answer = bot.hears("张三", "inform").runs("action_inform")
    assert "/order_status" in answer.payloads


def test_a_bare_order_number_shows_its_order(bot: Bot) -> None:
    number = bot.orders()[3].order_number
    answer = bot.hears(number, "inform").runs("action_inform")
    assert [card["order_number"] for card in answer.cards] == [number]


def test_every_action_answers_or_goes_on(bot: Bot, as_shopper: Any) -> None:
    """No shopper is answered with silence by an action that a rule calls on its own."""
    forms = ("validate_", "action_ask_", "action_return_done", "action_guest_done")
    from actions.registry import ACTIONS

    for account in ("u0001", "u0002", None):
        for action in ACTIONS:
            if not action.action_name.startswith(forms):
                shopper = as_shopper(account)
                answer = shopper.hears("您好", "inform").runs(action.action_name)
                assert answer.responses or answer.followup, action.action_name
