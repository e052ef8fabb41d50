"""Whether an invoice can be issued for an order, and what has to stand on it. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from kefu.shop.model import Order, OrderState, PaymentState, RefundState, Verdict
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import end_of_period

TITLE_LENGTH = 100
_EMAIL_LENGTH = 254
_TAX_NUMBER = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{18}|[0-9A-Z]{20}")
_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[0-9A-Za-z-]{1,63}\.)+[0-9A-Za-z-]{2,63}")
_NO_ORDER = {
    OrderState.UNPAID: Verdict(False, "not_paid", "这笔订单还没有付款，付款后就可以申请发票。"),
    OrderState.CANCELLED: Verdict(False, "order_closed", "这笔订单已经取消，不能开发票。"),
    OrderState.CLOSED: Verdict(False, "order_closed", "这笔订单已经关闭，不能开发票。"),
}


@dataclass(frozen=True, slots=True)
class InvoiceDetails:
    """What stands on an invoice, tidied; a person has no ``tax_number``."""

    title: str
    tax_number: str | None
    email: str | None

    @classmethod
    def tidied(cls, title: str, tax_number: str | None, email: str | None) -> InvoiceDetails:
        """As typed: full-width digits become plain ones, blanks around go, empty is ``None``."""
        number = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", tax_number or "")).upper()
        address = unicodedata.normalize("NFKC", email or "").strip()
        return cls(" ".join(title.split()), number or None, address or None)


def invoice_verdict(order: Order, now: datetime, policy: ShopPolicy | None = None) -> Verdict:
    """Whether an invoice may be asked for, whatever stands on it."""
    if order.state in _NO_ORDER:
        return _NO_ORDER[order.state]
    days = (policy or ShopPolicy()).invoice_days
    since = order.signed_at or order.paid_at or order.placed_at
    if now >= end_of_period(since, days):
        return Verdict(
            False,
            "invoice_expired",
            f"发票可以在签收后{days}天内申请，这笔订单已经超过期限。可为您转接人工客服。",
        )
    if invoice_amount(order) <= 0:
        return Verdict(False, "refunded", "这笔订单的货款已经全部退回，没有可开票的金额。")
    return Verdict(True, sentence="可以申请电子发票。")


def invoice_amount(order: Order) -> int:
    """What the shopper has paid for the order in the end, in fen: a double payment and its
    refund do not count."""
    paid = sum(
        each.amount
        for each in order.payments
        if each.state in (PaymentState.SUCCEEDED, PaymentState.REFUNDED)
    )
    back = sum(each.amount for each in order.refunds if each.state is not RefundState.FAILED)
    return order.total - max(0, back - max(0, paid - order.total))


def details_verdict(details: InvoiceDetails) -> Verdict:
    """Whether an invoice can be issued with these details."""
    if not 2 <= len(details.title) <= TITLE_LENGTH or not details.title.isprintable():
        return Verdict(
            False, "title_invalid", f"发票抬头要有2到{TITLE_LENGTH}个字，请您核对后再发一次。"
        )
    if details.tax_number is not None and not _TAX_NUMBER.fullmatch(details.tax_number):
        return Verdict(
            False,
            "tax_number_invalid",
            "税号应为15、18或20位的数字和大写字母，请您核对后再发一次。",
        )
    address = details.email
    if address is not None and not (len(address) <= _EMAIL_LENGTH and _EMAIL.fullmatch(address)):
        return Verdict(False, "email_invalid", "邮箱地址好像不对，请您核对后再发一次。")
    return Verdict(True)
