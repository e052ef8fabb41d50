"""What staff do with a ticket: take it up, answer it, close it. The shopper is told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.messages import clean
from kefu.conversation.state import State
from kefu.mail.threads import thread_of
from kefu.notices import desk_outbox
from kefu.store.database import utc_now
from kefu.store.service_tables import Ticket
from kefu.store.tables import Audit, Staff
from kefu.tickets import wording
from kefu.tickets.errors import TicketClosed
from kefu.tickets.opening import note


def assign(session: Session, ticket: Ticket, staff: Staff, colleague: Staff | None) -> None:
    """Give it to a colleague, or (``None``) to nobody in particular."""
    _lock(session, ticket)
    chosen = colleague.staff_id if colleague else None
    if ticket.assigned_to == chosen:
        return
    ticket.assigned_to = chosen
    text = f"交给{colleague.name}处理" if colleague else "取消指派"
    actor = f"staff:{staff.staff_id}"
    note(session, ticket, actor=actor, text=text, shown=False, at=utc_now())
    _audit(session, ticket, staff, "assign_ticket", to=chosen)


def take_up(session: Session, ticket: Ticket, staff: Staff, text: str) -> None:
    """Say that somebody works on it; ``text`` is what the shopper may read about it."""
    _lock(session, ticket)
    ticket.state = "in_progress"
    ticket.assigned_to = ticket.assigned_to or staff.staff_id
    at = utc_now()
    note(session, ticket, actor=f"staff:{staff.staff_id}", text=clean(text), shown=True, at=at)
    _audit(session, ticket, staff, "take_up_ticket")


def remark(session: Session, ticket: Ticket, staff: Staff, text: str) -> None:
    """Note something for colleagues alone."""
    _lock(session, ticket)
    at = utc_now()
    note(session, ticket, actor=f"staff:{staff.staff_id}", text=clean(text), shown=False, at=at)


def answer(session: Session, ticket: Ticket, staff: Staff, text: str) -> None:
    """Answer it: in the conversation if that is still open, and by SMS or e-mail.

    The same answer again changes nothing, so that a lost response may be asked for twice.
    """
    _lock(session, ticket)
    said = clean(text)
    if ticket.state == "answered" and ticket.answer == said:
        return
    at = utc_now()
    ticket.state, ticket.answer, ticket.answered_at = "answered", said, at
    note(session, ticket, actor=f"staff:{staff.staff_id}", text=said, shown=True, at=at)
    _tell(session, ticket, said)
    _audit(session, ticket, staff, "answer_ticket")


def close(session: Session, ticket: Ticket, staff: Staff) -> None:
    """Nothing more is to be done; closing it twice is no error."""
    _lock(session, ticket, closed=True)
    if ticket.state == "closed":
        return
    ticket.state = "closed"
    actor = f"staff:{staff.staff_id}"
    note(session, ticket, actor=actor, text="工单已关闭", shown=True, at=utc_now())
    _audit(session, ticket, staff, "close_ticket")


def _lock(session: Session, ticket: Ticket, *, closed: bool = False) -> None:
    """Until the transaction ends; raises ``TicketClosed`` unless it may be ``closed``."""
    # The conversation first: everybody locks in this order.
    if ticket.conversation_id:
        events.lock(session, ticket.conversation_id)
    session.refresh(ticket, with_for_update=True)
    if ticket.state == "closed" and not closed:
        raise TicketClosed("the ticket is closed")


def _tell(session: Session, ticket: Ticket, text: str) -> None:
    sentence = wording.answered(ticket.kind, ticket.number, text)
    if ticket.conversation_id:
        conversation = events.lock(session, ticket.conversation_id)
        if conversation.state != State.CLOSED:
            events.say(session, conversation, sentence)
    if ticket.account_id or ticket.contact:
        desk_outbox.put(
            session,
            profile=ticket.profile,
            kind="ticket_answered",
            key=f"{ticket.number}\n{text}",
            payload={
                "number": ticket.number,
                "ticket_kind": wording.kind_text(ticket.kind),
                "answer": text,
                **thread_of(session, ticket.number),
            },
            # Where a contact was left, it is what the shopper wants to be told by.
            account_id=None if ticket.contact else ticket.account_id,
            contact=ticket.contact,
        )


def _audit(
    session: Session, ticket: Ticket, staff: Staff, action: str, **detail: int | None
) -> None:
    session.add(
        Audit(
            profile=ticket.profile,
            at=utc_now(),
            actor=f"staff:{staff.staff_id}",
            action=action,
            subject=ticket.number,
            detail=detail,
        )
    )
