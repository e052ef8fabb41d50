"""The desk's tables behind the webhook channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Table


class WebhookUser(Table):
    """Whoever writes through a shop's server, and the talk that they are in."""

    __tablename__ = "webhook_users"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )


class WebhookMessage(Table):
    """A message that was accepted, in whichever talk: the same id again is answered from here.

    ``sent_at`` is when the shopper wrote it, if the shop's server says so.
    """

    __tablename__ = "webhook_messages"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    seq: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookDelivery(Table):
    """How far a talk's events have reached the shop's server.

    ``delivered_seq``: all events up to it were taken or are none of its business. ``due_at``: when
    to look for more; empty where there is nothing more, or the talk is paused. ``failing_since``
    and ``tries`` are about the event after the cursor; ``paused_at`` is when it was given up.
    ``holder`` works on the talk until ``lease_until``.
    """

    __tablename__ = "webhook_deliveries"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), primary_key=True
    )
    profile: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[str] = mapped_column(String(80))
    delivered_seq: Mapped[int] = mapped_column(Integer)
    delivered_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    holder: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_webhook_deliveries_due",
            "profile",
            "due_at",
            sqlite_where=sql("due_at IS NOT NULL"),
            postgresql_where=sql("due_at IS NOT NULL"),
        ),
        Index(
            "ix_webhook_deliveries_failing",
            "profile",
            "failing_since",
            sqlite_where=sql("failing_since IS NOT NULL"),
            postgresql_where=sql("failing_since IS NOT NULL"),
        ),
        Index("ix_webhook_deliveries_delivered", "profile", "delivered_at"),
    )
