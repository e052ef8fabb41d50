"""Kefu's own tables in the shop's database: they share a transaction with the effects."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kefu.shop.schema import TABLE_OPTIONS, Base


class OperationRow(Base):
    """An effect of a turn: its key, the hash of its arguments and its result."""

    __tablename__ = "operations"
    __table_args__ = (UniqueConstraint("turn_id", "name", "target"), TABLE_OPTIONS)

    operation_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    profile: Mapped[str] = mapped_column(String(32))
    turn_id: Mapped[str]
    name: Mapped[str]
    target: Mapped[str] = mapped_column(String(160))
    arguments_hash: Mapped[str]
    result: Mapped[dict[str, object]]
    at: Mapped[datetime]


class GuestCheckRow(Base):
    """One counted try. ``number`` runs per order, so two at once cannot both be the fifth."""

    __tablename__ = "guest_checks"
    __table_args__ = (
        UniqueConstraint("profile", "order_key", "turn_id"),
        Index(None, "at"),
        TABLE_OPTIONS,
    )

    order_key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn_id: Mapped[str]
    passed: Mapped[bool]
    tries_left: Mapped[int]
    blocked_until: Mapped[datetime | None]
    at: Mapped[datetime]


class NoticeRow(Base):
    """A message to send (SMS, e-mail, webhook) once the effect is committed.

    ``notice_id`` derives from the operation, so a repeat carries the same id.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "sent_at", "created_at"), TABLE_OPTIONS)

    notice_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    account_id: Mapped[str | None]
    order_number: Mapped[str | None]
    payload: Mapped[dict[str, object]]
    created_at: Mapped[datetime]
    channel: Mapped[str | None] = mapped_column(String(16))
    sent_at: Mapped[datetime | None]
    tries: Mapped[int]
