"""A queue in a database: shoppers who call, agents who come, answer, drop and crash."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from kefu.conversation import events, record, state
from kefu.conversation.states import State
from kefu.handoff import presence, skills
from kefu.handoff.assignment import Chat, Skill
from kefu.profiles import Profiles
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Handoff, Presence, StaffGroup
from kefu.store.tables import Conversation, Event, Staff, StaffRole


def call(
    session: Session,
    group: str = "agents",
    *,
    profile: str = "demo",
    priority: int = 0,
    waited: float = 0,
) -> str:
    """A shopper who has been waiting for ``waited`` seconds; the conversation's id."""
    now = shared_now(session)
    conversation = Conversation(
        conversation_id=uuid.uuid4().hex,
        profile=profile,
        shopper_name="访客",
        state=State.BOT.value,
        state_since=now,
        note="",
        last_seq=0,
        last_text="",
        tracker_version=0,
        verified_orders=[],
        context={},
        resume_hash=uuid.uuid4().hex,
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    state.move(
        session,
        conversation,
        state.HAND_OFF,
        actor="bot",
        reason="requested",
        agent_group=group,
        priority=priority,
        queued_at=now - timedelta(seconds=waited),
    )
    return conversation.conversation_id


def hire(session: Session, name: str, *, profile: str = "demo", groups: Iterable[str] = ()) -> int:
    """An agent, limited to ``groups`` where there are any; the id."""
    staff = Staff(
        username=name,
        name=name,
        password_hash="none",
        active=True,
        created_at=shared_now(session),
    )
    session.add(staff)
    session.flush()
    session.add(StaffRole(staff_id=staff.staff_id, profile=profile, role="agent"))
    for group in groups:
        session.add(StaffGroup(staff_id=staff.staff_id, profile=profile, agent_group=group))
    return staff.staff_id


def come(session: Session, staff_id: int, capacity: int = 6) -> None:
    """Online for an hour without another sign of life."""
    present = presence.choose(session, staff_id, "online", capacity)
    present.lease_until += timedelta(hours=1)


def owners(session: Session) -> dict[str, int | None]:
    """Who has each conversation."""
    rows = session.execute(select(Conversation.conversation_id, Conversation.assigned_to))
    return dict(rows.tuples().all())


def skill_of(row: Conversation) -> Skill:
    return (row.profile, row.agent_group or "")


def check(session: Session) -> None:
    """What holds at any time; raises ``AssertionError``."""
    rows = session.scalars(select(Conversation)).all()
    for row in rows:
        assert (row.assigned_to is not None) == (row.state == State.ASSIGNED), row.conversation_id
        assert (row.queued_at is not None) == (row.state in record.WITH_PEOPLE)
        seqs = session.scalars(
            select(Event.seq)
            .where(Event.conversation_id == row.conversation_id)
            .order_by(Event.seq)
        ).all()
        assert list(seqs) == list(range(1, row.last_seq + 1)), "a gap"
        told = events.apply(
            {"state": "bot", "last_seq": 0, "messages": []},
            events.since(session, row.conversation_id, 0, limit=10_000),
        )
        assert told["state"] == row.state, "old state + events == fresh state"
        _check_record(session, row)


def _check_record(session: Session, row: Conversation) -> None:
    open_ones = session.scalar(
        select(func.count())
        .select_from(Handoff)
        .where(Handoff.conversation_id == row.conversation_id, Handoff.ended_at.is_(None))
    )
    assert open_ones == int(row.state in record.WITH_PEOPLE), "one open hand-off, and only then"
    handoff = record.of(session, row)
    if handoff is None or handoff.ended_at is not None:
        return
    assert handoff.outcome == row.state
    if row.state == State.ASSIGNED:
        assert handoff.staff_id == row.assigned_to


def free(session: Session, profiles: Profiles) -> dict[int, frozenset[Skill]]:
    """Agents who are online and have room, with what they serve."""
    now = shared_now(session)
    there = [row for row in session.scalars(select(Presence)) if presence.takes_chats(row, now)]
    loads = presence.loads(session, [row.staff_id for row in there])
    ids = [row.staff_id for row in there if loads[row.staff_id] < row.capacity]
    return skills.of_staff(session, ids, profiles)


def takers(
    session: Session, chat: Chat, agents: Mapping[int, frozenset[Skill]], profiles: Profiles
) -> list[int]:
    """Who of these agents serves the chat by now."""
    profile, group = chat.skill
    served = {chat.skill}
    named = profiles[profile].group(group)
    if named and named.overflow and named.overflow_minutes:
        waited = shared_now(session) - chat.queued_at
        if waited >= timedelta(minutes=named.overflow_minutes):
            served.add((profile, named.overflow))
    return [staff_id for staff_id, mine in agents.items() if mine & served]


def bulk_calls(session: Session, count: int, group: str = "agents") -> None:
    """Many who wait already, the first the longest; for races, where making them is not timed."""
    now = shared_now(session)
    session.execute(
        insert(Conversation),
        [
            {
                "conversation_id": f"c{number:05d}",
                "profile": "demo",
                "shopper_name": "访客",
                "state": State.WAITING.value,
                "state_since": now,
                "reason": "requested",
                "agent_group": group,
                "note": "",
                "last_seq": 1,
                "last_text": "",
                "tracker_version": 0,
                "verified_orders": [],
                "context": {},
                "resume_hash": uuid.uuid4().hex,
                "queued_at": now - timedelta(seconds=count - number),
                "handoff_id": number + 1,
                "created_at": now,
                "updated_at": now,
            }
            for number in range(count)
        ],
    )
    session.execute(
        insert(Event),
        [
            {
                "conversation_id": f"c{number:05d}",
                "seq": 1,
                "profile": "demo",
                "at": now,
                "type": "state",
                "body": {"state": State.WAITING.value},
            }
            for number in range(count)
        ],
    )
    session.execute(
        insert(Handoff),
        [
            {
                "handoff_id": number + 1,
                "conversation_id": f"c{number:05d}",
                "profile": "demo",
                "agent_group": group,
                "reason": "requested",
                "priority": 0,
                "outcome": "waiting",
                "asked_at": now - timedelta(seconds=count - number),
                "busy_seconds": 0,
                "returns": 0,
                "closing_note": "",
            }
            for number in range(count)
        ],
    )
