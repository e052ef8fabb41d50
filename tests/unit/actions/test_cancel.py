"""Cancelling: reason, refund, and what to do once the parcel is on its way."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.shop import wording
from kefu.shop.charge_rules import held_money
from kefu.shop.model import OrderState
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def test_by_buttons_to_the_refund_with_number_amount_and_time(bot: Bot) -> None:
    order = bot.orders(OrderState.PAID)[0]
    talk = Talk(bot)
    asked = talk.says("取消订单", "cancel_order", order_number=order.order_number)
    assert len(asked.buttons) == 7
    summary = talk.press("发货太慢").text
    assert wording.yuan(held_money(order)) in summary
    assert "原路退回" in summary
    done = talk.press("确认取消").text
    after = bot.services.shop.order(bot.viewer, order.order_number)
    assert after
    assert after.state is OrderState.CANCELLED
    (refund,) = after.refunds
    assert refund.refund_id in done
    assert wording.yuan(refund.amount) in done
    assert "工作日" in done


def test_an_unpaid_order_needs_no_refund(as_shopper: Any) -> None:
    bot = as_shopper("u0011")
    talk = Talk(bot)
    assert "不涉及退款" in talk.says("不想要了，取消吧", "cancel_order").text
    assert "已取消" in talk.press("确认取消").text
    assert bot.orders()[0].refunds == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("拍错了 撤单", "拍错或多拍了"),
        ("等太久 不等了 给我取消吧", "发货太慢"),
        ("不想要了", "不想要了"),
        ("别家更便宜", "有更优惠的价格"),
        ("老公不让我买", "老公不让我买"),
    ],
)
def test_the_reason_is_read_out_of_the_words(bot: Bot, text: str, reason: str) -> None:
    talk = Talk(bot)
    number = bot.orders(OrderState.PAID)[0].order_number
    talk.says("取消订单", "cancel_order", order_number=number)
    assert f"取消原因：{reason}" in talk.says(text, "nlu_fallback").text


def test_a_question_is_no_reason(bot: Bot) -> None:
    talk = Talk(bot)
    number = bot.orders(OrderState.PAID)[0].order_number
    talk.says("取消订单", "cancel_order", order_number=number)
    assert "原因" in talk.says("取消了钱多久退", "refund_progress").responses[-1]["text"]


def test_what_was_shipped_is_refused_at_the_door(as_shopper: Any) -> None:
    bot = as_shopper("u0004")
    answer = Talk(bot).says("到了我直接拒收可以吗", "cancel_order")
    assert "拒收" in answer.text
    assert "原路退回" in answer.text
    assert answer.slots["last_verdict"]["code"] == "already_shipped"
    assert bot.form is None
    assert bot.orders()[0].state is OrderState.SHIPPED


def test_what_was_signed_goes_the_way_of_a_return(bot: Bot) -> None:
    number = bot.orders(OrderState.SIGNED)[0].order_number
    answer = Talk(bot).says("取消", "cancel_order", order_number=number)
    assert "已经签收" in answer.text
    assert bot.form is None


def test_a_cancelled_order_is_not_restored(bot: Bot) -> None:
    answer = Talk(bot).says("手滑把订单取消了 怎么弄回来", "cancel_order")
    assert "不能恢复" in answer.text
    assert bot.form is None


def test_what_was_received_is_not_offered_to_be_cancelled(as_shopper: Any) -> None:
    received = as_shopper("u0014")
    answer = Talk(received).says("取消订单", "cancel_order")
    assert "没有可以取消的" in answer.text
    assert "/return_request" in answer.payloads
    assert received.form is None
