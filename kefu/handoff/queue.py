"""From the bot to a person and back."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts.first import ADMIN_NAME
from kefu.conversation import events, messages, state, waiting
from kefu.conversation.commands import Handoff, Place
from kefu.conversation.errors import ConversationNotFound
from kefu.conversation.state import State
from kefu.store.tables import EVERY_PROFILE, Conversation, Document, Staff, Turn

TRANSFERRING = "正在为您转接人工客服，请稍候。您可以先描述一下问题，方便客服更快为您处理。"
BACK_TO_BOT = "人工服务已结束，接下来由智能客服继续为您服务。"
ENDED = "本次会话已结束，感谢您的咨询。"

LISTED = 200
SHOWN_EVENTS = 2000


def hand_off(place: Place, command: Handoff) -> None:
    """Carry out the bot's call for a person; a second call in the same turn changes nothing."""
    conversation = place.conversation
    if conversation.state == State.WAITING:
        return
    events.say(place.session, conversation, TRANSFERRING)
    state.move(
        place.session,
        conversation,
        state.HAND_OFF,
        actor="bot",
        reason=command.reason,
        agent_group=command.group,
        note=command.note,
    )


def leave_queue(session: Session, conversation_id: str) -> None:
    """The shopper no longer wants to wait; raises ``StateConflict`` if an agent was first."""
    conversation = events.lock(session, conversation_id)
    if conversation.state == State.BOT:
        return
    waiting.leave(session, conversation)


def leave(session: Session, conversation_id: str) -> None:
    """The shopper ends the conversation; ending it twice is no error."""
    conversation = events.lock(session, conversation_id)
    if conversation.state == State.CLOSED:
        return
    events.say(session, conversation, ENDED)
    state.move(session, conversation, state.LEAVE, actor="shopper")


def claim(session: Session, conversation_id: str, staff: Staff) -> None:
    """The agent takes a waiting conversation; raises ``StateConflict`` naming who was first."""
    conversation = events.lock(session, conversation_id)
    if conversation.state == State.ASSIGNED and conversation.assigned_to == staff.staff_id:
        return
    state.move(
        session,
        conversation,
        state.CLAIM,
        actor=f"staff:{staff.staff_id}",
        staff_id=staff.staff_id,
    )
    events.say(session, conversation, f"人工客服{shown_name(staff)}为您服务。")


def shown_name(staff: Staff) -> str:
    """What shoppers may call the agent; empty for the administrator, whose name is an office."""
    return "" if staff.name == ADMIN_NAME else staff.name


def answer(
    session: Session, conversation_id: str, staff: Staff, client_message_id: str, text: str
) -> int:
    """The agent writes to the shopper; returns the event's ``seq``, the same for the same id."""
    conversation = events.lock(session, conversation_id)
    known = messages.find(session, conversation_id, messages.AGENT, client_message_id)
    if known is None:
        state.require_owner(session, conversation, staff.staff_id)
    return messages.write_as_agent(
        session, conversation, client_message_id, text, shown_name(staff)
    )


def return_to_bot(session: Session, conversation_id: str, staff: Staff) -> None:
    conversation = events.lock(session, conversation_id)
    _end(session, conversation, state.RETURN_TO_BOT, staff, reason=None, note="")
    events.say(session, conversation, BACK_TO_BOT)


def resolve(session: Session, conversation_id: str, staff: Staff) -> None:
    conversation = events.lock(session, conversation_id)
    state.require_owner(session, conversation, staff.staff_id)
    events.say(session, conversation, ENDED)
    _end(session, conversation, state.RESOLVE, staff)


def _end(
    session: Session, conversation: Conversation, step: state.Step, staff: Staff, **values: Any
) -> None:
    actor = f"staff:{staff.staff_id}"
    state.move(session, conversation, step, actor=actor, staff_id=staff.staff_id, **values)


def listing(session: Session, state_: State, profiles: Collection[str]) -> list[Document]:
    """Conversations in a state that the profiles' staff may see, longest in it first."""
    query = select(Conversation, Staff.name).outerjoin(
        Staff, Staff.staff_id == Conversation.assigned_to
    )
    query = query.where(Conversation.state == state_.value)
    if EVERY_PROFILE not in profiles:
        query = query.where(Conversation.profile.in_(profiles))
    since = Conversation.state_since
    query = query.order_by(since.desc() if state_ is State.CLOSED else since).limit(LISTED)
    return [summary(row, agent) for row, agent in session.execute(query)]


def summary(conversation: Conversation, agent: str | None) -> Document:
    return {
        "conversation_id": conversation.conversation_id,
        "profile": conversation.profile,
        "shopper_name": conversation.shopper_name,
        "state": conversation.state,
        "reason": conversation.reason,
        "group": conversation.agent_group,
        "waiting_since": conversation.state_since.isoformat(),
        "last_text": conversation.last_text,
        "last_seq": conversation.last_seq,
        "note": conversation.note,
        "assigned_to": conversation.assigned_to,
        "agent_name": agent,
    }


def visible(session: Session, conversation_id: str, profiles: Collection[str]) -> Conversation:
    """The conversation if its profile is among these; else ``ConversationNotFound``."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None or not {conversation.profile, EVERY_PROFILE} & set(profiles):
        raise ConversationNotFound("no such conversation")
    return conversation


def details(session: Session, conversation_id: str, profiles: Collection[str]) -> Document:
    """What an agent sees on opening a conversation: how the bot read it, its newest events."""
    conversation = visible(session, conversation_id, profiles)
    agent = session.get(Staff, conversation.assigned_to) if conversation.assigned_to else None
    turn = session.scalar(
        select(Turn)
        .where(Turn.conversation_id == conversation_id)
        .order_by(Turn.created_at.desc())
        .limit(1)
    )
    return {
        **summary(conversation, agent.name if agent else None),
        "account_id": conversation.account_id,
        "verified_orders": conversation.verified_orders,
        "context": conversation.context,
        "parse": turn.parse if turn else None,
        "events": events.since(
            session,
            conversation_id,
            max(0, conversation.last_seq - SHOWN_EVENTS),
            limit=SHOWN_EVENTS,
        ),
    }
