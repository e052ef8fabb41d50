"""A talk as an agent opens it: what was said, what is known, what colleagues have noted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, record
from kefu.conversation.state import State
from kefu.desk import authors, board, notes
from kefu.desk.board import Board
from kefu.desk.scope import Scope
from kefu.handoff.places import place_of
from kefu.store.base import Document
from kefu.store.database import shared_now
from kefu.store.desk_tables import Draft
from kefu.store.handoff_tables import Invitation
from kefu.store.service_tables import Rating
from kefu.store.tables import Conversation, Staff, Turn

SHOWN_EVENTS = 2000
EARLIER_SHOWN = 20


def details(session: Session, conversation_id: str, scope: Scope) -> Document:
    """What is shown on opening a conversation; raises ``ConversationNotFound``."""
    conversation = scope.require(session, conversation_id)
    draft = session.get(Draft, (conversation_id, scope.staff_id))
    handoff = record.of(session, conversation)
    after = max(0, conversation.last_seq - SHOWN_EVENTS)
    return {
        **board.summarise(_board(session, conversation, scope), conversation, scope),
        "account_id": conversation.account_id,
        "verified_orders": conversation.verified_orders,
        "context": conversation.context,
        "parse": last_parse(session, conversation_id),
        "packet": handoff.packet if handoff else None,
        "history": earlier(session, conversation, scope),
        "notes": notes.listing(session, conversation, scope),
        "invited_staff": _invited(session, conversation_id),
        "draft": draft.text if draft else "",
        "events": authors.signed(
            session,
            conversation_id,
            events.since(session, conversation_id, after, limit=SHOWN_EVENTS),
        ),
    }


def _board(session: Session, conversation: Conversation, scope: Scope) -> Board:
    """As much of the board as one talk needs."""
    conversation_id = conversation.conversation_id
    place = place_of(session, scope.profiles, conversation)
    agent = session.get(Staff, conversation.assigned_to) if conversation.assigned_to else None
    invited = [each["staff_id"] for each in _invited(session, conversation_id)]
    return Board(
        at=shared_now(session),
        waiting=(),
        assigned=(),
        positions={conversation_id: place.position} if place else {},
        staff={agent.staff_id: agent} if agent else {},
        presences={},
        serve={},
        invited={conversation_id: frozenset(invited)},
        reached={},
    )


def last_parse(session: Session, conversation_id: str) -> Document | None:
    """How the bot understood the shopper last."""
    return session.scalar(
        select(Turn.parse)
        .where(Turn.conversation_id == conversation_id)
        .order_by(Turn.created_at.desc())
        .limit(1)
    )


def earlier(session: Session, conversation: Conversation, scope: Scope) -> list[Document]:
    """The account's other talks that the member may see, newest first; a guest has none."""
    if conversation.account_id is None:
        return []
    rows = session.execute(
        select(Conversation, Staff.name)
        .outerjoin(Staff, Staff.staff_id == Conversation.previous_agent)
        .where(
            Conversation.profile == conversation.profile,
            Conversation.account_id == conversation.account_id,
            Conversation.conversation_id != conversation.conversation_id,
            scope.talks(),
        )
        .order_by(Conversation.created_at.desc())
        .limit(EARLIER_SHOWN)
    ).all()
    stars = _stars(session, [talk.conversation_id for talk, _ in rows])
    return [_earlier(talk, name, stars.get(talk.conversation_id)) for talk, name in rows]


def _earlier(talk: Conversation, agent: str | None, stars: int | None) -> dict[str, Any]:
    ended = talk.state_since if talk.state == State.CLOSED else None
    return {
        "conversation_id": talk.conversation_id,
        "started_at": talk.created_at.isoformat(),
        "ended_at": ended.isoformat() if ended else None,
        "last_text": talk.last_text,
        "agent_name": agent,
        "stars": stars,
    }


def _stars(session: Session, conversation_ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(Rating.conversation_id, Rating.stars)
        .where(Rating.conversation_id.in_(conversation_ids), Rating.stars.is_not(None))
        .order_by(Rating.seq)
    )
    return {conversation_id: stars for conversation_id, stars in rows.tuples() if stars}


def _invited(session: Session, conversation_id: str) -> list[Document]:
    rows = session.execute(
        select(Staff.staff_id, Staff.name)
        .join(Invitation, Invitation.staff_id == Staff.staff_id)
        .where(Invitation.conversation_id == conversation_id)
        .order_by(Invitation.at)
    )
    return [{"staff_id": staff_id, "name": name} for staff_id, name in rows.tuples()]
