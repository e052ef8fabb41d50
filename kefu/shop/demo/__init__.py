"""The demo shops, one per profile: rows that are the same for each (seed, now).

Each shop's first accounts are cases worth trying (``demo_shoppers``): their hints say what is to
be seen there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from kefu.shop.connection import exclusive, open_engine
from kefu.shop.demo.accounts import (
    add_account,
    add_coupons,
    add_invoices,
    add_memberships,
    add_shelves,
)
from kefu.shop.demo.book import OrderBook
from kefu.shop.demo.demo import DEMO
from kefu.shop.demo.tiktokshop import TIKTOKSHOP
from kefu.shop.demo.tmall import TMALL
from kefu.shop.demo.tp import TP
from kefu.shop.demo.tpwallet import TPWALLET
from kefu.shop.demo.usual import usual_order
from kefu.shop.schema import AccountRow
from kefu.shop.service_tables import Base, ProductRow

PROFILE = "demo"
SEED = 20260601
_SHOPS = {shop.trade.profile: shop for shop in (DEMO, TP, TPWALLET, TIKTOKSHOP, TMALL)}
PROFILES = tuple(_SHOPS)
_LATER = ("products", "memberships")
"""Tables that a shop seeded by an earlier release does not have yet."""


def demo_shoppers(profile: str = PROFILE) -> list[tuple[str, str, str]]:
    """The cases worth trying: (account id, name, Chinese hint); none for an unknown profile."""
    shop = _SHOPS.get(profile)
    if shop is None:
        return []
    return [
        (shop.account_id(number), case.name, case.hint) for number, case in enumerate(shop.cases, 1)
    ]


def seed(
    url: str, now: datetime, *, seed: int = SEED, profiles: Collection[str] = PROFILES
) -> None:
    """Fill a migrated database with the demo shops; leaves alone those that are already in.

    Safe to call from several processes at once. ``now`` is aware. Raises ``ShopUnavailable``.
    """
    engine = open_engine(url, patience=60)
    try:
        with (
            engine.connect().execution_options(writes=True) as connection,
            exclusive(connection, 60),
        ):
            for profile in profiles:
                _seed_shop(connection, profile, now, seed)
            connection.commit()
    finally:
        engine.dispose()


def _seed_shop(connection: Connection, profile: str, now: datetime, seed: int) -> None:
    if _has(connection, ProductRow, profile):
        return
    known = _has(connection, AccountRow, profile)
    rows = build(now, seed=seed, profile=profile)
    for table in Base.metadata.sorted_tables:
        if rows.get(table.name) and (not known or table.name in _LATER):
            _insert(connection, table, rows[table.name])


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)
    if connection.dialect.name == "postgresql":
        # Else it checks foreign keys to this table as if it were still empty: row by row.
        connection.execute(text(f"ANALYZE {table.name}"))


def _has(connection: Connection, table: type[Base], profile: str) -> bool:
    count = select(func.count()).select_from(table).where(table.profile == profile)
    return bool(connection.scalar(count))


def build(
    now: datetime, *, seed: int = SEED, profile: str = PROFILE
) -> dict[str, list[dict[str, Any]]]:
    """All rows of one shop by table name."""
    shop = _SHOPS[profile]
    random = Random(seed)  # noqa: S311 - made-up shoppers need no secrecy
    book = OrderBook(shop.trade, random, now.replace(microsecond=0))
    add_shelves(book)
    accounts = [add_account(book, shop, n) for n in range(1, shop.accounts + 1)]
    for account, case in zip(accounts, shop.cases, strict=False):
        for fill in case.fills:
            fill(book, account)
    while len(book.rows["orders"]) < shop.orders:
        usual_order(book, random.choice(accounts[len(shop.cases) :]))
    add_coupons(book, accounts)
    add_invoices(book)
    add_memberships(book, accounts)
    return book.rows
