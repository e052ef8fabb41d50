"""What the queue looks like for those who stand in it: places, and the range of the wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from kefu.conversation.states import State
from kefu.handoff import presence, skills
from kefu.handoff.assigning import QUEUE_ORDER
from kefu.handoff.assignment import Skill
from kefu.handoff.estimate import (
    PRIOR_CHATS,
    PRIOR_PICK_SECONDS,
    Places,
    Range,
    Service,
    wait,
)
from kefu.profiles import Profiles
from kefu.store.handoff_tables import Handoff, Presence, ToldWait
from kefu.store.tables import Conversation

# What ended longer ago says nothing of now.
RECENT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one shopper stands. ``position`` counts from 1 within the group."""

    conversation_id: str
    handoff_id: int | None
    skill: Skill
    position: int
    wait: Range | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """``ahead``: by group, how many who wait now get a place before a newcomer of this group."""

    places: Sequence[Place]
    ahead: Mapping[Skill, float]
    room: Mapping[Skill, Places]
    service: Mapping[Skill, Service]
    picks: Mapping[Skill, float]

    def next_in(self, skill: Skill) -> Range | None:
        """What somebody who asks now would be told."""
        return _wait(self, skill, self.ahead.get(skill, 0.0) + 1)


def outlook(session: Session, profiles: Profiles, now: datetime) -> Outlook:
    """For all groups together: agents who serve several of them are shared."""
    known = [(each.profile, group.group) for each in profiles for group in each.groups]
    agents = session.scalars(
        select(Presence).where(
            Presence.status == presence.ONLINE,
            Presence.lapsed_at.is_(None),
            Presence.lease_until > now,
        )
    ).all()
    ids = [agent.staff_id for agent in agents]
    serve = skills.of_staff(session, ids, profiles) if ids else {}
    loads = presence.loads(session, ids) if ids else {}
    capacity = {agent.staff_id: agent.capacity for agent in agents}
    teams = {skill: {each for each in ids if skill in serve[each]} for skill in known}
    room = {
        skill: Places(
            sum(capacity[each] for each in team),
            sum(max(0, capacity[each] - loads[each]) for each in team),
        )
        for skill, team in teams.items()
    }
    service = observed(session, now)
    pulling = [
        (each.profile, group.group)
        for each in profiles
        for group in each.groups
        if group.mode == "pull"
    ]
    picks = picked(session, now, pulling)
    start = Outlook([], {}, room, service, picks)
    rows = session.execute(
        select(
            Conversation.conversation_id,
            Conversation.handoff_id,
            Conversation.profile,
            Conversation.agent_group,
        )
        .where(Conversation.state == State.WAITING.value)
        .order_by(*QUEUE_ORDER)
    ).all()
    shares = _shares(teams, capacity)
    places, ahead = _line_up(rows, known, shares, start)
    return Outlook(places, ahead, room, service, picks)


def _line_up(
    rows: Iterable[Row[tuple[str, int | None, str, str | None]]],
    known: Sequence[Skill],
    shares: Mapping[tuple[Skill, Skill], float],
    start: Outlook,
) -> tuple[list[Place], dict[Skill, float]]:
    """Everybody's place, in the queue's order; and what a newcomer has before them."""
    counted: dict[Skill, int] = {}
    ahead = dict.fromkeys(known, 0.0)
    places: list[Place] = []
    for conversation_id, handoff_id, profile, group in rows:
        skill = (profile, group or "")
        counted[skill] = counted.get(skill, 0) + 1
        before = ahead.get(skill, 0.0)
        told = _wait(start, skill, before + 1)
        places.append(Place(conversation_id, handoff_id, skill, counted[skill], told))
        for other in known:
            ahead[other] += shares.get((skill, other), 0.0)
    return places, ahead


def _shares(
    teams: Mapping[Skill, set[int]], capacity: Mapping[int, int]
) -> dict[tuple[Skill, Skill], float]:
    """How much of one group's chats fall to agents who also serve the other."""
    found: dict[tuple[Skill, Skill], float] = {}
    for one, team in teams.items():
        whole = sum(capacity[each] for each in team)
        for other, others in teams.items():
            if one == other:
                found[one, other] = 1.0
            elif whole and team & others:
                found[one, other] = sum(capacity[each] for each in team & others) / whole
    return found


def _wait(seen: Outlook, skill: Skill, ahead: float) -> Range | None:
    return wait(
        ahead,
        seen.room.get(skill, Places(0, 0)),
        seen.service.get(skill, Service()),
        seen.picks.get(skill, 0.0),
    )


def observed(session: Session, now: datetime) -> dict[Skill, Service]:
    """How long agents had the chats of each group of late, ended and unended ones."""
    key = (Handoff.profile, Handoff.agent_group)
    ended = session.execute(
        select(*key, func.count(), func.sum(Handoff.busy_seconds))
        .where(Handoff.ended_at > now - RECENT, Handoff.assigned_at.is_not(None))
        .group_by(*key)
    )
    chats: dict[Skill, int] = {}
    seconds: dict[Skill, float] = {}
    for profile, group, count, busy in ended:
        chats[profile, group or ""] = count
        seconds[profile, group or ""] = float(busy or 0)
    running = session.execute(
        select(*key, Handoff.busy_seconds, Handoff.taken_at).where(
            Handoff.outcome == "assigned", Handoff.taken_at > now - RECENT
        )
    )
    for profile, group, busy, taken_at in running:
        spent = busy + ((now - taken_at).total_seconds() if taken_at else 0)
        skill = (profile, group or "")
        seconds[skill] = seconds.get(skill, 0.0) + spent
    return {skill: Service(chats.get(skill, 0), seconds[skill]) for skill in seconds}


def picked(session: Session, now: datetime, pulling: Sequence[Skill]) -> dict[Skill, float]:
    """Mean seconds until an agent of each of these groups picked a chat, of late."""
    found: dict[Skill, float] = {}
    for profile, group in pulling:
        rows = session.execute(
            select(Handoff.asked_at, Handoff.assigned_at)
            .where(
                Handoff.profile == profile,
                Handoff.agent_group == group,
                Handoff.asked_at > now - RECENT,
                Handoff.assigned_at.is_not(None),
            )
            .order_by(Handoff.asked_at.desc())
            .limit(50)
        ).all()
        waits = [(taken - asked).total_seconds() for asked, taken in rows if taken is not None]
        total = PRIOR_CHATS * PRIOR_PICK_SECONDS + sum(waits)
        found[profile, group] = total / (PRIOR_CHATS + len(waits))
    return found


def note_told(session: Session, told: Iterable[Place], now: datetime) -> None:
    """Keep the ranges that shoppers were told, to be compared with the waits they have."""
    for place in told:
        if place.wait is None or place.handoff_id is None:
            continue
        session.add(
            ToldWait(
                handoff_id=place.handoff_id,
                profile=place.skill[0],
                agent_group=place.skill[1],
                told_at=now,
                position=place.position,
                low=place.wait[0],
                high=place.wait[1],
            )
        )
