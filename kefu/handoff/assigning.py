"""Give chats to agents: one transaction at a time, on any number of desks at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from kefu.accounts.first import ADMIN_NAME
from kefu.conversation import events, state
from kefu.conversation.state import State, Step
from kefu.handoff import presence, skills
from kefu.handoff.assignment import Agent, Chat, Reach, Skill, plan
from kefu.handoff.groups import reach_of
from kefu.handoff.wording import joins
from kefu.profiles import Profiles
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Handoff, Presence
from kefu.store.tables import Conversation, Staff

# A transaction holds no more chats than this: shoppers write to them meanwhile.
BATCH = 20

QUEUE_ORDER = (
    Conversation.returned.desc(),
    Conversation.priority.desc(),
    Conversation.queued_at,
    Conversation.conversation_id,
)


@dataclass(frozen=True, slots=True)
class Given:
    conversation_id: str
    staff_id: int


def assign(session: Session, profiles: Profiles) -> list[Given]:
    """Give as many waiting chats of push groups as one transaction should; the pairs made.

    Rows that somebody else holds are skipped: another desk is at them, or the shopper is writing.
    """
    now = shared_now(session)
    agents = _free_agents(session, profiles, now)
    if not agents:
        return []
    reached = reach_of(profiles)
    room = sum(agent.free for agent in agents)
    rows = waiting(session, _open_to(agents, reached, profiles, now), min(room, BATCH))
    chats = {row.conversation_id: row for row in rows}
    given: list[Given] = []
    # The session forgets what nobody holds.
    known = _load(session, rows, [agent.staff_id for agent in agents])
    # Written at the end, all together: one statement for each kind of row instead of each chat.
    with session.no_autoflush:
        for pair in plan(map(as_chat, rows), agents, reached, now):
            conversation = chats[pair.chat.conversation_id]
            staff = known.staff[pair.agent.staff_id]
            how = (state.ASSIGN, known.presences[staff.staff_id], now)
            _give(session, profiles, conversation, staff, how, actor="system")
            given.append(Given(conversation.conversation_id, staff.staff_id))
    return given


@dataclass(frozen=True, slots=True)
class _Known:
    staff: dict[int, Staff]
    presences: dict[int, Presence]
    handoffs: Sequence[Handoff]


def _load(session: Session, rows: Sequence[Conversation], staff_ids: Sequence[int]) -> _Known:
    """Everything that the loop needs, with one statement for each kind of row."""
    people = session.scalars(select(Staff).where(Staff.staff_id.in_(staff_ids)))
    handoffs = [row.handoff_id for row in rows if row.handoff_id is not None]
    return _Known(
        {row.staff_id: row for row in people},
        presence.by_staff(session, staff_ids),
        session.scalars(select(Handoff).where(Handoff.handoff_id.in_(handoffs))).all(),
    )


def hand_over(
    session: Session,
    profiles: Profiles,
    conversation: Conversation,
    staff: Staff,
    step: Step,
    *,
    actor: str,
    giver: int | None = None,
    text: str | None = None,
    **values: Any,
) -> None:
    """Make ``staff`` the agent of a locked conversation, and tell the shopper.

    ``giver``: the agent who has it and gives it away. Raises ``StateConflict``.
    """
    present = presence.locked(session, staff.staff_id)
    _give(
        session,
        profiles,
        conversation,
        staff,
        (step, present, shared_now(session)),
        actor=actor,
        giver=giver,
        text=text,
        **values,
    )


def _give(
    session: Session,
    profiles: Profiles,
    conversation: Conversation,
    staff: Staff,
    how: tuple[Step, Presence, datetime],
    *,
    actor: str,
    giver: int | None = None,
    text: str | None = None,
    **values: Any,
) -> None:
    """``how``: the step, the agent's locked row, and when it is."""
    step, present, now = how
    name = values.get("agent_group", conversation.agent_group)
    group = profiles[conversation.profile].group(name) if name else None
    patience = timedelta(seconds=group.answer_seconds if group else 120)
    state.move(
        session,
        conversation,
        step,
        actor=actor,
        staff_id=staff.staff_id if giver is None else giver,
        at=now,
        assigned_to=staff.staff_id,
        answer_due_at=now + patience,
        **values,
    )
    present.idle_since = present.last_assigned_at = now
    events.say(session, conversation, text or joins(shown_name(staff)))


def waiting(session: Session, which: ColumnElement[bool], limit: int) -> Sequence[Conversation]:
    """The first ``limit`` chats of the queue, locked; those that somebody else holds left out."""
    return session.scalars(
        select(Conversation)
        .where(Conversation.state == State.WAITING.value, which)
        .order_by(*QUEUE_ORDER)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()


def _free_agents(session: Session, profiles: Profiles, now: datetime) -> list[Agent]:
    """Agents with room, locked: nobody else gives them a chat until this transaction ends."""
    rows = session.scalars(
        select(Presence)
        .join(Staff, Staff.staff_id == Presence.staff_id)
        .where(
            Staff.active,
            Presence.status == presence.ONLINE,
            Presence.lapsed_at.is_(None),
            Presence.lease_until > now,
        )
        .order_by(Presence.staff_id)
        .with_for_update(skip_locked=True, of=Presence)
        .execution_options(populate_existing=True)
    ).all()
    ids = [row.staff_id for row in rows]
    if not ids:
        return []
    loads, serve = presence.loads(session, ids), skills.of_staff(session, ids, profiles)
    found = [
        Agent(row.staff_id, serve[row.staff_id], row.capacity, loads[row.staff_id], row.idle_since)
        for row in rows
    ]
    return [agent for agent in found if agent.free]


def _open_to(
    agents: Iterable[Agent], reached: Reach, profiles: Profiles, now: datetime
) -> ColumnElement[bool]:
    """Which chats one of these agents may be given."""
    served: set[Skill] = set()
    for agent in agents:
        served |= agent.skills
    parts: list[ColumnElement[bool]] = []
    for skill, waits in reached.items():
        group = profiles[skill[0]].group(skill[1])
        helping = [wait for helper, wait in waits.items() if helper in served]
        if group is None or group.mode != "push" or not helping:
            continue
        parts.append(
            and_(
                Conversation.profile == skill[0],
                Conversation.agent_group == skill[1],
                Conversation.queued_at <= now - min(helping),
            )
        )
    return or_(*parts) if parts else Conversation.conversation_id.is_(None)


def as_chat(row: Conversation) -> Chat:
    return Chat(
        conversation_id=row.conversation_id,
        skill=(row.profile, row.agent_group or ""),
        priority=row.priority,
        queued_at=row.queued_at or row.state_since,
        returned=row.returned,
        previous_agent=row.previous_agent,
        refused_by=frozenset(row.refused_by),
    )


def shown_name(staff: Staff) -> str:
    """What shoppers may call the agent; empty for the administrator, whose name is an office."""
    return "" if staff.name == ADMIN_NAME else staff.name
