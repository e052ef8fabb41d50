"""Failed payments: each reason with its advice, the steps, and a person who is told all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kefu.shop import wording
from kefu.shop.model import Order, OrderState, PaymentState
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def failing(as_shopper: Any) -> Bot:
    """A payment has just failed, another some days ago."""
    return as_shopper("u0003")


def fail_with(bot: Bot, shop: SqlGateway, patch: pytest.MonkeyPatch, code: str | None) -> str:
    """Make the one failure of the unpaid order that of ``code``."""
    order = bot.orders(OrderState.UNPAID)[0]
    failed = replace(order.payments[0], failure_code=code)

    def found(*_: object) -> Order:
        return replace(order, payments=(failed,))

    patch.setattr(shop, "order", found)
    return order.order_number


@pytest.mark.parametrize("code", [*wording.PAYMENT_FAILURES, None, "NEVER_HEARD_OF"])
def test_every_failure_is_told_with_its_reason_and_its_advice(
    failing: Bot, shop: SqlGateway, monkeypatch: pytest.MonkeyPatch, code: str | None
) -> None:
    number = fail_with(failing, shop, monkeypatch, code)
    answer = Talk(failing).says("付不了款", "payment_failure", order_number=number)
    failure = wording.payment_failure(code)
    assert failure.reason in answer.text
    assert failure.advice in answer.text
    unsure = "核对有没有扣款" in [each["title"] for each in answer.buttons]
    assert unsure == (code in ("TIMEOUT", "BANK_SYSTEM_ERROR"))


def test_still_failing_the_steps_are_gone_through(failing: Bot) -> None:
    number = failing.orders(OrderState.UNPAID)[0].order_number
    talk = Talk(failing)
    talk.says("付不了款", "payment_failure", order_number=number)
    steps = talk.press("还是付不了")
    assert all(word in steps.text for word in ("卡号", "网络", "换一种支付方式", "人工客服"))
    (command,) = talk.press("转人工处理").commands
    note = command["note"]
    assert number in note
    assert "INSUFFICIENT_BALANCE" in note
    assert "¥" in note
    assert "余额不足" in note


def test_told_twice_it_does_not_offer_the_same_again(failing: Bot) -> None:
    number = failing.orders(OrderState.UNPAID)[0].order_number
    talk = Talk(failing)
    talk.says("付不了款", "payment_failure", order_number=number)
    again = talk.says("还是付不了款", "payment_failure", order_number=number)
    assert [each["title"] for each in again.buttons] == ["转人工处理"]


def test_without_a_record_the_steps_and_the_technical_team_are_offered(as_shopper: Any) -> None:
    answer = Talk(as_shopper("u0002")).says("付款失败", "payment_failure")
    assert "没有查到失败的付款" in answer.text
    assert "网络" in answer.text
    assert any("technical" in payload for payload in answer.payloads)


def test_no_full_card_number_reaches_the_agent(failing: Bot) -> None:
    order = failing.orders(OrderState.UNPAID)[0]
    talk = Talk(failing)
    talk.says("付不了款", "payment_failure", order_number=order.order_number)
    (command,) = talk.press("转人工处理").commands
    failed = next(each for each in order.payments if each.state is PaymentState.FAILED)
    assert f"尾号{failed.card_tail}" in command["note"]


@pytest.mark.parametrize("text", ["还是付不了", "换了张卡还是不行", "换个网络也不行"])
def test_the_steps_follow_words_as_well_as_the_button(failing: Bot, text: str) -> None:
    talk = Talk(failing)
    talk.says("付不了款", "payment_failure")
    steps = talk.says(text, "payment_failure")
    assert "换一种支付方式" in steps.text
    assert any("转人工处理" in each["title"] for each in steps.buttons)
