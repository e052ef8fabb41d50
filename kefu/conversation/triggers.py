"""Turns that the desk itself begins: a message that nobody typed, with an intent of its own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.state import State
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.tables import Conversation, Message

SYSTEM = "system"


def post(
    session: Session,
    conversation: Conversation,
    *,
    trigger_id: str,
    intent: str,
    entities: dict[str, str],
    text: str,
    verified: Document | None = None,
    **more: str,
) -> bool:
    """Say ``text`` in a locked conversation and have the bot act on ``intent``.

    ``False``: a person has the conversation, the bot is silent. ``verified`` is what the turn's
    token will carry. ``trigger_id`` names the cause; one cause is posted once. ``more`` goes into
    the event.
    """
    seq = events.say(session, conversation, text, (), **more)
    if conversation.state != State.BOT:
        return False
    session.add(
        Message(
            conversation_id=conversation.conversation_id,
            profile=conversation.profile,
            author=SYSTEM,
            client_message_id=trigger_id,
            seq=seq,
            text=text,
            payload={"intent": intent, "entities": entities, "title": text, "verified": verified},
            status="pending",
            created_at=utc_now(),
        )
    )
    return True
