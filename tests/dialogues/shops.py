"""The demo shops as the conversations need them: each conversation has an account to itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from sqlalchemy import create_engine, insert
from sqlalchemy.pool import NullPool

import kefu.shop
from kefu.shop.demo.accounts import (
    add_account,
    add_coupons,
    add_invoices,
    add_memberships,
    add_shelves,
)
from kefu.shop.demo.book import OrderBook
from kefu.shop.demo.cases import DemoShop
from kefu.shop.demo.demo import DEMO
from kefu.shop.demo.tiktokshop import TIKTOKSHOP
from kefu.shop.demo.tmall import TMALL
from kefu.shop.demo.tp import TP
from kefu.shop.demo.tpwallet import TPWALLET
from kefu.shop.service_tables import Base

SHOPS: Mapping[str, DemoShop] = {
    shop.trade.profile: shop for shop in (DEMO, TP, TPWALLET, TIKTOKSHOP, TMALL)
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A copy of the case ``account`` of a profile, for the conversation ``key`` alone."""

    key: str
    profile: str
    account: str


def case_number(profile: str, account: str) -> int:
    """Which case an account id means; raises ``LookupError``."""
    shop = SHOPS[profile]
    number = int(account[1:]) if account[1:].isdigit() else 0
    if account[:1] != shop.prefix or not 1 <= number <= len(shop.cases):
        raise LookupError(f"{account} is no demo shopper of {profile}")
    return number


def fill(url: str, wanted: Sequence[Wanted]) -> dict[str, str]:
    """Migrate the shop's database and fill it; the account of each conversation by its key.

    A profile's cases come first under their own ids, the copies behind them.
    """
    kefu.shop.migrate(url)
    now = datetime.now(UTC).replace(microsecond=0)
    accounts: dict[str, str] = {}
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for profile in SHOPS:
            mine = [each for each in wanted if each.profile == profile]
            book = _book(SHOPS[profile], mine, now, accounts)
            for table in Base.metadata.sorted_tables:
                if book.rows.get(table.name):
                    connection.execute(insert(table), book.rows[table.name])
    engine.dispose()
    return accounts


def _book(
    shop: DemoShop, wanted: Sequence[Wanted], now: datetime, accounts: dict[str, str]
) -> OrderBook:
    numbers = [case_number(shop.trade.profile, each.account) for each in wanted]
    cases = (*shop.cases, *(shop.cases[number - 1] for number in numbers))
    keys = [*(f"case {n}" for n in range(1, len(shop.cases) + 1)), *(each.key for each in wanted)]
    copied = replace(shop, cases=cases, accounts=len(cases))
    book = OrderBook(shop.trade, Random(0), now)
    add_shelves(book)
    rows = []
    for number, (case, key) in enumerate(zip(cases, keys, strict=True), 1):
        # A conversation's data shall not change when another one is added.
        book.random = Random(f"{shop.trade.profile}/{key}")
        row = add_account(book, copied, number)
        row["phone"] = f"139{number:03d}{book.random.randrange(10**5):05d}"
        row["email"] = row["email"] or f"{row['account_id']}@example.com"
        for each in case.fills:
            each(book, row)
        rows.append(row)
        accounts[key] = row["account_id"]
    add_coupons(book, rows)
    add_invoices(book)
    add_memberships(book, rows)
    return book
