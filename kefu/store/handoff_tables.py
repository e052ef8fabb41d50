"""The desk's tables behind the queue: who is there, who serves what, who waited how long."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table


class Presence(Table):
    """Whether an agent takes chats now. ``status``: online, busy, away or offline, as chosen.

    ``lease_until`` is prolonged by every sign of life; ``lapsed_at`` is set once it was given up:
    whatever the status says, nobody is there then. ``idle_since``: when the last chat came or went.
    """

    __tablename__ = "presences"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(12))
    capacity: Mapped[int] = mapped_column(Integer)
    lease_until: Mapped[datetime]
    lapsed_at: Mapped[datetime | None]
    idle_since: Mapped[datetime]
    last_assigned_at: Mapped[datetime | None]


class StaffGroup(Table):
    """A group that an agent serves. Without any in a profile, an agent serves all of its groups."""

    __tablename__ = "staff_groups"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    agent_group: Mapped[str] = mapped_column(String(40), primary_key=True)


class ServiceGroup(Table):
    """What supervisors change of a group by the day. Until ``edited`` it says what the file says.

    ``mode``: push (chats are assigned) or pull (agents pick them). ``hours`` is written like in a
    profile file. An agent who has not answered after ``answer_seconds`` loses the chat; nobody
    should wait longer than ``wait_seconds``.
    """

    __tablename__ = "service_groups"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    agent_group: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    mode: Mapped[str] = mapped_column(String(8))
    hours: Mapped[Document] = mapped_column(Json)
    overflow: Mapped[str | None] = mapped_column(String(40))
    overflow_minutes: Mapped[int | None] = mapped_column(Integer)
    answer_seconds: Mapped[int] = mapped_column(Integer)
    wait_seconds: Mapped[int] = mapped_column(Integer)
    edited: Mapped[bool]
    updated_at: Mapped[datetime]


class Handoff(Table):
    """One call for a person, from the bot until the talk is closed or the bot's again.

    ``outcome``: waiting, assigned, left (the shopper went away unserved), bot or closed.
    ``assigned_at`` is when an agent first had it, ``taken_at`` when the present one got it;
    ``busy_seconds`` is how long agents had it in all. ``closed_told_at``: when the shopper was told
    that nobody is there before the next opening. ``packet`` is what was known, frozen.
    """

    __tablename__ = "handoffs"

    handoff_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    profile: Mapped[str] = mapped_column(String(40))
    agent_group: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(40))
    priority: Mapped[int] = mapped_column(Integer)
    outcome: Mapped[str] = mapped_column(String(12))
    asked_at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    assigned_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    busy_seconds: Mapped[int] = mapped_column(Integer)
    returns: Mapped[int] = mapped_column(Integer)
    closed_told_at: Mapped[datetime | None]
    resolution: Mapped[str | None] = mapped_column(String(16))
    closing_note: Mapped[str] = mapped_column(Text)
    packet: Mapped[Document | None] = mapped_column(Json, deferred=True)

    __table_args__ = (
        Index(None, "profile", "asked_at"),
        Index(None, "profile", "agent_group", "ended_at"),
    )


class ToldWait(Table):
    """A range in seconds that a shopper was told, and what the wait was from then on.

    ``had`` is empty until an agent takes the talk, and stays so where the shopper leaves.
    """

    __tablename__ = "told_waits"

    told_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    handoff_id: Mapped[int] = mapped_column(ForeignKey("handoffs.handoff_id"), index=True)
    profile: Mapped[str] = mapped_column(String(40))
    agent_group: Mapped[str | None] = mapped_column(String(40))
    told_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(Integer)
    low: Mapped[int] = mapped_column(Integer)
    high: Mapped[int] = mapped_column(Integer)
    had: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (Index(None, "profile", "told_at"),)


class Invitation(Table):
    """A colleague was asked to look into a talk, and may see it from then on.

    ``invited_by``: the supervisor's own number where it was the shopper who asked for one.
    """

    __tablename__ = "invitations"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    invited_by: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "staff_id"),)
