"""The thread that a ticket's e-mails form, in which its answer goes out."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.mail_tables import TicketMail


def thread_of(session: Session, number: str) -> dict[str, str]:
    """What an answer needs to go on in the ticket's thread; nothing for one without e-mails."""
    newest = session.scalar(
        select(TicketMail)
        .where(TicketMail.number == number, TicketMail.message_id != "")
        .order_by(TicketMail.received_at.desc(), TicketMail.mail_key)
        .limit(1)
    )
    if newest is None:
        return {}
    return {
        "in_reply_to": newest.message_id,
        "references": f"{newest.references} {newest.message_id}".strip(),
        "mail_subject": newest.subject,
    }
