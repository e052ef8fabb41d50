"""Orders as they usually come: any goods, in any state, some of them sent back."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from kefu.shop.demo.book import OrderBook, Row
from kefu.shop.demo.goods import Good
from kefu.shop.demo.trade import Wish
from kefu.shop.model import OrderState, ReturnReason, ReturnState
from kefu.shop.rules import Category

FAILURES = (
    "INSUFFICIENT_BALANCE",
    "CARD_EXPIRED",
    "LIMIT_EXCEEDED",
    "WRONG_PASSWORD",
    "RISK_REJECTED",
    "BANK_SYSTEM_ERROR",
    "TIMEOUT",
    "CARD_NOT_SUPPORTED",
)
_DAY = timedelta(days=1)


def usual_order(book: OrderBook, account: Row, state: OrderState | None = None) -> None:
    random, shares = book.random, book.trade.shares
    if state is None:
        state = random.choices(list(shares), list(shares.values()))[0]
    lines = tuple(
        (good, random.choice(good.variants), random.choice(book.trade.quantities))
        for good in _chosen(book)
    )
    failing = state in (OrderState.UNPAID, OrderState.CLOSED) and random.random() < 0.4
    wish = Wish(
        state,
        _age(random, state),
        lines,
        failures=(random.choice(FAILURES),) if failing else (),
        was_paid=state is OrderState.CANCELLED and random.random() < 0.5,
        insured=book.insured(),
    )
    order = book.place(account, wish)
    if state in (OrderState.SIGNED, OrderState.COMPLETED) and random.random() < 0.06:
        _sent_back(book, order)


def _chosen(book: OrderBook) -> list[Good]:
    random, trade = book.random, book.trade
    count = random.choice(trade.lines)
    first = random.choice(trade.goods)
    others = [
        good
        for good in trade.goods
        if good is not first and (not trade.one_seller or good.seller == first.seller)
    ]
    return [first, *random.sample(others, k=min(count - 1, len(others)))]


def _age(random: Random, state: OrderState) -> timedelta:
    """How long ago such an order last changed, from just now to about half a year."""
    low, high = {
        OrderState.UNPAID: (1, 23 * 60),
        OrderState.PAID: (1, 44 * 60),
        OrderState.SHIPPED: (60, 62 * 60),
        OrderState.SIGNED: (60, 10 * 24 * 60),
        OrderState.COMPLETED: (10 * 24 * 60, 170 * 24 * 60),
        OrderState.CANCELLED: (60, 120 * 24 * 60),
        OrderState.CLOSED: (60, 120 * 24 * 60),
    }[state]
    return timedelta(minutes=random.randrange(low, high))


def _sent_back(book: OrderBook, order: Row) -> None:
    item = book.random.choice(book.items_of(order))
    if item["category"] == Category.VIRTUAL:
        return
    fresh = order["state"] is OrderState.SIGNED
    states = (
        (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.SHIPPED_BACK)
        if fresh
        else (ReturnState.REFUNDED, ReturnState.REFUNDED, ReturnState.REJECTED)
    )
    waited = (book.now - order["signed_at"]) * 0.5 if fresh else _DAY * book.random.randrange(1, 6)
    reason = book.random.choice(list(ReturnReason))
    book.send_back(order, item, book.random.choice(states), reason, order["signed_at"] + waited)
