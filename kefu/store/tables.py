"""The desk's tables. Every row that belongs to a shop's service carries its ``profile``."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kefu.shop.columns import UtcDateTime

Document = dict[str, Any]

EVERY_PROFILE = "*"


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Counter = BigInteger().with_variant(Integer(), "sqlite")


class Table(DeclarativeBase):
    """Base of all tables; the naming convention lets migrations name what they alter."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


class Conversation(Table):
    """One talk. Whoever writes to it locks this row first, which is what keeps ``seq`` gapless.

    ``tracker`` is the bot's memory (``None``: a new talk), ``tracker_version`` counts its changes.
    """

    __tablename__ = "conversations"

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(String(80))
    shopper_name: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    state_since: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(40))
    agent_group: Mapped[str | None] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text)
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    last_seq: Mapped[int] = mapped_column(Integer)
    last_text: Mapped[str] = mapped_column(Text)
    tracker: Mapped[Document | None] = mapped_column(Json, deferred=True)
    tracker_version: Mapped[int] = mapped_column(Integer)
    verified_orders: Mapped[list[str]] = mapped_column(Json)
    context: Mapped[dict[str, str]] = mapped_column(Json)
    resume_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_resume_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "profile", "state", "state_since"),)


class Message(Table):
    """What a person wrote. ``status``: pending (a turn must answer), turn, done, or person."""

    __tablename__ = "messages"

    message_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    profile: Mapped[str] = mapped_column(String(40))
    author: Mapped[str] = mapped_column(String(12))
    client_message_id: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[Document | None] = mapped_column(Json)
    status: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("conversation_id", "author", "client_message_id"),
        Index(
            "ix_messages_pending",
            "conversation_id",
            "message_id",
            sqlite_where=sql("status = 'pending'"),
            postgresql_where=sql("status = 'pending'"),
        ),
    )


class Turn(Table):
    """One turn of the bot and the frozen input it works on.

    ``attempt`` fences: only the attempt that stands in the row may commit. ``worker`` is empty
    between attempts; a worker with a lease in the past has crashed. ``failures`` are counted tries.
    """

    __tablename__ = "turns"

    turn_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    profile: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(12))
    message_ids: Mapped[list[int]] = mapped_column(Json)
    tracker_version: Mapped[int] = mapped_column(Integer)
    now: Mapped[datetime]
    viewer: Mapped[Document] = mapped_column(Json)
    model: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(80))
    parse: Mapped[Document | None] = mapped_column(Json)
    actions: Mapped[list[str] | None] = mapped_column(Json)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_turns_open",
            "conversation_id",
            unique=True,
            sqlite_where=sql("status = 'open'"),
            postgresql_where=sql("status = 'open'"),
        ),
        Index(None, "conversation_id", "created_at"),
    )


class Event(Table):
    """What shopper and agent see, in order. ``payloads`` (button id → payload) never leaves."""

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    profile: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(24))
    body: Mapped[Document] = mapped_column(Json)
    payloads: Mapped[dict[str, str] | None] = mapped_column(Json)


class Ticket(Table):
    __tablename__ = "tickets"

    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    turn_id: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    order_number: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]

    __table_args__ = (Index(None, "profile", "state", "due_at"),)


class Staff(Table):
    """A person who logs in. What they may do stands per profile in ``staff_roles``."""

    __tablename__ = "staff"

    staff_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime]


class StaffRole(Table):
    """A role in one profile, or in every profile (``*``)."""

    __tablename__ = "staff_roles"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    role: Mapped[str] = mapped_column(String(24), primary_key=True)


class StaffSession(Table):
    """A login. Only a hash of the cookie is kept."""

    __tablename__ = "staff_sessions"

    session_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Audit(Table):
    """Who did what to what. ``actor`` is ``staff:<id>``, ``shopper``, ``bot`` or ``system``."""

    __tablename__ = "audit"

    audit_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80), index=True)
    detail: Mapped[Document] = mapped_column(Json)


class Model(Table):
    """A trained model. The one with the latest ``live_since`` answers the profile's shoppers."""

    __tablename__ = "models"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    card: Mapped[Document] = mapped_column(Json)
    live_since: Mapped[datetime | None]
