"""Paid twice, or paid unnoticed: explained, repaired once, or written down."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from kefu.shop.charge_rules import charge_finding
from kefu.shop.model import OrderState
from kefu.shop.money import Charge
from kefu.shop.read_only import without_writes
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def unnoticed(as_shopper: Any) -> Bot:
    """Money was taken, the order is unpaid."""
    return next(
        bot
        for bot in (as_shopper(f"u{number:04d}") for number in range(10, 30))
        if any(charge_finding(order).charge is Charge.NOT_BOOKED for order in bot.orders())
    )


def test_a_double_charge_is_explained_and_given_back_once(as_shopper: Any) -> None:
    bot = as_shopper("u0008")
    talk = Talk(bot)
    found = talk.says("怎么扣了我两次钱", "payment_charged")
    assert found.text.count("支付成功") == 2
    assert "¥259.00" in found.text
    done = talk.press("确认退款")
    (refund,) = bot.orders()[0].refunds
    assert refund.refund_id in done.text
    assert "¥259.00" in done.text
    assert "工作日" in done.text
    again = talk.says("重复扣的钱退了没", "payment_charged")
    assert refund.refund_id in again.text
    assert bot.form is None
    assert len(bot.orders()[0].refunds) == 1


def test_who_wants_nothing_done_has_nothing_done(as_shopper: Any) -> None:
    bot = as_shopper("u0008")
    talk = Talk(bot)
    talk.says("重复扣款了", "payment_charged")
    assert "先不处理" in talk.press("先不处理").text
    assert bot.orders()[0].refunds == ()


def test_a_payment_that_went_unnoticed_is_booked(unnoticed: Bot) -> None:
    talk = Talk(unnoticed)
    assert "钱已经扣了" in talk.says("钱扣了订单还是待付款", "payment_charged").text
    number = unnoticed.slots["order_chosen"]
    assert "已改为已付款" in talk.says("好，处理吧", "affirm").text
    order = unnoticed.services.shop.order(unnoticed.viewer, number)
    assert order
    assert order.state is OrderState.PAID


def test_a_failed_payment_that_was_charged_after_all_leads_here(unnoticed: Bot) -> None:
    talk = Talk(unnoticed)
    answer = talk.says("付款失败了", "payment_failure")
    assert "不要再付" in answer.text
    assert "确认处理" in str(talk.says("好", "affirm").buttons)


def test_the_order_is_found_by_its_amount(bot: Bot) -> None:
    amounts = Counter(each.amount for order in bot.orders() for each in order.payments)
    order = next(
        each
        for each in bot.orders(OrderState.SIGNED)
        if each.payments and amounts[each.payments[0].amount] == 1
    )
    amount = f"{order.payments[0].amount / 100}"
    answer = Talk(bot).says(f"扣了我{amount}元", "payment_charged", amount=amount)
    assert bot.slots["order_chosen"] == order.order_number
    assert "付款记录" in answer.text


def test_nothing_found_is_told_with_what_was_checked_and_becomes_a_ticket(
    as_shopper: Any,
) -> None:
    bot = as_shopper("u0009")
    talk = Talk(bot)
    found = talk.says("是不是多扣我钱了", "payment_charged")
    assert "没有查到重复或多收" in found.text
    assert "扣款金额、扣款时间、支付方式" in found.text
    summary = talk.says("昨天下午3点 59元 支付宝", amount="59.0", payment_method="支付宝")
    assert "59.00元" in summary.text
    assert "昨天下午3点" in summary.text
    assert not summary.commands
    done = talk.press("确认登记")
    (command,) = done.commands
    assert command["kind"] == "service"
    assert command["order_number"] == bot.orders()[0].order_number
    assert all(fact in command["details"] for fact in ("59.00元", "昨天下午3点", "支付宝"))
    assert "截图" in done.text
    assert bot.services.shop.operations(bot.turn_id) == ()


def test_what_is_not_remembered_need_not_be_told(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0009"))
    talk.says("莫名其妙少了39.9", "payment_charged", amount="39.9")
    talk.press("都不是")
    assert "39.90元" in talk.press("记不清了").text
    (command,) = talk.press("确认登记").commands
    assert "不记得" in command["details"]
    assert "39.9" in command["details"]


def test_a_charge_without_an_order_is_written_down_too(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says("账单里多出来一笔不认识的", "payment_charged")
    talk.press("都不是")
    talk.says("25元 昨天 微信", amount="25")
    (command,) = talk.press("确认登记").commands
    assert command["order_number"] is None
    assert "25.00元" in command["details"]


def test_a_pending_payment_is_not_to_be_paid_again(bot: Bot, tmp_path: Path) -> None:
    order = bot.orders(OrderState.UNPAID)[0]
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO payments (profile, payment_id, order_number, method, amount, state,"
                " created_at) VALUES ('demo', 'P-PENDING', :number, 'alipay', :amount, 'pending',"
                " :at)"
            ),
            {"number": order.order_number, "amount": order.total, "at": "2026-11-22 02:50:00"},
        )
    answer = Talk(bot).says("扣没扣钱啊", "payment_charged", order_number=order.order_number)
    assert "不要重复付款" in answer.text
    assert bot.form is None


def test_a_shop_that_lets_nothing_be_written_gets_a_ticket(
    as_shopper: Any, shop: SqlGateway
) -> None:
    bot = as_shopper("u0008")
    object.__setattr__(bot.services, "shop", without_writes(shop))
    talk = Talk(bot)
    talk.says("重复扣款", "payment_charged")
    (command,) = talk.press("确认退款").commands
    assert "¥259.00" in command["details"]
    assert bot.orders()[0].refunds == ()
