"""Tickets as shoppers and staff read them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kefu.attachments import rows as attachments
from kefu.attachments.addresses import staff_address, view
from kefu.conversation import events
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.service_tables import Ticket, TicketProgress
from kefu.store.tables import Staff
from kefu.tickets import wording
from kefu.tickets.opening import NOT_ANSWERED

SHOWN = 50
LISTED = 200
# So long before the promised time a ticket is shown as pressing.
DUE_SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets are looked for; without a ``state`` all but the closed."""

    state: str | None = None
    kind: str | None = None
    profile: str | None = None
    assigned_to: int | None = None
    unassigned: bool = False
    overdue: bool = False
    due_soon: bool = False
    words: str = ""


def of_shopper(session: Session, conversation_id: str) -> list[Document]:
    """The account's tickets and the conversation's, newest first; progress as far as shown."""
    conversation = events.find(session, conversation_id)
    mine = Ticket.conversation_id == conversation_id
    if conversation.account_id:
        mine = or_(mine, Ticket.account_id == conversation.account_id)
    rows = session.scalars(
        select(Ticket)
        .where(Ticket.profile == conversation.profile, mine)
        .order_by(Ticket.created_at.desc())
        .limit(SHOWN)
    ).all()
    numbers = [row.number for row in rows]
    progress = _progress(session, numbers, shown=True)
    evidence = attachments.evidence(session, numbers)
    return [
        {
            **_summary(row),
            "answer": row.answer,
            "progress": progress.get(row.number, []),
            "evidence": evidence.get(row.number, []),
        }
        for row in rows
    ]


def of_staff(session: Session, seen: ColumnElement[bool], wanted: Wanted) -> list[Document]:
    """Tickets that fit the condition ``seen``, those due first on top."""
    query = select(Ticket).where(seen, *_conditions(wanted, utc_now()))
    rows = session.scalars(query.order_by(Ticket.due_at, Ticket.number).limit(LISTED)).all()
    return for_staff(session, rows)


def _conditions(wanted: Wanted, now: datetime) -> Iterator[ColumnElement[bool]]:
    yield Ticket.state == wanted.state if wanted.state else Ticket.state != "closed"
    if wanted.kind:
        yield Ticket.kind == wanted.kind
    if wanted.profile:
        yield Ticket.profile == wanted.profile
    if wanted.unassigned:
        yield Ticket.assigned_to.is_(None)
    elif wanted.assigned_to is not None:
        yield Ticket.assigned_to == wanted.assigned_to
    pending = Ticket.state.in_(NOT_ANSWERED)
    if wanted.overdue:
        yield and_(pending, Ticket.due_at < now)
    if wanted.due_soon:
        yield and_(pending, Ticket.due_at >= now, Ticket.due_at < now + DUE_SOON)
    if wanted.words:
        yield _about(wanted.words)


def _about(words: str) -> ColumnElement[bool]:
    """Whose number, order, subject or details hold the words."""
    wanted = words.replace("\0", "")
    texts = (Ticket.number, Ticket.order_number, Ticket.subject, Ticket.details, Ticket.contact)
    return or_(*(text.icontains(wanted, autoescape=True) for text in texts))


def details(session: Session, ticket: Ticket) -> Document:
    """One ticket with everything that happened to it."""
    number = ticket.number
    (shown,) = for_staff(session, [ticket])
    return {
        **shown,
        "answer": ticket.answer,
        "progress": _progress(session, [number], shown=False).get(number, []),
        "evidence": [
            view(each, staff_address)
            for each in attachments.evidence(session, [number]).get(number, [])
        ],
    }


def for_staff(session: Session, tickets: Sequence[Ticket]) -> list[Document]:
    """Tickets as the staff reads them: whose they are, and how near they are due."""
    assigned = {each.assigned_to for each in tickets if each.assigned_to is not None}
    rows = session.execute(
        select(Staff.staff_id, Staff.name).where(Staff.staff_id.in_(sorted(assigned)))
    )
    names = dict(rows.tuples().all())
    now = utc_now()
    return [_for_staff(each, names, now) for each in tickets]


def _summary(ticket: Ticket) -> Document:
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "kind_text": wording.kind_text(ticket.kind),
        "state": ticket.state,
        "state_text": wording.STATES[ticket.state],
        "subject": ticket.subject,
        "details": ticket.details,
        "order_number": ticket.order_number,
        "created_at": ticket.created_at.isoformat(),
        "due_at": ticket.due_at.isoformat(),
        "answered_at": ticket.answered_at.isoformat() if ticket.answered_at else None,
    }


def _for_staff(ticket: Ticket, names: Mapping[int, str], now: datetime) -> Document:
    pending = ticket.state in NOT_ANSWERED
    return {
        **_summary(ticket),
        "profile": ticket.profile,
        "conversation_id": ticket.conversation_id,
        "account_id": ticket.account_id,
        "contact": ticket.contact,
        "assigned_to": ticket.assigned_to,
        "agent_name": names.get(ticket.assigned_to) if ticket.assigned_to else None,
        "overdue": pending and ticket.due_at < now,
        "due_soon": pending and now <= ticket.due_at < now + DUE_SOON,
    }


def _progress(
    session: Session, numbers: Collection[str], *, shown: bool
) -> dict[str, list[Document]]:
    """By ticket, oldest first. For shoppers without the notes and names of staff."""
    query = select(TicketProgress).where(TicketProgress.number.in_(numbers))
    if shown:
        query = query.where(TicketProgress.shown)
    found: dict[str, list[Document]] = {}
    for row in session.scalars(query.order_by(TicketProgress.progress_id)):
        entry: Document = {
            "at": row.at.isoformat(),
            "state": row.state,
            "state_text": wording.STATES[row.state],
            "text": row.note,
        }
        if not shown:
            entry |= {"actor": row.actor, "shown": row.shown}
        found.setdefault(row.number, []).append(entry)
    return found
