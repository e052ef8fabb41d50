"""For whom a turn works: frozen when it begins, so that every retry sees the same."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kefu.conversation import group_rows
from kefu.store.base import Document
from kefu.store.service_tables import Ticket
from kefu.store.tables import Conversation, Message
from kefu.turn_token import SUBJECT_LENGTH, TicketSummary, TurnClaims, Verified, ticket_summary

# They travel in a header with every call of an action.
MOST_TICKETS = 10
# What actions need to know of a group that supervisors have changed.
_OF_GROUPS = ("group", "name", "hours", "overflow")


def freeze(session: Session, conversation: Conversation, message: Message) -> Document:
    """What the turn of ``message`` may know of the shopper, as JSON.

    ``verified`` stands only in a message that the desk itself posted after a right code.
    """
    by_desk = message.author == "system" and message.payload is not None
    return {
        "account_id": conversation.account_id,
        "verified_orders": list(conversation.verified_orders),
        "context": dict(conversation.context),
        "verified": message.payload.get("verified") if message.payload and by_desk else None,
        "tickets": [_as_json(ticket) for ticket in _tickets(session, conversation)],
        "groups": [
            {name: group[name] for name in _OF_GROUPS}
            for group in group_rows.edited(session, conversation.profile)
        ],
    }


def claims(
    viewer: Document, *, turn_id: str, conversation_id: str, profile: str, now: datetime
) -> TurnClaims:
    """The frozen viewer as the claims of the turn's token."""
    verified: dict[str, Any] | None = viewer.get("verified")
    return TurnClaims(
        turn_id=turn_id,
        conversation_id=conversation_id,
        profile=profile,
        account_id=viewer["account_id"],
        now=now,
        verified_orders=frozenset(viewer["verified_orders"]),
        context=viewer["context"],
        verified=Verified(**verified) if verified else None,
        tickets=tuple(ticket_summary(each) for each in viewer.get("tickets", ())),
        groups=tuple(viewer.get("groups", ())),
    )


def _tickets(session: Session, conversation: Conversation) -> list[TicketSummary]:
    mine = Ticket.conversation_id == conversation.conversation_id
    if conversation.account_id:
        mine = or_(mine, Ticket.account_id == conversation.account_id)
    rows = session.scalars(
        select(Ticket)
        .where(Ticket.profile == conversation.profile, mine, Ticket.state != "closed")
        .order_by(Ticket.created_at.desc())
        .limit(MOST_TICKETS)
    )
    return [
        TicketSummary(
            row.number,
            row.kind,
            row.state,
            row.due_at,
            row.order_number,
            row.subject[:SUBJECT_LENGTH],
        )
        for row in rows
    ]


def _as_json(ticket: TicketSummary) -> Document:
    return {**asdict(ticket), "due_at": ticket.due_at.isoformat()}
