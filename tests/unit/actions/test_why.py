"""A bare 「为什么」: the reason of the last refusal, in a form too, with a person offered."""

from __future__ import annotations

from typing import Any

import pytest

from actions import why
from kefu.shop.model import OrderState
from tests.unit.actions.conftest import Bot

PERSON = "/human_agent"


def refused_cancelling(bot: Bot) -> Bot:
    (order, *_) = bot.orders(OrderState.SHIPPED)
    bot.hears("取消订单", "cancel_order", order_number=order.order_number)
    bot.runs("action_cancel_order")
    return bot


def test_a_refusal_is_explained_with_the_help_article_and_a_person(bot: Bot) -> None:
    answer = refused_cancelling(bot).hears("凭什么", "nlu_fallback").runs("action_why")
    assert "快递公司" in answer.text
    assert [card["type"] for card in answer.cards] == ["article"]
    assert f"《{answer.cards[0]['title']}》" in answer.text
    assert answer.payloads == [PERSON]
    assert answer.slots["offered_intent"]["payload"] == "/human_agent"


def test_a_yes_to_the_explanation_brings_the_person(bot: Bot) -> None:
    refused_cancelling(bot).hears("为什么", "nlu_fallback").runs("action_why")
    (command,) = bot.hears("好的", "affirm").runs("action_affirm").commands
    assert command["type"] == "handoff"


def test_asked_again_it_does_not_repeat_itself(bot: Bot) -> None:
    first = refused_cancelling(bot).hears("为什么", "nlu_fallback").runs("action_why")
    again = bot.hears("凭什么", "nlu_fallback").runs("action_why")
    assert again.text != first.text
    assert again.payloads == [PERSON]


def test_without_a_refusal_it_asks_what_is_meant(bot: Bot) -> None:
    bot.hears("查订单", "order_status").runs("action_order_status")
    answer = bot.hears("为什么", "nlu_fallback").runs("action_why")
    assert answer.text.startswith(why.WHICH)
    assert answer.payloads == [PERSON]


def test_an_older_refusal_is_not_meant(bot: Bot) -> None:
    refused_cancelling(bot).hears("查订单", "order_status").runs("action_order_status")
    answer = bot.hears("为什么", "nlu_fallback").runs("action_why")
    assert answer.text.startswith(why.WHICH)


def test_a_guest_learns_why_an_order_must_be_proved(as_shopper: Any) -> None:
    guest: Bot = as_shopper(None, form="guest_form", slots={"requested_slot": "guest_order"})
    answer = guest.hears("为什么", "nlu_fallback").runs("action_why")
    assert answer.text == why.WHY_PROVE
    assert "requested_slot" not in answer.slots


@pytest.mark.parametrize("code", ["already_shipped", "return_expired", "price_claim_expired"])
def test_a_known_code_has_a_reason_of_its_own(code: str) -> None:
    reason = why.reason_of({"code": code, "sentence": "不行。"})
    assert reason.startswith("是这样的：")
    assert "不行" not in reason


def test_an_unknown_code_is_explained_by_its_sentence() -> None:
    assert "今天不行。" in why.reason_of({"code": "no_such_rule", "sentence": "今天不行。"})
