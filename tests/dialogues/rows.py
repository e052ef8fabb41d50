"""What the databases hold of one shopper: for variables in texts, and for effects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Table, create_engine, or_, select
from sqlalchemy.pool import NullPool

import kefu.store.service_tables  # noqa: F401 - makes the desk's tables known
from kefu.shop.service_tables import Base as ShopBase
from kefu.store.base import Table as DeskBase
from kefu.store.tables import Conversation, Message, Turn

Row = dict[str, Any]
_NEWEST = ("placed_at", "requested_at", "created_at", "shipped_at", "at")
_BY_ITEM = ("installations", "price_claims")


def open_readonly(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


@dataclass(frozen=True, slots=True)
class Holder:
    """One shopper and one talk, as the databases know them."""

    shop: Engine
    desk: Engine
    profile: str
    account: str | None
    conversation_id: str

    def rows(self, name: str) -> list[Row]:
        """All of the shopper's rows in a table of either database, newest first."""
        table = ShopBase.metadata.tables.get(name)
        if table is not None:
            return self._read(self.shop, table, self._of_shopper(table))
        table = DeskBase.metadata.tables.get(name)
        if table is None:
            raise LookupError(f"no table {name}")
        return self._read(self.desk, table, self._of_talk(table))

    def operations(self) -> list[str]:
        """The names of the effects that this talk had in the shop, oldest first."""
        with self.desk.connect() as connection:
            mine = select(Turn.turn_id).where(Turn.conversation_id == self.conversation_id)
            turns = list(connection.scalars(mine))
        table = ShopBase.metadata.tables["operations"]
        with self.shop.connect() as connection:
            found = connection.execute(
                select(table.c.name)
                .where(table.c.turn_id.in_(turns))
                .order_by(table.c.operation_id)
            )
            return [row.name for row in found]

    def last_turn(self) -> Turn | None:
        with self.desk.connect() as connection:
            return connection.execute(  # type: ignore[return-value]
                select(Turn.__table__)
                .where(Turn.conversation_id == self.conversation_id)
                .order_by(Turn.created_at.desc(), Turn.finished_at.desc())
                .limit(1)
            ).first()

    def unanswered(self) -> int:
        """How many messages still wait for the bot."""
        with self.desk.connect() as connection:
            return len(
                connection.execute(
                    select(Message.message_id).where(
                        Message.conversation_id == self.conversation_id,
                        Message.status.in_(("pending", "turn")),
                    )
                ).all()
            )

    def stored_text(self) -> str:
        """Everything that was kept of what the shopper wrote, trackers and parses included."""
        with self.desk.connect() as connection:
            mine = self.conversation_id
            parts: list[Any] = []
            for query in (
                select(Message.text, Message.payload).where(Message.conversation_id == mine),
                select(Conversation.tracker, Conversation.last_text).where(
                    Conversation.conversation_id == mine
                ),
                select(Turn.parse).where(Turn.conversation_id == mine),
            ):
                parts += [list(row) for row in connection.execute(query)]
        return json.dumps(parts, ensure_ascii=False, default=str)

    def _of_shopper(self, table: Table) -> list[ColumnElement[bool]]:
        """Conditions; a table without an owner (the catalogue) is everybody's."""
        found: list[ColumnElement[bool]] = [table.c.profile == self.profile]
        orders = ShopBase.metadata.tables["orders"]
        own = select(orders.c.order_number).where(
            orders.c.profile == self.profile, orders.c.account_id == self.account
        )
        if "account_id" in table.c:
            mine = table.c.account_id == self.account
            # A notice belongs to an account or to an order.
            found.append(
                or_(mine, table.c.order_number.in_(own)) if table.name == "outbox" else mine
            )
        elif "order_number" in table.c:
            found.append(table.c.order_number.in_(own))
        elif table.name == "logistics_events":
            parcels = ShopBase.metadata.tables["shipments"]
            found.append(
                table.c.shipment_id.in_(
                    select(parcels.c.shipment_id).where(parcels.c.order_number.in_(own))
                )
            )
        elif table.name in _BY_ITEM:
            items = ShopBase.metadata.tables["order_items"]
            found.append(
                table.c.item_id.in_(select(items.c.item_id).where(items.c.order_number.in_(own)))
            )
        return found

    def _of_talk(self, table: Table) -> list[ColumnElement[bool]]:
        if "conversation_id" not in table.c:
            raise LookupError(f"the rows of {table.name} belong to no talk")
        return [table.c.conversation_id == self.conversation_id]

    @staticmethod
    def _read(engine: Engine, table: Table, conditions: list[ColumnElement[bool]]) -> list[Row]:
        query = select(table).where(*conditions)
        newest = next((name for name in _NEWEST if name in table.c), None)
        keys = [column for column in table.primary_key if column.name != "profile"]
        query = query.order_by(*([table.c[newest].desc()] if newest else []), *keys)
        with engine.connect() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]


def matches(row: Row, wanted: Mapping[str, Any]) -> bool:
    """Whether the row's columns hold what is wanted; a text in ``~…`` need only be part of it."""
    return all(_equal(row[column], value) for column, value in wanted.items())


def _equal(found: Any, wanted: Any) -> bool:
    if isinstance(found, Enum):
        found = found.value
    if isinstance(wanted, str) and wanted.startswith("~"):
        return wanted[1:] in str(found)
    if isinstance(found, datetime):
        return found.isoformat() == wanted
    if isinstance(found, bool) or found is None or isinstance(wanted, int | bool):
        return found == wanted
    return str(found) == str(wanted)
