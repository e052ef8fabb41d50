"""Payments, refunds and the account's lock."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from kefu.shop.model import OrderState, Payment, PaymentState
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import NOW, Bot


def test_a_failed_payment_is_told_with_its_reason_and_what_to_do(as_shopper: Any) -> None:
    bot = as_shopper("u0003")
    order = bot.orders(OrderState.UNPAID)[0]
    answer = bot.hears("付不了款", "payment_failure", order_number=order.order_number).runs(
        "action_payment_failure"
    )
    (card,) = answer.cards
    assert card["order_number"] == order.order_number
    assert "余额" in card["failure_text"]
    assert card["failure_text"] in answer.text
    assert [each["title"] for each in answer.buttons] == ["还是付不了", "转人工处理"]


def test_several_failed_payments_are_chosen_by_button(as_shopper: Any) -> None:
    bot = as_shopper("w0001", profile="tpwallet")
    asked = bot.hears("付款失败", "payment_failure").runs("action_payment_failure")
    assert len(asked.buttons) == 3
    again = bot.hears("还是不行", "payment_failure").runs("action_payment_failure")
    assert "换一种支付方式" in again.text
    assert again.payloads == [*asked.payloads, "/human_agent"]
    chosen = json.loads(asked.payloads[1].removeprefix("/payment_failure"))
    answer = bot.hears(intent="payment_failure", **chosen).runs("action_payment_failure")
    assert [card["order_number"] for card in answer.cards] == [chosen["order_number"]]


def test_a_failure_of_a_closed_order_is_no_trouble_any_more(as_shopper: Any) -> None:
    bot = as_shopper("u0003")
    (unpaid,) = bot.orders(OrderState.UNPAID)
    answer = bot.hears("付款失败", "payment_failure").runs("action_payment_failure")
    assert [card["order_number"] for card in answer.cards] == [unpaid.order_number]


def test_tries_at_the_same_order_are_one_failure(
    as_shopper: Any, shop: SqlGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot = as_shopper("u0011")
    number = bot.orders()[0].order_number
    older = Payment(
        "P1", number, "alipay", None, None, 100, PaymentState.FAILED, "TIMEOUT", NOW, NOW
    )
    newer = replace(older, payment_id="P2", failure_code="CARD_EXPIRED")
    monkeypatch.setattr(shop, "failed_payments", lambda *_: (newer, older))
    answer = bot.hears("付款失败", "payment_failure").runs("action_payment_failure")
    assert len(answer.cards) == 1
    assert "已过有效期" in answer.text


def test_no_failed_payment_is_admitted_and_a_person_offered(as_shopper: Any) -> None:
    answer = as_shopper("u0002").hears("付款失败", "payment_failure").runs("action_payment_failure")
    assert "没有查到失败的付款" in answer.text
    assert '/open_ticket{"ticket": "technical"}' in answer.payloads
    assert "/human_agent" in answer.payloads


def test_a_paid_order_is_not_to_be_paid_again(as_shopper: Any) -> None:
    bot = as_shopper("u0007")
    number = bot.orders(OrderState.PAID)[0].order_number
    answer = bot.hears(number, "payment_failure", order_number=number).runs(
        "action_payment_failure"
    )
    assert "已经付款成功" in answer.text


def test_the_open_refund_is_told_with_its_day(as_shopper: Any) -> None:
    answer = (
        as_shopper("u0006").hears("退款到哪了", "refund_progress").runs("action_refund_progress")
    )
    (card,) = answer.cards
    assert card["type"] == "refund"
    assert "预计" in answer.text
    assert "¥" in answer.text


def test_no_refund_at_all_is_told_with_a_way_on(as_shopper: Any) -> None:
    answer = as_shopper("u0002").hears("退款", "refund_progress").runs("action_refund_progress")
    assert "没有查到" in answer.text
    assert answer.payloads == ["/order_status", "/human_agent"]


def test_both_returns_of_one_order_are_shown(as_shopper: Any) -> None:
    bot = as_shopper("u0005")
    answer = bot.hears("退货进度", "refund_progress").runs("action_refund_progress")
    numbers = {made.rma_number for made in bot.services.shop.returns(bot.viewer)}
    assert {card["rma_number"] for card in answer.cards} == numbers
    assert len(numbers) == 2


def test_a_locked_account_is_told_why_and_until_when(as_shopper: Any) -> None:
    answer = as_shopper("u0007").hears("账号被锁", "account_locked").runs("action_account_locked")
    assert "输错" in answer.text
    assert "自动解锁" in answer.text
    assert "/human_agent" in answer.payloads


def test_an_account_in_order_is_told_so(bot: Bot) -> None:
    answer = bot.hears("账号被锁", "account_locked").runs("action_account_locked")
    assert "正常" in answer.text


def test_a_guest_learns_nothing_of_an_account_by_proving_an_order(as_shopper: Any) -> None:
    number = as_shopper("u0007").orders()[0].order_number
    guest = as_shopper(None, verified=frozenset({number}))
    answer = guest.hears("账号被锁", "account_locked").runs("action_account_locked")
    assert answer.followup == "login_form"
    assert answer.responses == []
