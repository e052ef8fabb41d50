"""An agent's mark on how the bot understood the talk, kept for the trainer."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.desk.errors import IntentUnknown
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.desk_tables import Correction
from kefu.store.tables import Conversation, Message, Turn

LOOKED_BACK = 20


def record(
    session: Session,
    conversation: Conversation,
    staff_id: int,
    *,
    right: bool,
    right_intent: str | None,
    known: Collection[str],
) -> bool:
    """Mark the last message that the bot understood by its words; ``False``: there is none.

    ``known`` are the intents there are; raises ``IntentUnknown``. A second mark of the same agent
    on the same message replaces the first.
    """
    if right_intent is not None and right_intent not in known:
        raise IntentUnknown("no such intent")
    found = _misread(session, conversation.conversation_id)
    if found is None:
        return False
    turn, message = found
    given = _intent_of(turn)
    row = session.scalar(
        select(Correction).where(
            Correction.conversation_id == conversation.conversation_id,
            Correction.seq == message.seq,
            Correction.staff_id == staff_id,
        )
    )
    if row is None:
        row = Correction(
            profile=conversation.profile,
            conversation_id=conversation.conversation_id,
            seq=message.seq,
            turn_id=turn.turn_id,
            intent_given=given,
            staff_id=staff_id,
        )
        session.add(row)
    row.right = right
    row.right_intent = None if right else right_intent
    row.at = utc_now()
    events.audit(
        session,
        conversation,
        f"staff:{staff_id}",
        "correct",
        seq=message.seq,
        right=right,
        right_intent=row.right_intent,
    )
    return True


def _misread(session: Session, conversation_id: str) -> tuple[Turn, Message] | None:
    """The last turn that read words, and the message it read them in.

    Buttons need no understanding, and asking for a person is understood by everybody: the talk's
    matter is what was read before, if anything was.
    """
    turns = session.scalars(
        select(Turn)
        .where(Turn.conversation_id == conversation_id, Turn.parse.is_not(None))
        .order_by(Turn.created_at.desc())
        .limit(LOOKED_BACK)
    )
    last: tuple[Turn, Message] | None = None
    for turn in turns:
        message = session.get(Message, turn.message_ids[-1]) if turn.message_ids else None
        if message is None or message.payload is not None:
            continue
        last = last or (turn, message)
        if _intent_of(turn) != "human_agent":
            return turn, message
    return last


def _intent_of(turn: Turn) -> str | None:
    intent: Document = (turn.parse or {}).get("intent") or {}
    return intent.get("name")
