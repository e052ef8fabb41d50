"""The desk's tables behind what an agent has at hand: notes, drafts, canned responses, marks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table


class Note(Table):
    """What staff tell each other about a talk; no shopper ever reads it.

    ``kind``: note, or whisper: a supervisor's word to the agent ``to_staff``. ``mentions`` are the
    colleagues that a note names.
    """

    __tablename__ = "notes"

    note_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    kind: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"))
    to_staff: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    text: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[int]] = mapped_column(Json)
    at: Mapped[datetime]


class Draft(Table):
    """What an agent has begun to write in a talk and not sent."""

    __tablename__ = "drafts"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), primary_key=True
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]


class CannedResponse(Table):
    """A text to send with a few keys. ``owner``: the agent whose own it is; empty: everybody's.

    ``agent_group`` limits it to a group. ``intents`` are the questions that it answers.
    """

    __tablename__ = "canned_responses"

    canned_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    agent_group: Mapped[str | None] = mapped_column(String(40))
    owner: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    shortcut: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    intents: Mapped[list[str]] = mapped_column(Json)
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "profile", "shortcut"),)


class Seed(Table):
    """What was read once from the profile files; from then on its rows count."""

    __tablename__ = "seeds"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    at: Mapped[datetime]


class Correction(Table):
    """An agent's mark on how the bot understood a message, for the trainer.

    ``seq`` is the shopper's message. ``right_intent`` is empty where the bot was right, or where
    the agent did not say what would have been.
    """

    __tablename__ = "corrections"

    correction_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    seq: Mapped[int] = mapped_column(Integer)
    turn_id: Mapped[str] = mapped_column(String(40))
    intent_given: Mapped[str | None] = mapped_column(String(64))
    right: Mapped[bool] = mapped_column("was_right")
    right_intent: Mapped[str | None] = mapped_column(String(64))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"))
    at: Mapped[datetime]

    __table_args__ = (Index(None, "profile", "at"),)


class ShopperAction(Table):
    """What an agent has done in the shop for a shopper.

    ``operation`` stands in the shop's operations in the place of a turn's id. ``state``: begun
    (whether it was done the shop knows), done, refused or registered (a ticket instead).
    """

    __tablename__ = "shopper_actions"

    operation: Mapped[str] = mapped_column(String(40), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"))
    name: Mapped[str] = mapped_column(String(24))
    order_number: Mapped[str | None] = mapped_column(String(64))
    fields_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12))
    result: Mapped[Document | None] = mapped_column(Json)
    at: Mapped[datetime]
