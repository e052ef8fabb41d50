"""What the desk knows of the pictures: whose they are, which message shows them, for what."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kefu.attachments.errors import AttachmentNotFound, AttachmentSent
from kefu.attachments.pictures import Picture
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.service_tables import Attachment, Ticket, TicketEvidence
from kefu.store.tables import Conversation

ID = r"^[0-9a-f]{16}$"


def new_id() -> str:
    return secrets.token_hex(8)


def add(
    session: Session,
    conversation: Conversation,
    attachment_id: str,
    picture: Picture,
    *,
    staff_id: int | None = None,
) -> Document:
    """Note a picture whose files are written, the shopper's or the agent's ``staff_id``; it
    belongs to no message yet."""
    row = Attachment(
        attachment_id=attachment_id,
        profile=conversation.profile,
        conversation_id=conversation.conversation_id,
        staff_id=staff_id,
        seq=None,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        created_at=utc_now(),
    )
    session.add(row)
    return as_json(row)


def add_to_ticket(session: Session, ticket: Ticket, attachment_id: str, picture: Picture) -> None:
    """Note a picture that came with an e-mail: evidence, in no conversation."""
    session.add(
        Attachment(
            attachment_id=attachment_id,
            profile=ticket.profile,
            conversation_id=None,
            seq=0,
            width=picture.width,
            height=picture.height,
            size=len(picture.content),
            created_at=utc_now(),
        )
    )
    session.flush()
    session.add(TicketEvidence(number=ticket.number, attachment_id=attachment_id))


def send(
    session: Session,
    conversation: Conversation,
    attachment_id: str,
    *,
    staff_id: int | None = None,
) -> Document:
    """Give it to the locked conversation's next event; what that event says of it.

    Only who has brought it may send it. Raises ``AttachmentNotFound``, ``AttachmentSent``.
    """
    row = session.get(Attachment, attachment_id)
    known = row is not None and row.conversation_id == conversation.conversation_id
    if row is None or not known or row.staff_id != staff_id:
        raise AttachmentNotFound("no such attachment in this conversation")
    if row.seq is not None:
        raise AttachmentSent("the picture goes with another message")
    row.seq = conversation.last_seq + 1
    return as_json(row)


def of_conversation(session: Session, conversation_id: str, attachment_id: str) -> Attachment:
    """A picture that the shopper may see: not an agent's that was not sent, nor another
    conversation's. Raises ``AttachmentNotFound``."""
    row = session.get(Attachment, attachment_id)
    hidden = row is not None and row.staff_id is not None and row.seq is None
    if row is None or row.conversation_id != conversation_id or hidden:
        raise AttachmentNotFound("no such attachment in this conversation")
    return row


def sent(session: Session, attachment_id: str) -> Attachment:
    """A picture that has been sent; raises ``AttachmentNotFound``."""
    row = session.get(Attachment, attachment_id)
    if row is None or row.seq is None:
        raise AttachmentNotFound("no such attachment")
    return row


def ticket_of(session: Session, attachment_id: str) -> str:
    """The ticket that a picture came to by e-mail; raises ``AttachmentNotFound``."""
    query = select(TicketEvidence.number).where(TicketEvidence.attachment_id == attachment_id)
    number = session.scalar(query.limit(1))
    if number is None:
        raise AttachmentNotFound("no such attachment")
    return number


def profile_of(session: Session, attachment_id: str) -> str:
    """Whose folder it lies in; raises ``AttachmentNotFound``."""
    row = session.get(Attachment, attachment_id)
    if row is None:
        raise AttachmentNotFound("no such attachment")
    return row.profile


def remove(session: Session, attachment_ids: Sequence[str]) -> None:
    """Forget pictures; their files are removed after the commit."""
    ids = list(attachment_ids)
    session.execute(delete(TicketEvidence).where(TicketEvidence.attachment_id.in_(ids)))
    session.execute(delete(Attachment).where(Attachment.attachment_id.in_(ids)))


def prove(session: Session, ticket: Ticket, conversation_id: str, ids: Sequence[str]) -> int:
    """Add pictures of the conversation to a ticket's evidence; how many were not there yet.

    Ids of no such picture are left out: it may have been removed meanwhile.
    """
    rows = session.scalars(
        select(Attachment.attachment_id).where(
            Attachment.attachment_id.in_(list(ids)),
            Attachment.conversation_id == conversation_id,
            Attachment.seq.is_not(None),
        )
    )
    known = set(
        session.scalars(
            select(TicketEvidence.attachment_id).where(TicketEvidence.number == ticket.number)
        )
    )
    fresh = set(rows) - known
    session.add_all(
        TicketEvidence(number=ticket.number, attachment_id=each) for each in sorted(fresh)
    )
    return len(fresh)


def evidence(session: Session, numbers: Collection[str]) -> dict[str, list[Document]]:
    """The pictures of these tickets, in the order they were sent."""
    found: dict[str, list[Document]] = {}
    rows = session.execute(
        select(TicketEvidence.number, Attachment)
        .join(Attachment, Attachment.attachment_id == TicketEvidence.attachment_id)
        .where(TicketEvidence.number.in_(list(numbers)))
        .order_by(Attachment.created_at, Attachment.attachment_id)
    )
    for number, row in rows:
        found.setdefault(number, []).append(as_json(row))
    return found


def outlived(session: Session, *, unsent: datetime, sent: datetime, limit: int) -> list[Attachment]:
    """Pictures that nobody has sent since ``unsent``, and those sent before ``sent``.

    What proves something in a ticket that is not closed stays.
    """
    needed = (
        select(TicketEvidence.attachment_id)
        .join(Ticket, Ticket.number == TicketEvidence.number)
        .where(TicketEvidence.attachment_id == Attachment.attachment_id, Ticket.state != "closed")
    )
    never_sent = Attachment.seq.is_(None) & (Attachment.created_at < unsent)
    old = Attachment.seq.is_not(None) & (Attachment.created_at < sent)
    query = select(Attachment).where(never_sent | old, ~needed.exists())
    return list(session.scalars(query.order_by(Attachment.created_at).limit(limit)))


def known(session: Session, attachment_ids: Collection[str]) -> set[str]:
    """Those of the ids that there are rows for."""
    query = select(Attachment.attachment_id).where(
        Attachment.attachment_id.in_(list(attachment_ids))
    )
    return set(session.scalars(query))


def as_json(row: Attachment) -> Document:
    return {"id": row.attachment_id, "width": row.width, "height": row.height}
