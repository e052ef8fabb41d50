"""From the bot to a person and back."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kefu.conversation import events, messages, record, state, waiting
from kefu.conversation.commands import Handoff, Place
from kefu.conversation.state import State
from kefu.handoff import in_charge, packet, routing, sentiment, wording
from kefu.handoff.assigning import hand_over, shown_name
from kefu.handoff.closing import say_closed
from kefu.handoff.wording import BACK_TO_BOT, ENDED, TRANSFERRING
from kefu.profiles import Profile, Profiles
from kefu.ratings.asking import ask
from kefu.store.tables import Conversation, Document, Staff, Turn

# How far back a topic still counts.
TURNS_READ = 5
LISTED = 200
SHOWN_EVENTS = 2000

log = structlog.get_logger("kefu.handoff")


def hand_off(profiles: Profiles, place: Place, command: Handoff) -> None:
    """Carry out a call for a person; a second call while one is answered changes nothing."""
    session, conversation = place.session, place.conversation
    if conversation.state != State.BOT:
        return
    profile = profiles[conversation.profile]
    said = packet.read_messages(session, conversation)
    felt = sentiment.judge(said)
    frozen = packet.build(
        session,
        conversation,
        profile,
        reason=command.reason,
        now=place.turn.now,
        sentiment=felt,
    )
    group = _group(profile, place, command)
    own = (each.seller_id for each in profile.sellers if each.group == group)
    if command.reason != "action_failed":
        events.say(session, conversation, TRANSFERRING)
    state.move(
        session,
        conversation,
        state.HAND_OFF,
        actor="system" if command.reason == "action_failed" else "bot",
        reason=command.reason,
        agent_group=group,
        note=command.note,
        seller_id=command.seller_id or next(own, None),
        priority=routing.priority(
            profile,
            reason=command.reason,
            intents=_intents(place),
            sentiment=felt.label,
            in_distress=sentiment.in_distress([each.text for each in said]),
            member_level=command.member_level,
        ),
    )
    handoff = record.of(session, conversation)
    if handoff is not None:
        handoff.packet = frozen
    if said and in_charge.is_asked_for(said[-1].text):
        in_charge.call_in(session, conversation)
    taker = profile.group(group)
    if taker and not routing.open_one(profile, taker, place.turn.now):
        say_closed(session, conversation, profile, taker, place.turn.now)


def _group(profile: Profile, place: Place, command: Handoff) -> str:
    """The group that the command names if the profile has it, else the one that fits the talk."""
    if command.group and profile.group(command.group):
        return command.group
    if command.group:
        log.warning("no such group", profile=profile.profile, group=command.group)
    return routing.group_for(
        profile,
        place.turn.now,
        intents=_intents(place),
        context=place.conversation.context,
        seller_id=command.seller_id,
    ).group


def _intents(place: Place) -> list[str | None]:
    """How the talk's turns were understood, newest first, beginning with the one at hand."""
    earlier = place.session.scalars(
        select(Turn.parse)
        .where(
            Turn.conversation_id == place.turn.conversation_id,
            Turn.turn_id != place.turn.turn_id,
        )
        .order_by(Turn.created_at.desc())
        .limit(TURNS_READ)
    )
    parses = [place.turn.parse, *earlier]
    return [(parse or {}).get("intent", {}).get("name") for parse in parses]


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
    if conversation.state == State.ASSIGNED:
        agent = session.get_one(Staff, conversation.assigned_to)
        ask(session, conversation, agent.staff_id, shown_name(agent))
    state.move(session, conversation, state.LEAVE, actor="shopper")


def claim(session: Session, conversation_id: str, staff: Staff, profiles: Profiles) -> None:
    """The agent takes a waiting conversation; raises ``StateConflict`` naming who was first.

    Agents may take more than their capacity by their own hand.
    """
    conversation = events.lock(session, conversation_id)
    if conversation.state == State.ASSIGNED and conversation.assigned_to == staff.staff_id:
        return
    actor = f"staff:{staff.staff_id}"
    hand_over(session, profiles, conversation, staff, state.CLAIM, actor=actor)


def return_to_bot(
    session: Session, conversation_id: str, staff: Staff, summary: str | None = None
) -> None:
    """Give it back to the bot; the shopper reads the agent's ``summary`` first, if there is one."""
    conversation = events.lock(session, conversation_id)
    state.require_owner(session, conversation, staff.staff_id)
    if summary:
        events.say(session, conversation, wording.summed_up(messages.clean(summary)))
    _end(session, conversation, state.RETURN_TO_BOT, staff, reason=None, note="")
    events.say(session, conversation, BACK_TO_BOT)


def resolve(
    session: Session,
    conversation_id: str,
    staff: Staff,
    resolution: str | None = None,
    note: str = "",
) -> None:
    """End the conversation; ``resolution`` and ``note`` are kept with the hand-off."""
    conversation = events.lock(session, conversation_id)
    state.require_owner(session, conversation, staff.staff_id)
    events.say(session, conversation, ENDED)
    ask(session, conversation, staff.staff_id, shown_name(staff))
    _end(session, conversation, state.RESOLVE, staff)
    handoff = record.of(session, conversation)
    if handoff is not None:
        handoff.resolution, handoff.closing_note = resolution, note


def _end(
    session: Session, conversation: Conversation, step: state.Step, staff: Staff, **values: Any
) -> None:
    actor = f"staff:{staff.staff_id}"
    state.move(session, conversation, step, actor=actor, staff_id=staff.staff_id, **values)


def listing(session: Session, state_: State, visible: ColumnElement[bool]) -> list[Document]:
    """Conversations in a state, of those that are ``visible``, longest in it first."""
    query = select(Conversation, Staff.name).outerjoin(
        Staff, Staff.staff_id == Conversation.assigned_to
    )
    query = query.where(Conversation.state == state_.value, visible)
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
