"""The desk's tables behind the trainer's inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table


class InboxItem(Table):
    """What shoppers wrote that is worth a trainer's look; the same wording once per profile.

    ``normal_hash`` is of the normal form (``kefu.trainer.normal_form``). ``kinds`` are bits, one
    for each way it was noticed (``kefu.trainer.reading.KINDS``), ``kind`` is the gravest. ``text``
    is masked, ``turn_id`` the latest turn that read it, ``reading`` how it did: ranking, entities,
    tokens, thresholds. ``group_id`` is the item that the like ones gather around. ``sampled``
    counts the messages of the random sample. ``state``: open, labelled, skipped or committed.
    """

    __tablename__ = "inbox_items"

    item_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    normal_hash: Mapped[str] = mapped_column(String(64))
    normal: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(24))
    kinds: Mapped[int] = mapped_column(Integer)
    hardness: Mapped[float] = mapped_column(Float)
    count: Mapped[int] = mapped_column(Integer)
    sampled: Mapped[int] = mapped_column(Integer)
    group_id: Mapped[int | None] = mapped_column(Counter)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    turn_id: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    intent: Mapped[str | None] = mapped_column(String(80))
    confidence: Mapped[float | None] = mapped_column(Float)
    reading: Mapped[Document] = mapped_column(Json)
    suggested: Mapped[list[str]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(12))
    label: Mapped[str | None] = mapped_column(String(80))
    new_intent_hint: Mapped[str | None] = mapped_column(String(200))
    marked: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    labelled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    labelled_at: Mapped[datetime | None]
    approvals: Mapped[list[int]] = mapped_column(Json)
    data_commit: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("profile", "normal_hash"),
        Index(None, "state", "hardness", "item_id"),
        # Wide enough to count without reading a row.
        Index(None, "state", "profile", "kinds", "group_id"),
        Index(None, "group_id"),
    )


class InboxAction(Table):
    """What a trainer did with an item; ``detail`` holds what stood before, for taking it back."""

    __tablename__ = "inbox_actions"

    action_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("inbox_items.item_id"), index=True)
    profile: Mapped[str] = mapped_column(String(40))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.staff_id"))
    action: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]
    detail: Mapped[Document] = mapped_column(Json)
    undone: Mapped[bool]


class InboxCursor(Table):
    """Up to where a source of messages has been read: the moment, and the row within it."""

    __tablename__ = "inbox_cursors"

    source: Mapped[str] = mapped_column(String(24), primary_key=True)
    at: Mapped[datetime]
    row: Mapped[str] = mapped_column(String(80))
