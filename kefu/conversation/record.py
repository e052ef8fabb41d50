"""The record of a hand-off: from the bot until the talk is closed or the bot's again.

Kept by every change of state, in its transaction: whoever changes the state cannot forget it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.states import State
from kefu.store.handoff_tables import Handoff, Presence, ToldWait
from kefu.store.tables import Conversation

WITH_PEOPLE = frozenset({State.WAITING, State.ASSIGNED})


def columns(
    conversation: Conversation, before: State, after: State, now: datetime
) -> dict[str, Any]:
    """What a change of state sets on the conversation besides the state, unless it says else."""
    if after not in WITH_PEOPLE:
        return {
            "queued_at": None,
            "priority": 0,
            "returned": False,
            "answer_due_at": None,
            "waits_since": None,
            "unread": 0,
        }
    if before in WITH_PEOPLE:
        return {"answer_due_at": None, "returned": False}
    return {
        "queued_at": now,
        "returned": False,
        "refused_by": [],
        "answer_due_at": None,
        "agent_seen": conversation.last_seq,
        "unread": 0,
        "waits_since": now,
    }


def keep(session: Session, conversation: Conversation, before: State, now: datetime) -> None:
    """Write what the change of state of a locked conversation means for its hand-off."""
    after = State(conversation.state)
    if before not in WITH_PEOPLE and after not in WITH_PEOPLE:
        return
    handoff = of(session, conversation)
    if handoff is None or handoff.ended_at is not None:
        handoff = _begin(session, conversation, now)
    if handoff.taken_at is not None:
        handoff.busy_seconds += _seconds(handoff.taken_at, now)
        _freed(session, handoff.staff_id, now)
    handoff.taken_at = None
    handoff.agent_group = conversation.agent_group or handoff.agent_group
    if after is State.ASSIGNED:
        handoff.outcome = "assigned"
        handoff.staff_id = conversation.assigned_to
        handoff.taken_at = now
        handoff.assigned_at = handoff.assigned_at or now
        conversation.previous_agent = conversation.assigned_to
        _compare(session, handoff, now)
    elif after is State.WAITING:
        handoff.outcome = "waiting"
        handoff.returns += int(conversation.returned)
    else:
        served = handoff.assigned_at is not None
        handoff.outcome = after.value if served else "left"
        handoff.ended_at = now


def of(session: Session, conversation: Conversation) -> Handoff | None:
    """The conversation's latest hand-off."""
    if conversation.handoff_id is None:
        return None
    return session.get(Handoff, conversation.handoff_id)


def answered(session: Session, conversation: Conversation, now: datetime) -> None:
    """An agent has written in a locked conversation."""
    conversation.answer_due_at = None
    conversation.refused_by = []
    conversation.agent_seen = conversation.last_seq
    conversation.unread = 0
    conversation.waits_since = None
    handoff = of(session, conversation)
    if handoff is not None and handoff.answered_at is None:
        handoff.answered_at = now


def _begin(session: Session, conversation: Conversation, now: datetime) -> Handoff:
    handoff = Handoff(
        conversation_id=conversation.conversation_id,
        profile=conversation.profile,
        agent_group=conversation.agent_group,
        reason=conversation.reason,
        priority=conversation.priority,
        outcome="waiting",
        asked_at=conversation.queued_at or now,
        busy_seconds=0,
        returns=0,
        closing_note="",
    )
    session.add(handoff)
    session.flush()
    conversation.handoff_id = handoff.handoff_id
    return handoff


def _freed(session: Session, staff_id: int | None, now: datetime) -> None:
    presence = session.get(Presence, staff_id) if staff_id is not None else None
    if presence is not None:
        presence.idle_since = now


def _compare(session: Session, handoff: Handoff, now: datetime) -> None:
    """Every range told in this wait, with the wait that followed it."""
    told = session.scalars(
        select(ToldWait).where(ToldWait.handoff_id == handoff.handoff_id, ToldWait.had.is_(None))
    )
    for each in told:
        each.had = _seconds(each.told_at, now)


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))
