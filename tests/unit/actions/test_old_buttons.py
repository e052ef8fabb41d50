"""Answers to a form's questions, pressed when the form has ended."""

from __future__ import annotations

from typing import Any

import pytest

from actions.old_buttons import STEP_IS_OVER
from actions.return_draft import RETURNABLE, Eligibility
from actions.turn import read_turn
from kefu.shop.model import Order, OrderItem, ReturnReason
from tests.unit.actions.conftest import KEY, Bot


def returnable(bot: Bot) -> tuple[Order, OrderItem]:
    turn = read_turn(bot.claims(), KEY, message={}, slots={}, events=[], active_form=None)
    order = Eligibility(bot.services.shop, turn).orders()[0]
    assert order.state in RETURNABLE
    return order, Eligibility(bot.services.shop, turn).items(order)[0]


def test_a_confirmation_pressed_again_shows_what_became_of_it(bot: Bot) -> None:
    order, item = returnable(bot)
    made = bot.services.shop.request_return(
        bot.viewer,
        read_turn(bot.claims(), KEY, message={}, slots={}, events=[], active_form=None).ref,
        order_number=order.order_number,
        item_id=item.item_id,
        reason=ReturnReason.DAMAGED,
        note="",
    )
    answer = bot.hears(intent="affirm", item_id=item.item_id).runs("action_affirm")
    assert answer.text.startswith(STEP_IS_OVER)
    assert [card["rma_number"] for card in answer.cards] == [made.rma_number]
    assert answer.commands == []


def test_it_never_passes_for_a_yes_to_the_person_offered_just_now(bot: Bot) -> None:
    bot.hears("没用", "not_solved").runs("action_not_solved")
    answer = bot.hears(intent="affirm", item_id="gone").runs("action_affirm")
    assert answer.commands == []
    assert answer.text.startswith(STEP_IS_OVER)


def test_a_reason_without_a_form_leads_back_to_the_services(bot: Bot) -> None:
    answer = bot.hears(intent="inform", return_reason="damaged").runs("action_inform")
    assert answer.text.startswith(STEP_IS_OVER)
    assert "/return_request" in answer.payloads
    assert "/human_agent" in answer.payloads


def test_the_order_talked_about_is_told_as_it_stands(bot: Bot) -> None:
    order = bot.orders()[0]
    bot.slots["current_order"] = {"number": order.order_number, "at": bot.now.isoformat()}
    answer = bot.hears(intent="inform", return_reason="damaged").runs("action_inform")
    assert "这笔订单" in answer.text
    assert any(order.order_number in payload for payload in answer.payloads)


def test_another_form_goes_on_after_it(bot: Bot) -> None:
    bot.form = "guest_form"
    bot.slots["requested_slot"] = "guest_order"
    answer = bot.hears(intent="inform", return_reason="damaged").runs("action_inform")
    assert answer.text == STEP_IS_OVER
    assert answer.buttons == []


def test_a_yes_that_was_not_just_offered_is_old(bot: Bot) -> None:
    assert bot.hears(intent="affirm").runs("action_affirm").text.startswith(STEP_IS_OVER)


def test_a_yes_that_was_just_offered_is_none(bot: Bot) -> None:
    bot.hears("没用", "not_solved").runs("action_not_solved")
    bot.events.append({"event": "bot", "data": {"buttons": [{"payload": "/affirm"}]}})
    (command,) = bot.hears(intent="affirm").runs("action_affirm").commands
    assert command["type"] == "handoff"


@pytest.mark.parametrize("account", ["u0002", None])
def test_nobody_sees_a_strangers_case(bot: Bot, as_shopper: Any, account: str | None) -> None:
    order, item = returnable(bot)
    stranger: Bot = as_shopper(account)
    stranger.slots["current_order"] = {"number": order.order_number, "at": bot.now.isoformat()}
    answer = stranger.hears(intent="affirm", item_id=item.item_id).runs("action_affirm")
    assert answer.cards == []
    assert "这笔订单" not in answer.text


def test_a_number_on_a_button_is_a_request(bot: Bot) -> None:
    order = bot.orders()[0]
    answer = bot.hears(intent="inform", order_number=order.order_number).runs("action_inform")
    assert not answer.text.startswith(STEP_IS_OVER)
    assert [card["order_number"] for card in answer.cards] == [order.order_number]
