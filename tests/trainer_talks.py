"""Talks as rows, as the desk leaves them behind: what the trainer's inbox is filled from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from kefu.store.database import utc_now
from kefu.store.service_tables import Rating
from kefu.store.tables import Audit, Conversation, Event, Message, Turn

Ranking = tuple[tuple[str, float], ...]
Said = tuple[str, Ranking]

FALLEN: Ranking = (("nlu_fallback", 0.8), ("invoice", 0.2), ("greet", 0.1))
SURE: Ranking = (("order_status", 0.97),)
LONG_AGO = timedelta(hours=2)


def add_talk(
    session: Session,
    *said: Said,
    profile: str = "demo",
    handed_off: bool = False,
    began: datetime | None = None,
) -> list[Turn]:
    """A talk in which the shopper said this; ``handed_off``: its last turn ended with a person."""
    start = began or utc_now() - LONG_AGO
    conversation = _conversation(profile, start)
    session.add(conversation)
    session.flush()
    turns = [
        _turn(session, conversation, text, ranking, start + timedelta(seconds=20 * index))
        for index, (text, ranking) in enumerate(said)
    ]
    if handed_off:
        last = turns[-1]
        session.add(
            Audit(
                profile=profile,
                at=last.created_at + timedelta(seconds=1),
                actor="bot",
                action="hand_off",
                subject=conversation.conversation_id,
                detail={},
            )
        )
    session.flush()
    return turns


def rate(session: Session, turn: Turn, stars: int, served_by: str = "bot") -> None:
    """The shopper's opinion of the talk, half a minute after ``turn``."""
    at = turn.created_at + timedelta(seconds=30)
    session.add(
        Rating(
            conversation_id=turn.conversation_id,
            seq=900,
            profile=turn.profile,
            served_by=served_by,
            staff_id=None,
            agent_group=None,
            asked_at=at,
            stars=stars,
            reasons=[],
            text="",
            rated_at=at,
            changed_at=at,
        )
    )
    session.flush()


def parse_of(text: str, ranking: Sequence[tuple[str, float]]) -> dict[str, Any]:
    listed = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return {
        "text": text,
        "intent": listed[0],
        "intent_ranking": listed,
        "entities": [],
        "tokens": list(text),
        "thresholds": {"answer": 0.6, "clarify": 0.3},
    }


def _conversation(profile: str, start: datetime) -> Conversation:
    return Conversation(
        conversation_id=uuid.uuid4().hex,
        profile=profile,
        account_id=None,
        shopper_name="访客",
        state="bot",
        state_since=start,
        reason=None,
        agent_group=None,
        note="",
        assigned_to=None,
        last_seq=0,
        last_text="",
        tracker=None,
        tracker_version=0,
        verified_orders=[],
        context={},
        address_key=None,
        resume_hash=uuid.uuid4().hex,
        previous_resume_hash=None,
        created_at=start,
        updated_at=start,
    )


def _turn(
    session: Session, conversation: Conversation, text: str, ranking: Ranking, at: datetime
) -> Turn:
    seq = conversation.last_seq + 1
    conversation.last_seq += 2
    message = Message(
        conversation_id=conversation.conversation_id,
        profile=conversation.profile,
        author="shopper",
        client_message_id=uuid.uuid4().hex,
        seq=seq,
        text=text,
        payload=None,
        status="done",
        created_at=at,
    )
    session.add(message)
    for number, sender, words in ((seq, "shopper", text), (seq + 1, "bot", f"回答{seq}")):
        session.add(
            Event(
                conversation_id=conversation.conversation_id,
                seq=number,
                profile=conversation.profile,
                at=at,
                type="message",
                body={"from": sender, "text": words},
                payloads=None,
            )
        )
    session.flush()
    turn = Turn(
        turn_id=uuid.uuid4().hex,
        conversation_id=conversation.conversation_id,
        profile=conversation.profile,
        status="done",
        message_ids=[message.message_id],
        tracker_version=0,
        now=at,
        viewer={},
        model=None,
        attempt=1,
        failures=0,
        worker=None,
        lease_until=at,
        error=None,
        parse=parse_of(text, ranking),
        actions=[],
        created_at=at,
        finished_at=at + timedelta(seconds=2),
    )
    session.add(turn)
    return turn
