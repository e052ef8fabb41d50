"""Whose turn it is to answer: ``bot → waiting → assigned → bot | closed``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.conversation import events, record
from kefu.conversation.errors import ConversationClosed, StateConflict
from kefu.conversation.states import State
from kefu.store.database import shared_now
from kefu.store.tables import Conversation, Message, Staff


@dataclass(frozen=True, slots=True)
class Step:
    """An allowed change of state; ``by_owner``: only the agent whom it is assigned to."""

    name: str
    sources: frozenset[State]
    target: State
    by_owner: bool = False


HAND_OFF = Step("hand_off", frozenset({State.BOT}), State.WAITING)
LEAVE_QUEUE = Step("leave_queue", frozenset({State.WAITING}), State.BOT)
CLAIM = Step("claim", frozenset({State.WAITING}), State.ASSIGNED)
RETURN_TO_BOT = Step("return_to_bot", frozenset({State.ASSIGNED}), State.BOT, by_owner=True)
RESOLVE = Step("resolve", frozenset({State.ASSIGNED}), State.CLOSED, by_owner=True)
LEAVE = Step("leave", frozenset({State.BOT, State.WAITING, State.ASSIGNED}), State.CLOSED)
ASSIGN = Step("assign", frozenset({State.WAITING}), State.ASSIGNED)
GIVE_BACK = Step("give_back", frozenset({State.ASSIGNED}), State.WAITING, by_owner=True)
TRANSFER = Step("transfer", frozenset({State.ASSIGNED}), State.WAITING, by_owner=True)
TRANSFER_TO = Step("transfer_to", frozenset({State.ASSIGNED}), State.ASSIGNED, by_owner=True)
MOVE = Step("move", frozenset({State.WAITING, State.ASSIGNED}), State.WAITING)
MOVE_TO = Step("move_to", frozenset({State.WAITING, State.ASSIGNED}), State.ASSIGNED)
TAKE_OVER = Step("take_over", frozenset({State.BOT, State.WAITING, State.ASSIGNED}), State.ASSIGNED)


def move(
    session: Session,
    conversation: Conversation,
    step: Step,
    *,
    actor: str,
    staff_id: int | None = None,
    at: datetime | None = None,
    **values: Any,
) -> None:
    """Carry out ``step`` with its event and its audit row; ``values`` are further columns to set.

    ``staff_id`` is who has it (a step ``by_owner``) or gets it; where one agent gives it to
    another, ``values`` name the new one as ``assigned_to``. ``at``: when it is by the shared clock,
    where that was asked already. Raises ``StateConflict`` (who was
    first is in its sentence) or ``ConversationClosed``. Leaving the bot drops its memory: when it
    comes back, a new episode begins.
    """
    now = at or shared_now(session)
    before = State(conversation.state)
    owner = conversation.assigned_to
    statement = update(Conversation).where(
        Conversation.conversation_id == conversation.conversation_id,
        Conversation.state.in_([source.value for source in step.sources]),
    )
    if step.by_owner:
        statement = statement.where(Conversation.assigned_to == staff_id)
    assigned_to = staff_id if step.target is State.ASSIGNED else None
    changes: dict[str, Any] = {"state": step.target.value, "state_since": now}
    changes |= {
        "assigned_to": assigned_to,
        **record.columns(conversation, before, step.target, now),
    }
    changes |= values
    if step.target is not State.BOT:
        changes |= {"tracker": None, "tracker_version": Conversation.tracker_version + 1}
    if session.is_modified(conversation):
        session.flush()
    moved = session.scalars(
        statement.values(**changes).returning(Conversation),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).one_or_none()
    if moved is None:
        raise _conflict(session, conversation, step.name)
    record.keep(session, conversation, before, now)
    if before is State.BOT:
        _leave_to_person(session, conversation)
    events.append(session, conversation, "state", {"state": step.target.value})
    detail: dict[str, Any] = {"before": before.value, "after": step.target.value}
    if owner != conversation.assigned_to:
        detail |= {"owner": owner, "new_owner": conversation.assigned_to}
    events.audit(session, conversation, actor, step.name, **detail)


def require(conversation: Conversation, *states: State) -> None:
    """Raise ``ConversationClosed`` or ``StateConflict`` unless the state is one of ``states``."""
    if conversation.state in states:
        return
    if conversation.state == State.CLOSED:
        raise ConversationClosed("the conversation is closed")
    raise StateConflict(f"the conversation is {conversation.state}")


def require_owner(session: Session, conversation: Conversation, staff_id: int) -> None:
    """Raise ``StateConflict`` unless the conversation is assigned to this agent."""
    if conversation.state != State.ASSIGNED or conversation.assigned_to != staff_id:
        raise _conflict(session, conversation, "answer")


def _leave_to_person(session: Session, conversation: Conversation) -> None:
    session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.conversation_id, Message.status == "pending")
        .values(status="person")
    )


def _conflict(session: Session, conversation: Conversation, wanted: str) -> Exception:
    session.refresh(conversation)
    if conversation.state == State.CLOSED:
        return ConversationClosed(f"{wanted}: the conversation is closed")
    owner = session.get(Staff, conversation.assigned_to) if conversation.assigned_to else None
    if owner:
        return StateConflict(
            f"{wanted}: assigned to staff {owner.staff_id}",
            title=f"这个会话正由{owner.name}接待。",
        )
    sentences = {
        State.BOT: "这个会话已由智能客服继续接待。",
        State.WAITING: "这个会话正在排队等待人工客服。",
    }
    return StateConflict(
        f"{wanted}: the conversation is {conversation.state}",
        title=sentences.get(State(conversation.state)),
    )
