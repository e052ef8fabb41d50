"""The tables behind the services: the catalogue, and what shoppers asked for beside orders."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kefu.shop.changes import DayPart, InstallationState
from kefu.shop.schema import TABLE_OPTIONS, Base


def _belongs_to(table: str, key: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["profile", key], [f"{table}.profile", f"{table}.{key}"])


class ProductRow(Base):
    __tablename__ = "products"
    __table_args__ = (
        ForeignKeyConstraint(["profile", "seller_id"], ["sellers.profile", "sellers.seller_id"]),
        Index(None, "profile", "seller_id"),
        TABLE_OPTIONS,
    )

    sku: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    category: Mapped[str] = mapped_column(String(32))
    price: Mapped[int]
    stock: Mapped[int]
    specs: Mapped[dict[str, object]]
    restock_at: Mapped[datetime | None]
    ships_from: Mapped[str]
    ships_within_hours: Mapped[int]
    freight: Mapped[int]
    free_freight_from: Mapped[int | None]
    warranty_months: Mapped[int]
    installable: Mapped[bool]
    seller_id: Mapped[str | None]


class InstallationRow(Base):
    """One visit per item; moving it changes the row."""

    __tablename__ = "installations"
    __table_args__ = (
        _belongs_to("orders", "order_number"),
        _belongs_to("order_items", "item_id"),
        Index(None, "profile", "order_number"),
        TABLE_OPTIONS,
    )

    item_id: Mapped[str] = mapped_column(primary_key=True)
    booking_id: Mapped[str]
    order_number: Mapped[str]
    day: Mapped[date] = mapped_column(Date)
    part: Mapped[DayPart]
    state: Mapped[InstallationState]


class MembershipRow(Base):
    """The level stands in ``accounts.member_level``."""

    __tablename__ = "memberships"
    __table_args__ = (_belongs_to("accounts", "account_id"), TABLE_OPTIONS)

    account_id: Mapped[str] = mapped_column(primary_key=True)
    growth: Mapped[int]
    points: Mapped[int]
    renews_at: Mapped[datetime | None]
    auto_renew: Mapped[bool]


class PriceClaimRow(Base):
    """The key allows one price protection for each item."""

    __tablename__ = "price_claims"
    __table_args__ = (_belongs_to("order_items", "item_id"), TABLE_OPTIONS)

    item_id: Mapped[str] = mapped_column(primary_key=True)
    refund_id: Mapped[str]
    amount: Mapped[int]
    at: Mapped[datetime]


class PasswordResetRow(Base):
    """A link to the shop's own page; only the hash of its token is kept."""

    __tablename__ = "password_resets"
    __table_args__ = (
        _belongs_to("accounts", "account_id"),
        Index(None, "profile", "account_id"),
        TABLE_OPTIONS,
    )

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
