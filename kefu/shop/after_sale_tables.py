"""The tables of what comes after a sale: returns, refunds and invoices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kefu.shop.model import (
    FreightPayer,
    RefundState,
    ReturnKind,
    ReturnReason,
    ReturnState,
)
from kefu.shop.money import InvoiceState
from kefu.shop.schema import TABLE_OPTIONS, Base, ItemRow, belongs_to_order

INACTIVE_RETURNS = (ReturnState.REJECTED, ReturnState.CLOSED)


def active_item(state: ReturnState, item_id: str) -> str | None:
    """What ``returns.active_item_id`` holds: the item while its RMA stands, else nothing."""
    return None if state in INACTIVE_RETURNS else item_id


class ReturnRow(Base):
    """An RMA. ``active_item_id`` makes two standing RMAs for one item impossible."""

    __tablename__ = "returns"
    __table_args__ = (
        belongs_to_order(),
        ForeignKeyConstraint(
            ["profile", "item_id"], ["order_items.profile", "order_items.item_id"]
        ),
        UniqueConstraint("profile", "active_item_id"),
        CheckConstraint(
            "(state IN ('rejected', 'closed') AND active_item_id IS NULL)"
            " OR (state NOT IN ('rejected', 'closed') AND active_item_id IS NOT NULL"
            " AND active_item_id = item_id)",
            name="active_item",
        ),
        Index(None, "profile", "order_number"),
        Index(None, "profile", "item_id"),
        TABLE_OPTIONS,
    )

    rma_number: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    item_id: Mapped[str]
    active_item_id: Mapped[str | None]
    reason: Mapped[ReturnReason]
    note: Mapped[str] = mapped_column(Text)
    state: Mapped[ReturnState]
    refund_amount: Mapped[int]
    requested_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    return_address: Mapped[str | None] = mapped_column(String(255))
    tracking_number: Mapped[str | None]
    kind: Mapped[ReturnKind] = mapped_column(server_default=ReturnKind.RETURN)
    freight_payer: Mapped[FreightPayer] = mapped_column(server_default=FreightPayer.SHOPPER)
    wanted_variant: Mapped[str | None]
    carrier_code: Mapped[str | None] = mapped_column(String(32))

    item: Mapped[ItemRow] = relationship(viewonly=True)


class RefundRow(Base):
    __tablename__ = "refunds"
    __table_args__ = (
        belongs_to_order(),
        ForeignKeyConstraint(["profile", "rma_number"], ["returns.profile", "returns.rma_number"]),
        Index(None, "profile", "order_number"),
        Index(None, "profile", "rma_number"),
        TABLE_OPTIONS,
    )

    refund_id: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    rma_number: Mapped[str | None]
    amount: Mapped[int]
    state: Mapped[RefundState]
    channel: Mapped[str] = mapped_column(String(32))
    requested_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expected_at: Mapped[datetime | None]


class InvoiceRow(Base):
    __tablename__ = "invoices"
    __table_args__ = (
        belongs_to_order(),
        Index(None, "profile", "order_number"),
        TABLE_OPTIONS,
    )

    invoice_id: Mapped[str] = mapped_column(primary_key=True)
    order_number: Mapped[str]
    title: Mapped[str] = mapped_column(String(128))
    tax_number: Mapped[str | None] = mapped_column(String(32))
    email: Mapped[str | None] = mapped_column(String(255))
    amount: Mapped[int]
    state: Mapped[InvoiceState]
    requested_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
