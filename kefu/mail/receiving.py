"""An e-mail becomes a ticket, or adds to the one it answers. Each is taken in once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.attachments.keeping import Kept
from kefu.mail.letter import Letter
from kefu.mail.threads import thread_of
from kefu.notices import desk_outbox
from kefu.privacy.mask import mask_message
from kefu.profiles import Profile
from kefu.profiles.hours import SHOP_TIME
from kefu.profiles.profile import Mailbox
from kefu.profiles.public_holidays import working_day_after
from kefu.store.database import lock_name
from kefu.store.mail_tables import TicketMail
from kefu.store.service_tables import Notice, Ticket
from kefu.tickets import opening, wording
from kefu.tickets.opening import Matter

MOST_FROM_ONE = 20
"""So many e-mails of one sender are taken in an hour; more of them are a loop or a flood."""
DAY_ENDS = time(18)
_NUMBER = re.compile(r"TK\d{18}")
_NOTICE_ID = re.compile(r"<([0-9a-f]{64})@")
NO_TEXT = "（邮件没有正文）"


@dataclass(frozen=True, slots=True)
class Received:
    """``number`` of the ticket, empty for an e-mail that was not taken in; ``fresh``: this call
    has taken it in."""

    number: str | None
    outcome: str
    fresh: bool = True


def receive(
    session: Session,
    profile: Profile,
    letter: Letter,
    pictures: Sequence[Kept],
    now: datetime,
) -> Received:
    """Take an e-mail in, in one transaction; the same one again changes nothing."""
    mailbox = profile.mailbox
    assert mailbox is not None
    name = profile.profile
    lock_name(session, f"mail {name} {letter.sender.value}")
    known = session.get(TicketMail, (name, letter.key))
    if known is not None:
        return Received(known.number, known.outcome, fresh=False)
    refusal = _refusal(session, name, mailbox, letter, now)
    if refusal:
        refused = Received(None, refusal)
        _keep(session, name, letter, refused, now)
        return refused
    ticket = _answered(session, name, letter)
    outcome = "added" if ticket else "opened"
    if ticket:
        _add(session, profile, ticket, letter, now)
    else:
        ticket = _open(session, profile, letter, now)
    for kept in pictures:
        rows.add_to_ticket(session, ticket, kept.attachment_id, kept.picture)
    _name_files(session, ticket, letter, len(pictures), now)
    received = Received(ticket.number, outcome)
    _keep(session, name, letter, received, now)
    session.flush()
    if outcome == "opened":
        _acknowledge(session, profile, ticket, letter)
    return received


def due_at(profile: Profile, mailbox: Mailbox, now: datetime) -> datetime:
    """By when an e-mail is answered: the end of a working day, or the hours of its kind."""
    if mailbox.answer_days is None:
        return now + timedelta(hours=profile.hours_for(mailbox.kind))
    day = working_day_after(now.astimezone(SHOP_TIME).date(), mailbox.answer_days)
    return datetime.combine(day, DAY_ENDS, SHOP_TIME)


def _refusal(
    session: Session, profile: str, mailbox: Mailbox, letter: Letter, now: datetime
) -> str | None:
    if letter.sender.value == mailbox.address.lower():
        return "own"
    if letter.automatic:
        return "automatic"
    lately = session.scalar(
        select(func.count())
        .select_from(TicketMail)
        .where(
            TicketMail.profile == profile,
            TicketMail.sender == letter.sender.value,
            TicketMail.received_at > now - timedelta(hours=1),
        )
    )
    return "too_many" if (lately or 0) >= MOST_FROM_ONE else None


def _answered(session: Session, profile: str, letter: Letter) -> Ticket | None:
    """The ticket whose thread this e-mail goes on, if it is the sender's own and not closed."""
    numbers = dict.fromkeys(
        [*_by_references(session, profile, letter.references), *_NUMBER.findall(letter.subject)]
    )
    for number in numbers:
        ticket = session.get(Ticket, number)
        mine = ticket and ticket.profile == profile and ticket.contact == letter.sender.value
        if ticket and mine and ticket.state != "closed":
            session.refresh(ticket, with_for_update=True)
            return ticket if ticket.state != "closed" else None
    return None


def _by_references(session: Session, profile: str, references: Sequence[str]) -> list[str]:
    """Tickets of the e-mails and of our own answers that are referred to, newest first."""
    found: list[str] = []
    for reference in reversed(references):
        key = hashlib.sha256(reference.encode()).hexdigest()
        mail = session.get(TicketMail, (profile, key))
        own = _NOTICE_ID.match(reference)
        notice = session.get(Notice, own.group(1)) if own else None
        if mail and mail.number:
            found.append(mail.number)
        elif notice and notice.profile == profile and "number" in notice.payload:
            found.append(str(notice.payload["number"]))
    return found


def _open(session: Session, profile: Profile, letter: Letter, now: datetime) -> Ticket:
    mailbox = profile.mailbox
    assert mailbox is not None
    text = _masked(profile, letter.text) or NO_TEXT
    subject = _masked(profile, letter.subject) or wording.kind_text(mailbox.kind)
    matter = Matter(
        number=opening.number_from(f"{profile.profile}:{letter.key}", now),
        profile=profile,
        kind=mailbox.kind,
        subject=subject,
        details=text,
        order_number=_order_number(profile, f"{letter.subject}\n{letter.text}"),
        account_id=None,
        contact=letter.sender.value,
        due_at=due_at(profile, mailbox, now),
        alone=True,
    )
    return opening.register(session, matter, now).ticket


def _add(session: Session, profile: Profile, ticket: Ticket, letter: Letter, now: datetime) -> None:
    mailbox = profile.mailbox
    assert mailbox is not None
    if ticket.state == "answered":
        # Who writes again was not helped yet: it is to be answered anew.
        ticket.state = "open"
        ticket.due_at = due_at(profile, mailbox, now)
    text = _masked(profile, letter.text) or NO_TEXT
    opening.note(session, ticket, actor="shopper", text=text, shown=True, at=now)


def _name_files(session: Session, ticket: Ticket, letter: Letter, kept: int, now: datetime) -> None:
    """Tell colleagues what else came along and where to find it."""
    lost = len(letter.pictures) - kept
    parts = [*letter.files, *([f"{lost} 张无法读取的图片"] if lost else [])]
    if parts:
        text = f"邮件里还有：{'、'.join(parts)}。请到收信邮箱里查看。"
        opening.note(session, ticket, actor="system", text=text, shown=False, at=now)


def _acknowledge(session: Session, profile: Profile, ticket: Ticket, letter: Letter) -> None:
    desk_outbox.put(
        session,
        profile=profile.profile,
        kind="ticket_opened",
        key=ticket.number,
        payload={
            "number": ticket.number,
            "ticket_kind": wording.kind_text(ticket.kind),
            "due": wording.moment(ticket.due_at),
            **thread_of(session, ticket.number),
        },
        contact=letter.sender.value,
    )


def _keep(
    session: Session,
    profile: str,
    letter: Letter,
    received: Received,
    now: datetime,
) -> None:
    session.add(
        TicketMail(
            profile=profile,
            mail_key=letter.key,
            number=received.number,
            outcome=received.outcome,
            sender=letter.sender.value,
            subject=letter.subject,
            message_id=letter.message_id,
            references=" ".join(letter.references),
            received_at=now,
        )
    )


def _order_number(profile: Profile, text: str) -> str | None:
    for pattern in profile.order_number_patterns:
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            return found.group().upper()[:40]
    return None


def _masked(profile: Profile, text: str) -> str:
    return mask_message(text, profile.known_numbers).text
