"""The desk's tables. Every row that belongs to a shop's service carries its ``profile``."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table

EVERY_PROFILE = "*"


class Conversation(Table):
    """One talk. Whoever writes to it locks this row first, which is what keeps ``seq`` gapless.

    ``tracker`` is the bot's memory (``None``: a new talk), ``tracker_version`` counts its changes.
    ``address_key`` is a keyed hash of the network address it was last opened from, or of whom the
    channel knows the shopper as. ``channel``: ``webhook``, or empty for the shopper API.

    In the queue the ``returned`` come first, then a higher ``priority``, then who was ``queued_at``
    an earlier time. ``refused_by``: agents who let it lie in this hand-off. ``answer_due_at``: by
    then the agent has to write something. ``agent_seen`` is the ``seq`` up to which agents have
    read it, ``unread`` counts the shopper's messages since; ``waits_since`` is when the first
    message came that no person has answered.
    """

    __tablename__ = "conversations"

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(12))
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
    last_from: Mapped[str | None] = mapped_column(String(12))
    last_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    queued_at: Mapped[datetime | None]
    returned: Mapped[bool] = mapped_column(Boolean, default=False, server_default=sql("false"))
    refused_by: Mapped[list[int]] = mapped_column(Json, default=list, server_default="[]")
    handoff_id: Mapped[int | None] = mapped_column(Counter)
    previous_agent: Mapped[int | None] = mapped_column(Integer)
    seller_id: Mapped[str | None] = mapped_column(String(64))
    answer_due_at: Mapped[datetime | None]
    agent_seen: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    unread: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    waits_since: Mapped[datetime | None]
    tags: Mapped[list[str]] = mapped_column(Json, default=list, server_default="[]")
    tracker: Mapped[Document | None] = mapped_column(Json, deferred=True)
    tracker_version: Mapped[int] = mapped_column(Integer)
    verified_orders: Mapped[list[str]] = mapped_column(Json)
    context: Mapped[dict[str, str]] = mapped_column(Json)
    address_key: Mapped[str | None] = mapped_column(String(64))
    resume_hash: Mapped[str] = mapped_column(String(64), unique=True)
    previous_resume_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index(None, "profile", "state", "state_since"),
        Index(
            "ix_conversations_queue",
            "profile",
            "agent_group",
            "queued_at",
            sqlite_where=sql("state = 'waiting'"),
            postgresql_where=sql("state = 'waiting'"),
        ),
        Index(
            "ix_conversations_assigned_to",
            "assigned_to",
            sqlite_where=sql("state = 'assigned'"),
            postgresql_where=sql("state = 'assigned'"),
        ),
    )


class Message(Table):
    """What a person wrote. ``status``: pending (a turn must answer), turn, done, or person.

    ``staff_id``: the agent who wrote it. The text of one that was recalled is gone.
    """

    __tablename__ = "messages"

    message_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    profile: Mapped[str] = mapped_column(String(40))
    author: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[int | None] = mapped_column(Integer)
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
    ``intent`` is how the shopper's message was understood; empty where nobody wrote one.
    ``thresholds`` are those it was decided with (``None``: the model's own). ``handed_off``: it
    ended with a person (``None``: not finished, or from before this was noted).
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
    thresholds: Mapped[dict[str, float] | None] = mapped_column(Json)
    attempt: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime]
    error: Mapped[str | None] = mapped_column(String(80))
    parse: Mapped[Document | None] = mapped_column(Json)
    intent: Mapped[str | None] = mapped_column(String(64))
    actions: Mapped[list[str] | None] = mapped_column(Json)
    handed_off: Mapped[bool | None] = mapped_column(Boolean)
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
        Index(None, "profile", "created_at", "conversation_id", "intent"),
        Index(None, "finished_at"),
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


class Staff(Table):
    """A person who logs in. What they may do stands per profile in ``staff_roles``.

    ``totp_secret`` is the second factor's, encrypted; ``totp_pending`` one that no code has
    confirmed yet. ``totp_step`` is the time step of the last code: none is taken twice.
    """

    __tablename__ = "staff"

    staff_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(Boolean)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_pending: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]


class StaffRole(Table):
    """A role in one profile, or in every profile (``*``)."""

    __tablename__ = "staff_roles"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    role: Mapped[str] = mapped_column(String(24), primary_key=True)


class StaffSession(Table):
    """A login. Only a hash of the cookie is kept. ``seen_at``: used last, to some minutes."""

    __tablename__ = "staff_sessions"

    session_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


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

    __table_args__ = (Index(None, "profile", "at"),)


class Model(Table):
    """A trained model. The one with the latest ``live_since`` answers the profile's shoppers."""

    __tablename__ = "models"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    card: Mapped[Document] = mapped_column(Json)
    live_since: Mapped[datetime | None]
