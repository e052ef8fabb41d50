"""Who gets an invoice, for how much, and what has to stand on it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from kefu.shop.invoice_rules import (
    InvoiceDetails,
    details_verdict,
    invoice_amount,
    invoice_verdict,
)
from kefu.shop.model import Order, OrderState, Payment, PaymentState, Refund, RefundState
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import BEIJING
from tests.shop_data import NOW, order_value

MICROSECOND = timedelta(microseconds=1)
SIGNED = datetime(2026, 11, 1, 10, 0, tzinfo=BEIJING)
DETAILS = InvoiceDetails("青禾科技有限公司", "91330106MA2CFB1X0K", "cw@example.com")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (OrderState.UNPAID, "not_paid"),
        (OrderState.CANCELLED, "order_closed"),
        (OrderState.CLOSED, "order_closed"),
        (OrderState.PAID, "ok"),
        (OrderState.SHIPPED, "ok"),
        (OrderState.SIGNED, "ok"),
        (OrderState.COMPLETED, "ok"),
    ],
)
def test_only_paid_orders_get_one(state: OrderState, code: str):
    assert invoice_verdict(order_value(state, signed_at=NOW), NOW).code == code


@pytest.mark.parametrize("days", [30, 180])
def test_the_last_day_to_ask_counts_from_signing(days: int):
    order, policy = order_value(signed_at=SIGNED), ShopPolicy(invoice_days=days)
    end = datetime(2026, 11, 2, tzinfo=BEIJING) + timedelta(days=days)
    assert invoice_verdict(order, end - MICROSECOND, policy).allowed
    late = invoice_verdict(order, end, policy)
    assert late.code == "invoice_expired"
    assert f"{days}天" in late.sentence


def test_before_signing_it_counts_from_the_payment():
    order = order_value(OrderState.SHIPPED, paid_at=SIGNED)
    policy = ShopPolicy(invoice_days=1)
    assert invoice_verdict(order, SIGNED + timedelta(days=1), policy).allowed
    assert not invoice_verdict(order, SIGNED + timedelta(days=2), policy).allowed


def paid(times: int, back: tuple[int, ...] = (), failed: int = 0) -> Order:
    """An order over 100.00, paid so many times, with ``back`` refunded."""
    payment = Payment("p", "o", "alipay", None, None, 10000, PaymentState.SUCCEEDED, None, NOW, NOW)
    refunds = [(amount, RefundState.ARRIVED) for amount in back]
    refunds += [(failed, RefundState.FAILED)] if failed else []
    return order_value(
        signed_at=NOW,
        payments=(payment,) * times,
        refunds=tuple(
            Refund("r", "o", None, amount, state, "alipay", NOW, NOW, None)
            for amount, state in refunds
        ),
    )


@pytest.mark.parametrize(
    ("order", "amount"),
    [
        (paid(0), 10000),
        (paid(1), 10000),
        (paid(1, (2500,)), 7500),
        (paid(1, (), failed=2500), 10000),
        (paid(2), 10000),
        (paid(2, (10000,)), 10000),
        (paid(2, (10000, 2500)), 7500),
        (paid(1, (10000,)), 0),
    ],
)
def test_it_is_about_what_was_paid_in_the_end(order: Order, amount: int):
    assert invoice_amount(order) == amount
    assert invoice_verdict(order, NOW).code == ("ok" if amount else "refunded")


def test_good_details_pass():
    assert details_verdict(DETAILS).allowed
    assert details_verdict(InvoiceDetails("张三", None, None)).allowed


@pytest.mark.parametrize("title", ["", "张", "长" * 101, "青禾\0科技"])
def test_a_title_has_two_to_a_hundred_characters(title: str):
    verdict = details_verdict(InvoiceDetails(title, None, None))
    assert (verdict.allowed, verdict.code) == (False, "title_invalid")


@pytest.mark.parametrize("length", [15, 18, 20])
def test_tax_numbers_have_one_of_three_lengths(length: int):
    assert details_verdict(InvoiceDetails("张三公司", "9" * length, None)).allowed
    assert details_verdict(InvoiceDetails("张三公司", "A" * length, None)).allowed


@pytest.mark.parametrize(
    "number", ["", *("9" * n for n in (1, 14, 16, 17, 19, 21)), "9" * 14 + "税"]
)
def test_other_tax_numbers_are_refused(number: str):
    assert details_verdict(InvoiceDetails("张三公司", number, None)).code == "tax_number_invalid"


@pytest.mark.parametrize("email", ["a@b.cn", "cai.wu+1@mail.example.com", "财务@example.com"])
def test_addresses_that_can_be_written_to(email: str):
    assert details_verdict(InvoiceDetails("张三", None, email)).allowed


@pytest.mark.parametrize(
    "email",
    ["", "a", "a@b", "a@@b.cn", "a b@c.cn", "a@b..cn", "a@b.c", "@b.cn", f"{'a' * 65}@b.cn"],
)
def test_other_addresses_are_refused(email: str):
    assert details_verdict(InvoiceDetails("张三", None, email)).code == "email_invalid"


def test_slips_of_typing_are_put_right():
    tidied = InvoiceDetails.tidied(
        "  青禾（浙江）  科技有限公司 ", "９１330106 ma2cfb-1x0k", " cw＠example.com "
    )
    assert tidied == InvoiceDetails(
        "青禾（浙江） 科技有限公司", "91330106MA2CFB1X0K", "cw@example.com"
    )
    assert InvoiceDetails.tidied("张三", " ", "") == InvoiceDetails("张三", None, None)
