"""``${order.paid.total}``: what texts take from the shopper's own rows when a turn is run.

``${name.selector.column:format}``. ``name`` is one of ``NAMES``; ``selector`` a number (1: the
newest), a state, a sku or a key, ``#2`` behind it the second such row. Without a column it is the
row's number. Money is written with ¥; a format is ``moment``, ``day``, ``date``, ``tail``,
``masked`` or ``plain``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from kefu.shop import wording
from kefu.shop.rules import BEIJING
from tests.dialogues.rows import Holder, Row

NAMES = {
    "order": "orders",
    "item": "order_items",
    "rma": "returns",
    "refund": "refunds",
    "payment": "payments",
    "parcel": "shipments",
    "happened": "logistics_events",
    "coupon": "coupons",
    "invoice": "invoices",
    "visit": "installations",
    "account": "accounts",
    "membership": "memberships",
    "product": "products",
    "seller": "sellers",
    "ticket": "tickets",
}
_KEYS = {
    "orders": "order_number",
    "order_items": "item_id",
    "returns": "rma_number",
    "refunds": "refund_id",
    "payments": "payment_id",
    "shipments": "tracking_number",
    "logistics_events": "text",
    "coupons": "name",
    "invoices": "invoice_id",
    "installations": "booking_id",
    "accounts": "account_id",
    "memberships": "growth",
    "products": "name",
    "sellers": "name",
    "tickets": "number",
}
_SELECTED_BY = ("state", "sku", "seller_id", "kind", "failure_code")
_MONEY = {"total", "amount", "refund_amount", "freight", "price", "unit_price", "minimum"}
_PLACE = re.compile(r"\$\{([^}]+)\}")


class NoSuchRow(Exception):
    """A text asks for what the shopper does not have."""


def fill_in(text: str, holder: Holder) -> str:
    """The text with its variables; raises ``NoSuchRow``."""
    return _PLACE.sub(lambda found: value_of(found[1], holder), text)


def fill_in_all(value: Any, holder: Holder) -> Any:
    """The same for all texts in a structure."""
    match value:
        case str():
            return fill_in(value, holder)
        case list():
            return [fill_in_all(each, holder) for each in value]
        case dict():
            return {name: fill_in_all(each, holder) for name, each in value.items()}
        case _:
            return value


def value_of(path: str, holder: Holder) -> str:
    path, _, form = path.partition(":")
    name, *rest = path.split(".")
    now = datetime.now(UTC)
    if name == "day":
        return _day(rest[0], now, form)
    if name == "other":
        return _other(holder)
    if name not in NAMES:
        raise NoSuchRow(f"no variable {name}")
    table = NAMES[name]
    selector = rest[0] if rest and table not in ("accounts", "memberships") else "1"
    column = (rest[-1] if rest else None) if table in ("accounts", "memberships") else None
    if column is None:
        column = rest[1] if len(rest) > 1 else _KEYS[table]
    row = _selected(holder.rows(table), table, selector)
    if column not in row:
        raise NoSuchRow(f"no column {column} in {table}")
    return _written(row[column], column, form, now)


def _selected(rows: list[Row], table: str, selector: str) -> Row:
    wanted, _, number = selector.partition("#")
    index = int(number or 1) - 1
    if wanted.isdigit() and len(wanted) < 4:
        index, fitting = int(wanted) - 1, rows
    else:
        columns = (*_SELECTED_BY, _KEYS[table])
        fitting = [
            row for row in rows if any(_plain(row.get(column)) == wanted for column in columns)
        ]
    if index >= len(fitting):
        raise NoSuchRow(f"{table} has no {selector}")
    return fitting[index]


def _plain(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value)


_FORMS: dict[str, Callable[[Any, datetime], str]] = {
    "moment": wording.moment_text,
    "day": wording.day_text,
    "tail": lambda value, _: str(value)[-4:],
    "masked": lambda value, _: f"{str(value)[:3]}****{str(value)[-4:]}",
    "plain": lambda value, _: _plain(value),
    "yuan": lambda value, _: wording.yuan(value),
    "head": lambda value, _: str(value)[:6],
}


def _written(value: Any, column: str, form: str, now: datetime) -> str:
    if form:
        return _FORMS[form](value, now)
    if column in _MONEY:
        return wording.yuan(value)
    return _plain(value)


def _day(which: str, now: datetime, form: str) -> str:
    """``${day.tomorrow}``, ``${day.+3}``: a Beijing day, 2026-11-25 or 11月25日 (``text``)."""
    ahead = {"today": 0, "tomorrow": 1}.get(which)
    day = (now + timedelta(days=int(which) if ahead is None else ahead)).astimezone(BEIJING).date()
    return f"{day.month}月{day.day}日" if form == "text" else day.isoformat()


def _other(holder: Holder) -> str:
    """An order of somebody else."""
    prefix = (holder.account or "x0001")[:1]
    for number in (5, 6, 1):
        stranger = f"{prefix}{number:04d}"
        if stranger != holder.account:
            other = Holder(holder.shop, holder.desk, holder.profile, stranger, "")
            if rows := other.rows("orders"):
                return str(rows[0]["order_number"])
    raise NoSuchRow("nobody else has an order")
