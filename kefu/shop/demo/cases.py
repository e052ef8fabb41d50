"""The shoppers worth trying: each is a name, a hint, and how the account's rows are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kefu.shop.changes import DayPart, InstallationState
from kefu.shop.demo.book import OrderBook, Row
from kefu.shop.demo.trade import Trade, Wish
from kefu.shop.demo.usual import usual_order
from kefu.shop.model import (
    OrderState,
    RefundState,
    ReturnKind,
    ReturnReason,
    ReturnState,
)
from kefu.shop.money import InvoiceState
from kefu.shop.rules import BEIJING

Fill = Callable[[OrderBook, Row], None]
"""Adds to the book what a case needs of the account."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Case:
    """A shopper; ``hint`` says in Chinese what is to be seen there."""

    def __init__(self, name: str, hint: str, *fills: Fill, locked: bool = False) -> None:
        self.name = name
        self.hint = hint
        self.fills = fills
        self.locked = locked


@dataclass(frozen=True, slots=True)
class DemoShop:
    """``accounts`` and ``orders`` count the cases as well; ids are ``prefix`` and four digits."""

    trade: Trade
    prefix: str
    cases: tuple[Case, ...]
    accounts: int = 30
    orders: int = 200

    def account_id(self, number: int) -> str:
        return f"{self.prefix}{number:04d}"


def order(state: OrderState, age: timedelta, *skus: str, **more: Any) -> Fill:
    """An order of one piece of each, in its first variant; ``more`` as in ``Wish``."""

    def fill(book: OrderBook, account: Row) -> None:
        place(book, account, state, age, *skus, **more)

    return fill


def place(
    book: OrderBook, account: Row, state: OrderState, age: timedelta, *skus: str, **more: Any
) -> Row:
    goods = [book.trade.good(sku) for sku in skus]
    lines = tuple((good, good.variants[0], 1) for good in goods)
    return book.place(account, Wish(state, age, lines, **more))


def every_state(each: int) -> Fill:
    """``each`` orders in every state that the shop's orders can have."""

    def fill(book: OrderBook, account: Row) -> None:
        for state in book.trade.shares:
            for _ in range(each):
                usual_order(book, account, state)

    return fill


def many(count: int) -> Fill:
    def fill(book: OrderBook, account: Row) -> None:
        for _ in range(count):
            usual_order(book, account)

    return fill


def refund_at_the_bank(sku: str) -> Fill:
    """A cancelled order that was paid by card, its money on the way back."""

    def fill(book: OrderBook, account: Row) -> None:
        cancelled = place(book, account, OrderState.CANCELLED, 2 * DAY, sku)
        cancelled["paid_at"] = cancelled["placed_at"] + 4 * MINUTE
        book.add(
            "payments",
            payment_id=f"PAY9{len(book.rows['payments']) + 1:09d}",
            order_number=cancelled["order_number"],
            method="bank_card",
            bank="招商银行",
            card_tail="6688",
            amount=cancelled["total"],
            state="refunded",
            failure_code=None,
            created_at=cancelled["paid_at"],
            finished_at=cancelled["paid_at"],
        )
        row = book.refund(
            cancelled, cancelled["total"], RefundState.SENT_TO_BANK, cancelled["cancelled_at"]
        )
        row["channel"] = "bank_card"

    return fill


def sent_back(
    state: ReturnState,
    reason: ReturnReason,
    *skus: str,
    signed: timedelta = 6 * DAY,
    asked: timedelta = 20 * HOUR,
    order_state: OrderState = OrderState.SIGNED,
    kind: ReturnKind = ReturnKind.RETURN,
    wanted_variant: str | None = None,
    **more: Any,
) -> Fill:
    """An order whose first item has an RMA, asked for so long ago."""

    def fill(book: OrderBook, account: Row) -> None:
        row = place(book, account, order_state, signed, *skus, **more)
        item = book.items_of(row)[0]
        book.send_back(
            row,
            item,
            state,
            reason,
            book.now - asked,
            kind=kind,
            wanted_variant=wanted_variant,
        )

    return fill


def two_returns(first: str, second: str) -> Fill:
    """Two RMAs of one order: one sent back, one approved."""

    def fill(book: OrderBook, account: Row) -> None:
        row = place(book, account, OrderState.SIGNED, 6 * DAY, first, second)
        one, other = book.items_of(row)
        back = book.send_back
        back(row, one, ReturnState.SHIPPED_BACK, ReturnReason.WRONG_SIZE, book.now - 3 * DAY)
        back(row, other, ReturnState.APPROVED, ReturnReason.NO_REASON, book.now - 20 * HOUR)

    return fill


def invoiced(state: OrderState, age: timedelta, sku: str) -> Fill:
    """An order with an invoice on paper for the shopper's own name."""

    def fill(book: OrderBook, account: Row) -> None:
        row = place(book, account, state, age, sku)
        asked = row["signed_at"] or row["paid_at"]
        invoice(book, row, account["name"], asked)

    return fill


def invoice(book: OrderBook, order: Row, title: str, asked: datetime) -> None:
    book.add(
        "invoices",
        invoice_id=f"INV{len(book.rows['invoices']) + 1:08d}",
        order_number=order["order_number"],
        title=title,
        tax_number=None,
        email=None,
        amount=order["total"],
        state=InvoiceState.ISSUED,
        requested_at=asked,
        issued_at=min(asked + 20 * HOUR, book.now),
    )


def visit_booked(sku: str) -> Fill:
    """Goods signed for whose visit is booked for the day after tomorrow."""

    def fill(book: OrderBook, account: Row) -> None:
        row = place(book, account, OrderState.SIGNED, DAY, sku)
        book.add(
            "installations",
            item_id=book.items_of(row)[0]["item_id"],
            booking_id=f"AZ{len(book.rows['installations']) + 1:010d}",
            order_number=row["order_number"],
            day=(book.now + 2 * DAY).astimezone(BEIJING).date(),
            part=DayPart.AFTERNOON,
            state=InstallationState.BOOKED,
        )

    return fill


def coupons(category: str = "") -> Fill:
    """One that can be used, one with a high minimum, one for a kind of goods, one expired, one
    used."""

    def fill(book: OrderBook, account: Row) -> None:
        begun = book.now - 10 * DAY
        coupon(book, account, (500, 4900), begun, 30)
        coupon(book, account, (20000, 199900), begun, 20)
        if category:
            coupon(book, account, (3000, 9900), begun, 16, category=category)
        coupon(book, account, (1000, 9900), book.now - 33 * DAY, 30)
        coupon(book, account, (2000, 9900), begun, 30, used_at=begun + DAY)

    return fill


def coupon(
    book: OrderBook,
    account: Row,
    worth: tuple[int, int],
    begun: datetime,
    days: int,
    *,
    category: str = "",
    used_at: datetime | None = None,
) -> None:
    """``worth``: so much off (fen) from so much on."""
    amount, minimum = worth
    book.add(
        "coupons",
        coupon_id=f"C{len(book.rows['coupons']) + 1:06d}",
        account_id=account["account_id"],
        name=f"满{minimum // 100}减{amount // 100}优惠券",
        amount=amount,
        minimum=minimum,
        valid_from=begun,
        valid_until=begun + days * DAY,
        category=category,
        used_at=used_at,
    )
