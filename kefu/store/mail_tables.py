"""The desk's tables behind incoming e-mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Table


class MailboxState(Table):
    """How far a profile's mailbox has been read: the last UID within a UIDVALIDITY (RFC 9051).

    ``problem`` is the code of the error that keeps it from being read, empty while all is well.
    """

    __tablename__ = "mailboxes"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    checked_at: Mapped[datetime]
    problem: Mapped[str | None] = mapped_column(String(40))


class TicketMail(Table):
    """An e-mail that has been taken in, once: ``mail_key`` is a hash of its own message id.

    ``number`` is the ticket it opened or added to; without one ``outcome`` says why: ``automatic``,
    ``too_many``, ``own``, ``unreadable``. ``message_id`` and ``references`` (blanks between) hold
    the thread together, in which the answer goes out.
    """

    __tablename__ = "ticket_mails"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    mail_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[str | None] = mapped_column(ForeignKey("tickets.number"), index=True)
    outcome: Mapped[str] = mapped_column(String(12))
    sender: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Text)
    references: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime]

    __table_args__ = (Index(None, "profile", "sender", "received_at"),)
