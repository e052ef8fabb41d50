"""The desk's tables behind tickets, pictures, one-time codes and notices."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table


class Ticket(Table):
    """A request that people work on. ``state``: open, in_progress, answered or closed.

    ``owner`` says whose it is: ``account:<id>``, ``conversation:<id>`` or ``contact:<address>``;
    ``contact`` is a phone number or an e-mail address for the answer.
    """

    __tablename__ = "tickets"

    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    owner: Mapped[str] = mapped_column(String(140))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.conversation_id"))
    turn_id: Mapped[str | None] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    order_number: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    answer: Mapped[str | None] = mapped_column(Text)
    assigned_to: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    __table_args__ = (
        Index(None, "profile", "state", "due_at"),
        Index(None, "profile", "owner", "created_at"),
        Index(None, "conversation_id"),
    )


class TicketProgress(Table):
    """What happened to a ticket; ``note`` is for the shopper too where ``shown``."""

    __tablename__ = "ticket_progress"

    progress_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(ForeignKey("tickets.number"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    shown: Mapped[bool]


class Attachment(Table):
    """A picture of a shopper's, or of the agent ``staff_id``, whose files bear its id.

    ``seq`` is the event that shows it; empty while it is uploaded and not sent, 0 for one that came
    with an e-mail and belongs to no conversation. ``size`` is the large file's, in bytes.
    """

    __tablename__ = "attachments"

    attachment_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(
        ForeignKey("conversations.conversation_id"), index=True
    )
    staff_id: Mapped[int | None] = mapped_column(Integer)
    seq: Mapped[int | None] = mapped_column(Integer)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(index=True)


class TicketEvidence(Table):
    """A picture that proves something in a ticket."""

    __tablename__ = "ticket_evidence"

    number: Mapped[str] = mapped_column(ForeignKey("tickets.number"), primary_key=True)
    attachment_id: Mapped[str] = mapped_column(
        ForeignKey("attachments.attachment_id"), primary_key=True, index=True
    )


class Verification(Table):
    """A one-time code that was asked for. Only a keyed hash of the code is kept.

    ``state``: requested (where it goes has to be found out), open, passed, replaced or failed.
    ``step``: ``own`` for the account that is signed in, ``login`` for one that a guest has named,
    ``new`` for a phone that shall be bound. ``account_id`` stays empty where nobody goes by
    ``login``. ``sends`` numbers the codes: each makes the one before it worthless. ``due_at`` is
    when the next one has to be sent. ``channel`` and ``address_masked`` are what the shopper is
    told, ``sent_by`` is the way the code really goes.
    """

    __tablename__ = "verifications"

    verify_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.conversation_id"))
    purpose: Mapped[str] = mapped_column(String(24))
    step: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(12))
    login: Mapped[str | None] = mapped_column(String(120))
    login_key: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(String(80))
    phone: Mapped[str | None] = mapped_column(String(20))
    channel: Mapped[str | None] = mapped_column(String(12))
    address_masked: Mapped[str | None] = mapped_column(String(120))
    sent_by: Mapped[str | None] = mapped_column(String(12))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    wrong_tries: Mapped[int] = mapped_column(Integer)
    sends: Mapped[int] = mapped_column(Integer)
    failures: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    resend_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (Index(None, "conversation_id", "created_at"), Index(None, "due_at"))


class CodeSend(Table):
    """One code that was asked for, counted against whom it was for and where it came from.

    The keys are keyed hashes of what was typed and of the network address.
    """

    __tablename__ = "code_sends"

    send_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    verify_id: Mapped[str] = mapped_column(String(40), index=True)
    login_key: Mapped[str] = mapped_column(String(64))
    address_key: Mapped[str | None] = mapped_column(String(64))
    account_id: Mapped[str | None] = mapped_column(String(80))
    at: Mapped[datetime]

    __table_args__ = (
        Index(None, "login_key", "at"),
        Index(None, "address_key", "at"),
        Index(None, "profile", "account_id", "at"),
    )


class Notice(Table):
    """What the desk has to tell a shopper outside the chat, written with what it is about.

    It goes to an account, whose addresses the shop knows, or to ``contact``. ``due_at`` is when
    it is tried next; empty once it was sent or given up.
    """

    __tablename__ = "notices"

    notice_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(String(80))
    contact: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[Document] = mapped_column(Json)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(Integer)


class Lease(Table):
    """Work that one desk does for all; it is free again after ``until``."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    until: Mapped[datetime]


class Rating(Table):
    """What a shopper was asked, and how they found it. ``seq`` is that of the ``rating_request``.

    ``served_by``: bot or agent. ``rated_at`` is when they first answered; empty until then.
    """

    __tablename__ = "ratings"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    profile: Mapped[str] = mapped_column(String(40))
    served_by: Mapped[str] = mapped_column(String(12))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.staff_id"))
    agent_group: Mapped[str | None] = mapped_column(String(40))
    asked_at: Mapped[datetime]
    stars: Mapped[int | None] = mapped_column(Integer)
    reasons: Mapped[list[str]] = mapped_column(Json)
    text: Mapped[str] = mapped_column(Text)
    rated_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "profile", "asked_at"), Index(None, "changed_at"))
