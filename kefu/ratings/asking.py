"""Ask how the service was: once per episode of a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.commands import Place, RequestRating
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.service_tables import Rating
from kefu.store.tables import Conversation, Event

BOT = "bot"
AGENT = "agent"


def request_rating(place: Place, command: RequestRating) -> None:
    """Carry out the bot's wish to be rated."""
    ask(place.session, place.conversation)


def ask(
    session: Session,
    conversation: Conversation,
    staff_id: int | None = None,
    name: str = "",
) -> None:
    """Ask in a locked conversation how the bot, or the agent ``staff_id``, has served.

    ``name`` is what the shopper may call the agent. An episode lasts until the state changes;
    a second question in it asks nothing.
    """
    if _asked(session, conversation):
        return
    body: Document = {"served_by": BOT if staff_id is None else AGENT}
    if name:
        body["name"] = name
    seq = events.append(session, conversation, "rating_request", body)
    session.add(
        Rating(
            conversation_id=conversation.conversation_id,
            seq=seq,
            profile=conversation.profile,
            served_by=body["served_by"],
            staff_id=staff_id,
            agent_group=conversation.agent_group if staff_id is not None else None,
            asked_at=utc_now(),
            stars=None,
            reasons=[],
            text="",
            rated_at=None,
            changed_at=None,
        )
    )
    session.flush()


def _asked(session: Session, conversation: Conversation) -> bool:
    began = _last(session, conversation, Event.type == "state")
    asked = _last(session, conversation, Event.type == "rating_request")
    return asked > began


def _last(session: Session, conversation: Conversation, which: Any) -> int:
    newest = select(func.max(Event.seq)).where(
        Event.conversation_id == conversation.conversation_id, which
    )
    return session.scalar(newest) or 0
