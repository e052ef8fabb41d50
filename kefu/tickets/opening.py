"""Open a ticket, once for one matter: for the bot, and for the form without a chat."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.conversation import events
from kefu.conversation.commands import OpenTicket, Place
from kefu.notices.addresses import read_address
from kefu.privacy.mask import mask_message
from kefu.profiles import Profile, Profiles
from kefu.store.database import lock_name, utc_now
from kefu.store.service_tables import Ticket, TicketProgress
from kefu.store.tables import Audit, Turn
from kefu.tickets import wording
from kefu.tickets.errors import ContactRefused

SAME_MATTER = timedelta(hours=24)
NOT_ANSWERED = ("open", "in_progress")


@dataclass(frozen=True, slots=True)
class Matter:
    """What a ticket is about and whose it is; ``number`` is what a new one would be called.

    ``actor``: who reports it, as in ``Audit``.
    ``supplements``: the open ticket that it adds to, whatever its age. ``evidence``: ids of
    pictures of the conversation. ``due_at``: by when it is answered, where that is not the
    profile's time for its kind. ``alone``: it is a matter of its own, though it resembles another.
    """

    number: str
    profile: Profile
    kind: str
    subject: str
    details: str
    order_number: str | None
    account_id: str | None
    contact: str | None
    conversation_id: str | None = None
    turn_id: str | None = None
    supplements: str | None = None
    evidence: tuple[str, ...] = ()
    due_at: datetime | None = None
    alone: bool = False
    actor: str = "shopper"

    @property
    def owner(self) -> str:
        if self.account_id:
            return f"account:{self.account_id}"
        if self.conversation_id:
            return f"conversation:{self.conversation_id}"
        return f"contact:{self.contact}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket and the sentence about it; ``fresh``: it was not there before."""

    ticket: Ticket
    sentence: str
    fresh: bool


def open_ticket(profiles: Profiles, place: Place, command: OpenTicket) -> None:
    """Carry out the bot's command and tell the shopper number and due time."""
    profile = profiles[place.turn.profile]
    address = read_address(command.contact or "")
    matter = Matter(
        number=ticket_number(place.turn, place.index),
        profile=profile,
        kind=command.kind,
        subject=_masked(profile, command.subject),
        details=_masked(profile, command.details),
        order_number=command.order_number,
        account_id=place.conversation.account_id,
        contact=address.value if address else None,
        conversation_id=place.turn.conversation_id,
        turn_id=place.turn.turn_id,
        supplements=command.supplements,
        evidence=command.evidence,
    )
    opened = register(place.session, matter, place.turn.now)
    events.say(place.session, place.conversation, opened.sentence, turn_id=place.turn.turn_id)


def submit(
    session: Session,
    profile: Profile,
    *,
    kind: str,
    details: str,
    contact: str | None,
    order_number: str | None,
    account_id: str | None,
    actor: str = "shopper",
) -> Opened:
    """Take the form; raises ``ContactRefused`` where nobody could be told the answer."""
    address = read_address(contact or "")
    if address is None and (contact or account_id is None):
        raise ContactRefused("neither a phone number nor an e-mail address")
    now = utc_now()
    matter = Matter(
        number=number_from(uuid.uuid4().hex, now),
        profile=profile,
        kind=kind,
        subject=wording.kind_text(kind),
        details=_masked(profile, details),
        order_number=order_number,
        account_id=account_id,
        contact=address.value if address else None,
        actor=actor,
    )
    return register(session, matter, now)


def register(session: Session, matter: Matter, now: datetime) -> Opened:
    """The ticket for this matter: a new one, the one it supplements, or one of the same kind and
    order that is a day old at most.

    What a second report adds is noted in the first one's progress.
    """
    lock_name(session, f"ticket {matter.profile.profile} {matter.owner}")
    ticket = _same_matter(session, matter, now)
    if ticket is not None:
        _supplement(session, ticket, matter, now)
        return Opened(
            ticket, wording.known(ticket.kind, ticket.number, ticket.due_at, now), fresh=False
        )
    hours = matter.profile.hours_for(matter.kind)
    ticket = _new(matter, now, matter.due_at or now + timedelta(hours=hours))
    session.add(ticket)
    session.flush()
    note(session, ticket, actor=matter.actor, text="工单已登记", shown=True, at=now)
    _prove(session, ticket, matter)
    session.add(
        Audit(
            profile=ticket.profile,
            at=utc_now(),
            actor="bot" if matter.turn_id else matter.actor,
            action="open_ticket",
            subject=matter.conversation_id or ticket.number,
            detail={"number": ticket.number, "kind": ticket.kind},
        )
    )
    sentence = wording.opened(ticket.kind, ticket.number, hours, _opening(matter.profile, now))
    return Opened(ticket, sentence, fresh=True)


def _same_matter(session: Session, matter: Matter, now: datetime) -> Ticket | None:
    order = Ticket.order_number
    if matter.supplements:
        named = session.get(Ticket, matter.supplements)
        mine = named is not None and named.profile == matter.profile.profile
        if named and mine and named.owner == matter.owner and named.state in NOT_ANSWERED:
            return named
    if matter.alone:
        return None
    return session.scalar(
        select(Ticket)
        .where(
            Ticket.profile == matter.profile.profile,
            Ticket.owner == matter.owner,
            Ticket.kind == matter.kind,
            order == matter.order_number if matter.order_number else order.is_(None),
            Ticket.state.in_(NOT_ANSWERED),
            Ticket.created_at > now - SAME_MATTER,
        )
        .order_by(Ticket.created_at.desc())
        .limit(1)
    )


def _supplement(session: Session, ticket: Ticket, matter: Matter, now: datetime) -> None:
    ticket.contact = matter.contact or ticket.contact
    if matter.details != ticket.details:
        note(session, ticket, actor=matter.actor, text=matter.details, shown=True, at=now)
    added = _prove(session, ticket, matter)
    if added:
        note(session, ticket, actor=matter.actor, text=f"补充了 {added} 张图片", shown=True, at=now)


def _prove(session: Session, ticket: Ticket, matter: Matter) -> int:
    """Add the pictures to the ticket's evidence; how many of them are new in it."""
    if not (matter.evidence and matter.conversation_id):
        return 0
    return rows.prove(session, ticket, matter.conversation_id, matter.evidence)


def _new(matter: Matter, now: datetime, due_at: datetime) -> Ticket:
    return Ticket(
        number=matter.number,
        profile=matter.profile.profile,
        owner=matter.owner,
        conversation_id=matter.conversation_id,
        turn_id=matter.turn_id,
        account_id=matter.account_id,
        contact=matter.contact,
        kind=matter.kind,
        subject=matter.subject,
        details=matter.details,
        order_number=matter.order_number,
        state="open",
        created_at=now,
        due_at=due_at,
    )


def note(
    session: Session, ticket: Ticket, *, actor: str, text: str, shown: bool, at: datetime
) -> None:
    """Add to what happened; ``actor`` as in ``Audit``."""
    session.add(
        TicketProgress(
            profile=ticket.profile,
            number=ticket.number,
            at=at,
            actor=actor,
            state=ticket.state,
            note=text,
            shown=shown,
        )
    )


def ticket_number(turn: Turn, index: int) -> str:
    """The number of a ticket that a turn opens, from turn id and place in it."""
    return number_from(f"{turn.turn_id}:{index}", turn.now)


def number_from(source: str, at: datetime) -> str:
    """``TK``, the day at the shop, and ten digits from ``source``."""
    digest = hashlib.sha256(source.encode()).digest()
    day = at.astimezone(wording.SHOP_TIME).strftime("%Y%m%d")
    return f"TK{day}{int.from_bytes(digest[:8]) % 10**10:010d}"


def _masked(profile: Profile, text: str) -> str:
    return mask_message(text, profile.known_numbers).text


def _opening(profile: Profile, now: datetime) -> datetime | None:
    """When the profile's people work again; ``None`` while they do."""
    hours = profile.hours_of(profile.groups[0])
    return None if hours.is_open(now) else hours.next_opening(now)
