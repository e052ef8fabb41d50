"""What shoppers hear who wait when the last agent has gone home."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, record
from kefu.conversation.states import State
from kefu.conversation.waiting import LEAVE_BUTTON
from kefu.handoff import routing, waits
from kefu.profiles import Group, Profile, Profiles
from kefu.shop import wording
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Handoff
from kefu.store.tables import Conversation


def left_alone(session: Session, profiles: Profiles) -> list[str]:
    """Who waits though their group is closed and nobody is online, and has not been told."""
    now = shared_now(session)
    rows = session.scalars(
        select(Conversation)
        .join(Handoff, Handoff.handoff_id == Conversation.handoff_id)
        .where(Conversation.state == State.WAITING.value, Handoff.closed_told_at.is_(None))
    ).all()
    closed = [row for row in rows if _group_of(row, profiles, now)]
    if not closed:
        return []
    room = waits.outlook(session, profiles, now).room
    none = waits.Places(0, 0)
    return [
        row.conversation_id
        for row in closed
        if not room.get((row.profile, row.agent_group or ""), none).slots
    ]


def say_closed(
    session: Session, conversation: Conversation, profile: Profile, group: Group, now: datetime
) -> None:
    """In a locked conversation that waits."""
    handoff = record.of(session, conversation)
    if handoff is None or handoff.closed_told_at is not None:
        return
    hours = profile.hours_of(group)
    opening = hours.next_opening(now)
    again = f"，{wording.moment_text(opening, now)}上班" if opening else ""
    text = (
        f"现在不是{group.name}的工作时间（{hours.text()}{again}）。"
        "您的会话会一直保留，客服上班后优先为您处理；您也可以取消排队，给我们留言。"
    )
    events.say(session, conversation, text, [LEAVE_BUTTON])
    handoff.closed_told_at = now


def _group_of(row: Conversation, profiles: Profiles, now: datetime) -> Group | None:
    """The chat's group if neither it nor one that helps it out is open."""
    profile = profiles.get(row.profile)
    group = profile.group(row.agent_group or "") if profile else None
    if profile is None or group is None or routing.open_one(profile, group, now):
        return None
    return group


def tell_closed(session: Session, conversation_id: str, profiles: Profiles) -> None:
    """Tell one of them, unless things have changed."""
    now = shared_now(session)
    conversation = events.lock(session, conversation_id)
    group = _group_of(conversation, profiles, now)
    if conversation.state == State.WAITING and group is not None:
        say_closed(session, conversation, profiles[conversation.profile], group, now)
