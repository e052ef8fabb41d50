"""Invoices: asked for at once or step by step, changed, refused, and how far they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.invoice_words import told_tax_number, told_title
from actions.turn import read_turn
from kefu.shop.model import OrderState
from kefu.shop.money import InvoiceState
from tests.unit.actions.conftest import KEY, Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def nine(as_shopper: Any) -> Bot:
    """One order, signed for yesterday."""
    return as_shopper("u0009")


@pytest.fixture
def invoiced(as_shopper: Any) -> Bot:
    """One order has an invoice, one has none."""
    return as_shopper("u0014")


def invoices(bot: Bot, number: str) -> list[Any]:
    return list(bot.services.shop.invoices(bot.viewer, number))


def test_a_persons_in_one_message(nine: Bot) -> None:
    talk = Talk(nine)
    summary = talk.says("开发票，个人的，发到 li.ming@example.com", "invoice").text
    assert "抬头：个人" in summary
    assert "li.ming@example.com" not in summary
    done = talk.press("确认开票").text
    (made,) = invoices(nine, nine.orders()[0].order_number)
    assert made.invoice_id in done
    assert made.title == "个人"
    assert made.email_masked == "l****@example.com"


def test_a_companys_step_by_step(nine: Bot) -> None:
    talk = Talk(nine)
    talk.says("开发票", "invoice")
    assert "全称" in talk.press("公司或单位").text
    assert "税号" in talk.says("杭州青山科技有限公司").text
    assert "15、18" in talk.says("9133010012").text
    assert "邮箱" in talk.says("91330106MA2ABCDE1X").text
    assert "核对" in talk.press("不用发邮箱").text
    corrected = talk.says("不对，抬头是杭州青山网络有限公司", "deny").text
    assert "青山网络" in corrected
    assert "91330106MA2ABCDE1X" in corrected
    talk.says("确认开票", "affirm")
    (made,) = invoices(nine, nine.orders()[0].order_number)
    assert (made.title, made.tax_number) == ("杭州青山网络有限公司", "91330106MA2ABCDE1X")


def test_a_tax_number_of_digits_alone_is_no_order(nine: Bot) -> None:
    talk = Talk(nine)
    talk.says("给公司开发票 抬头是杭州青山科技有限公司", "invoice")
    answer = talk.says("913301060123456789", order_number="913301060123456789")
    assert "没有查到" not in answer.text
    assert nine.slots["order_draft"]["tax_number"] == "913301060123456789"


def test_no_mail_may_be_said_in_words(nine: Bot) -> None:
    talk = Talk(nine)
    talk.says("开个人发票", "invoice")
    assert "核对" in talk.says("不用了", "deny").text
    assert nine.form == "order_form"


def test_one_that_stands_is_told_and_can_be_replaced(invoiced: Bot) -> None:
    talk = Talk(invoiced)
    told = talk.says("发票开出来了没", "invoice")
    assert "已开具" in told.text
    talk.press("换开发票")
    talk.press("个人")
    summary = talk.press("不用发邮箱").text
    assert "作废重开" in summary
    talk.press("确认开票")
    number = invoiced.slots["current_order"]["number"]
    states = {made.title: made.state for made in invoices(invoiced, number)}
    assert states["个人"] is InvoiceState.REQUESTED
    assert list(states.values()).count(InvoiceState.REPLACED) == 1


def test_the_very_same_again_is_refused(nine: Bot) -> None:
    talk = Talk(nine)
    talk.says("开个人发票，发到 a@example.com", "invoice")
    talk.press("确认开票")
    number = nine.orders()[0].order_number
    talk.says("换开发票，个人，a@example.com", "invoice", order_number=number)
    answer = talk.press("确认开票")
    assert "不需要重复申请" in answer.text
    assert answer.slots["last_verdict"]["code"] == "invoice_stands"
    assert len(invoices(nine, number)) == 1


def test_an_unpaid_order_has_no_invoice(bot: Bot) -> None:
    number = bot.orders(OrderState.UNPAID)[0].order_number
    answer = Talk(bot).says("开发票", "invoice", order_number=number)
    assert "还没有付款" in answer.text
    assert bot.form is None


def test_a_special_invoice_is_a_persons_work(nine: Bot) -> None:
    answer = Talk(nine).says("可以开专票不", "invoice")
    assert "专用发票需要人工" in answer.text
    assert nine.form is None


@pytest.mark.parametrize(
    ("text", "asked", "title"),
    [
        ("给我开杭州青山科技有限公司的发票", False, "杭州青山科技有限公司"),
        ("抬头写上海大学", False, "上海大学"),
        ("公司抬头怎么填", False, None),
        ("给公司开一张", False, None),
        ("你们公司发票多久开", False, None),
        ("北京市第一中学", True, "北京市第一中学"),
        ("发票能寄吗", True, None),
    ],
)
def test_a_title_is_what_can_stand_on_an_invoice(
    bot: Bot, text: str, asked: bool, title: str | None
) -> None:
    turn = read_turn(bot.claims(), KEY, message={}, slots={}, events=[], active_form=None)
    assert told_title(replace(turn, text=text), asked=asked) == title


@pytest.mark.parametrize(
    ("text", "asked", "number"),
    [
        ("税号91330106MA2ABCDE1X", False, "91330106MA2ABCDE1X"),
        ("订单号 202611220834071234", False, None),
        ("92330106ma2abcde1x", True, "92330106MA2ABCDE1X"),
        ("发到 91330106MA2ABCDE1X@example.com", True, None),
    ],
)
def test_a_tax_number_is_told_from_an_orders(
    bot: Bot, text: str, asked: bool, number: str | None
) -> None:
    turn = read_turn(bot.claims(), KEY, message={}, slots={}, events=[], active_form=None)
    assert told_tax_number(replace(turn, text=text), asked=asked) == number


@pytest.mark.parametrize("text", ["不要了", "那就不要了吧", "算了 不想要了"])
def test_who_does_not_want_it_leaves_whatever_it_sounds_like(nine: Bot, text: str) -> None:
    talk = Talk(nine)
    talk.says("开发票", "invoice")
    answer = talk.says(text, "cancel_order")
    assert "先不开" in answer.text
    assert nine.form is None


def test_that_no_mail_is_wanted_may_stand_beside_the_rest(nine: Bot) -> None:
    talk = Talk(nine)
    talk.says("开发票", "invoice")
    shown = talk.says("公司 杭州云帆科技有限公司 91330106MA2ABCDE1X 不用邮箱")
    assert "核对" in shown.text
    assert "云帆" in shown.text


def test_what_is_told_before_the_order_is_kept_and_said_so(invoiced: Bot) -> None:
    talk = Talk(invoiced)
    asked = talk.says("开票", "invoice")
    assert "哪一笔" in asked.text
    assert "记下了" in talk.says("杭州青山科技有限公司 91330106MA2ABCDE1X").text
    number = next(each for each in asked.payloads if "order_number" in each)
    assert "邮箱" in talk.press_payload(number).text


def test_goods_called_for_short_are_the_order(as_shopper: Any) -> None:
    wallet = as_shopper("w0012", profile="tpwallet")
    assert "水费" in Talk(wallet).says("水费开发票", "invoice").text
    assert wallet.slots["order_chosen"]
