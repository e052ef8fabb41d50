"""The demo shop: 200 shoppers and 2,000 orders in every state, the same for each (seed, now).

The first twelve shoppers are cases worth trying:

=======  ==================================================================================
u0001    orders in every state, one of them out for delivery today
u0002    has never ordered
u0003    a payment that just failed (INSUFFICIENT_BALANCE), and an order closed after CARD_EXPIRED
u0004    a parcel that has not moved for four days and is overdue
u0005    two returns in progress: one sent back, one approved
u0006    a refund on its way to the bank, and one that has arrived
u0007    a locked account
u0008    paid twice for one order
u0009    clothes and cosmetics signed for yesterday: returnable
u0010    shoes signed for 20 days ago: too late to return
u0011    an unpaid order
u0012    fresh food, underwear and a customised pen signed for yesterday: no return at will
=======  ==================================================================================
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, insert, select

from kefu.shop import demo_goods as goods
from kefu.shop.connection import exclusive, open_engine
from kefu.shop.demo_goods import Good
from kefu.shop.demo_orders import PROFILE, OrderBook, Row, Wish
from kefu.shop.model import OrderState, RefundState, ReturnReason, ReturnState
from kefu.shop.rules import Category
from kefu.shop.schema import AccountRow, Base

SHOPPERS = 200
ORDERS = 2000
SEED = 20260601

_HINTS = (
    ("u0001", "李明", "各种状态的订单都有，有一件今天派送"),
    ("u0002", "王芳", "还没有下过单"),
    ("u0003", "张伟", "刚刚付款失败（余额不足）"),
    ("u0004", "刘洋", "包裹四天没有更新物流"),
    ("u0005", "陈静", "两件商品正在退货"),
    ("u0006", "杨欣怡", "退款正在退回银行卡"),
    ("u0007", "黄磊", "账号被锁定"),
    ("u0008", "赵敏", "一笔订单重复付款"),
    ("u0009", "吴雨桐", "昨天签收，可以退货"),
    ("u0010", "周浩然", "20天前签收，已过退货期"),
    ("u0011", "徐诗涵", "有一笔待付款订单"),
    ("u0012", "孙俊杰", "昨天签收生鲜、内衣和定制商品"),
)
_FAILURES = (
    "INSUFFICIENT_BALANCE",
    "CARD_EXPIRED",
    "LIMIT_EXCEEDED",
    "WRONG_PASSWORD",
    "RISK_REJECTED",
    "BANK_SYSTEM_ERROR",
    "TIMEOUT",
    "CARD_NOT_SUPPORTED",
)
_STATE_SHARES = {
    OrderState.COMPLETED: 50,
    OrderState.SIGNED: 14,
    OrderState.SHIPPED: 13,
    OrderState.PAID: 8,
    OrderState.CANCELLED: 6,
    OrderState.CLOSED: 5,
    OrderState.UNPAID: 4,
}
_GOODS = {good.sku: good for good in goods.GOODS}
_DAY = timedelta(days=1)


def demo_shoppers() -> list[tuple[str, str, str]]:
    """The cases worth trying: (account id, name, Chinese hint)."""
    return list(_HINTS)


def seed(url: str, now: datetime, *, seed: int = SEED) -> None:
    """Fill a migrated database with the demo shop; does nothing where it is already in.

    Safe to call from several processes at once. ``now`` is aware. Raises ``ShopUnavailable``.
    """
    engine = open_engine(url, patience=60)
    try:
        with (
            engine.connect().execution_options(writes=True) as connection,
            exclusive(connection, 60),
        ):
            there = connection.scalar(
                select(func.count()).select_from(AccountRow).where(AccountRow.profile == PROFILE)
            )
            if not there:
                rows = build(now, seed=seed)
                for table in Base.metadata.sorted_tables:
                    if rows.get(table.name):
                        connection.execute(insert(table), rows[table.name])
            connection.commit()
    finally:
        engine.dispose()


def build(now: datetime, *, seed: int = SEED) -> dict[str, list[dict[str, Any]]]:
    """All rows by table name."""
    now = now.replace(microsecond=0)
    random = Random(seed)  # noqa: S311 - made-up shoppers need no secrecy
    book = OrderBook(random, now)
    for seller_id, name, phone, address in goods.SELLERS:
        book.add("sellers", seller_id=seller_id, name=name, phone=phone, return_address=address)
    accounts = [_account(book, number) for number in range(1, SHOPPERS + 1)]
    _cases(book, accounts)
    while len(book.rows["orders"]) < ORDERS:
        _any_order(book, random.choice(accounts[len(_HINTS) :]))
    _coupons(book, accounts)
    _invoices(book)
    return book.rows


def _account(book: OrderBook, number: int) -> Row:
    random = book.random
    name = random.choice(goods.FAMILY_NAMES) + random.choice(goods.GIVEN_NAMES)
    if number <= len(_HINTS):
        name = _HINTS[number - 1][1]
    locked = number == 7 or (number > len(_HINTS) and random.random() < 0.02)
    prefix = random.choice(("138", "139", "150", "158", "177", "186", "199"))
    return book.add(
        "accounts",
        account_id=f"u{number:04d}",
        name=name,
        phone=f"{prefix}{random.randrange(10**8):08d}",
        email=f"u{number:04d}@example.com" if random.random() < 0.6 else None,
        member_level=random.choice(("普通会员", "普通会员", "银卡会员", "金卡会员", "钻石会员")),
        locked=locked,
        lock_reason="连续多次输错登录密码，系统已临时保护您的账号" if locked else None,
        locked_until=book.now + timedelta(hours=20) if locked else None,
        registered_at=book.now - timedelta(days=random.randrange(200, 1800)),
    )


def _lines(*skus: str) -> tuple[tuple[Good, str, int], ...]:
    return tuple((_GOODS[sku], _GOODS[sku].variants[0], 1) for sku in skus)


def _cases(book: OrderBook, accounts: list[Row]) -> None:
    """The orders of u0001 to u0012, as the module's table says."""
    one = {row["account_id"]: row for row in accounts[: len(_HINTS)]}

    def place(account: str, state: OrderState, age: timedelta, *skus: str, **more: Any) -> Row:
        return book.place(one[account], Wish(state, age, _lines(*skus), **more))

    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    for state in OrderState:
        for _ in range(3):
            _any_order(book, one["u0001"], state)
    place("u0001", OrderState.SHIPPED, 60 * hour, "EL001", "HM003", delivering=True)
    place("u0003", OrderState.UNPAID, 15 * minute, "EL003", failures=("INSUFFICIENT_BALANCE",))
    place("u0003", OrderState.CLOSED, 6 * _DAY, "BK002", failures=("CARD_EXPIRED",))
    place("u0004", OrderState.SHIPPED, 6 * _DAY, "HM002", silent=4 * _DAY)
    sent = place("u0005", OrderState.SIGNED, 6 * _DAY, "CL002", "SH002")
    first, second = book.items_of(sent)
    back = book.send_back
    back(sent, first, ReturnState.SHIPPED_BACK, ReturnReason.WRONG_SIZE, book.now - 3 * _DAY)
    back(sent, second, ReturnState.APPROVED, ReturnReason.NO_REASON, book.now - 20 * hour)
    cancelled = place("u0006", OrderState.CANCELLED, 2 * _DAY, "EL004")
    _pay_and_refund(book, cancelled)
    old = place("u0006", OrderState.COMPLETED, 25 * _DAY, "SH001")
    item = book.items_of(old)[0]
    back(old, item, ReturnState.REFUNDED, ReturnReason.DAMAGED, book.now - 22 * _DAY)
    place("u0007", OrderState.PAID, 5 * hour, "HM001")
    place("u0007", OrderState.COMPLETED, 40 * _DAY, "SN002")
    place("u0008", OrderState.PAID, 3 * hour, "HM004", paid_twice=True)
    place("u0009", OrderState.SIGNED, _DAY, "CL003", "CO002")
    place("u0010", OrderState.COMPLETED, 20 * _DAY, "SH003")
    place("u0011", OrderState.UNPAID, 40 * minute, "EL005")
    place("u0012", OrderState.SIGNED, _DAY, "FR001", "UN001", "CU001")


def _pay_and_refund(book: OrderBook, order: Row) -> None:
    """Turn a cancelled order into one that was paid by card, its money on the way back."""
    order["paid_at"] = order["placed_at"] + timedelta(minutes=4)
    book.add(
        "payments",
        payment_id="PAY9000000001",
        order_number=order["order_number"],
        method="bank_card",
        bank="招商银行",
        card_tail="6688",
        amount=order["total"],
        state="refunded",
        failure_code=None,
        created_at=order["paid_at"],
        finished_at=order["paid_at"],
    )
    book.refund(order, order["total"], RefundState.SENT_TO_BANK, order["cancelled_at"])


def _any_order(book: OrderBook, account: Row, state: OrderState | None = None) -> None:
    random = book.random
    if state is None:
        state = random.choices(list(_STATE_SHARES), list(_STATE_SHARES.values()))[0]
    chosen = random.sample(goods.GOODS, k=random.choice((1, 1, 1, 2, 2, 3)))
    lines = tuple(
        (good, random.choice(good.variants), random.choice((1, 1, 1, 2))) for good in chosen
    )
    failing = state in (OrderState.UNPAID, OrderState.CLOSED) and random.random() < 0.4
    failures = (random.choice(_FAILURES),) if failing else ()
    was_paid = state is OrderState.CANCELLED and random.random() < 0.5
    order = book.place(
        account, Wish(state, _age(random, state), lines, failures=failures, was_paid=was_paid)
    )
    if state in (OrderState.SIGNED, OrderState.COMPLETED) and random.random() < 0.06:
        _any_return(book, order)


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


def _any_return(book: OrderBook, order: Row) -> None:
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


def _coupons(book: OrderBook, accounts: list[Row]) -> None:
    for number, account in enumerate(accounts, 1):
        if book.random.random() < 0.5:
            amount, minimum = book.random.choice(((500, 4900), (2000, 19900), (5000, 39900)))
            start = book.now - timedelta(days=book.random.randrange(1, 40))
            book.add(
                "coupons",
                coupon_id=f"C{number:06d}",
                account_id=account["account_id"],
                name=f"满{minimum // 100}减{amount // 100}优惠券",
                amount=amount,
                minimum=minimum,
                valid_from=start,
                valid_until=start + timedelta(days=45),
                used_at=None,
            )


def _invoices(book: OrderBook) -> None:
    names = {row["account_id"]: row["name"] for row in book.rows["accounts"]}
    for order in book.rows["orders"]:
        if order["state"] is OrderState.COMPLETED and book.random.random() < 0.15:
            book.add(
                "invoices",
                invoice_id=f"INV{len(book.rows['invoices']) + 1:08d}",
                order_number=order["order_number"],
                title=names[order["account_id"]],
                tax_number=None,
                amount=order["total"],
                state="issued",
                requested_at=order["signed_at"],
                issued_at=order["signed_at"] + timedelta(hours=20),
            )
