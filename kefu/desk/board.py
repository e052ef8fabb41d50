"""All talks that people have or wait for, at one moment: what inboxes and the wall are cut from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.states import State
from kefu.desk.scope import Scope
from kefu.handoff import presence, skills
from kefu.handoff.assigning import QUEUE_ORDER
from kefu.handoff.assignment import Reach, Skill
from kefu.handoff.groups import reach_of
from kefu.profiles import Profiles
from kefu.store.base import Document
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Invitation, Presence
from kefu.store.tables import Conversation, Staff

# From this share of the allowed time on, a chat is shown as pressing.
PRESSING = 0.7


@dataclass(frozen=True, slots=True)
class Board:
    """``waiting`` is in the queue's order; ``invited``: who was asked to look into which talks."""

    at: datetime
    waiting: Sequence[Conversation]
    assigned: Sequence[Conversation]
    positions: Mapping[str, int]
    staff: Mapping[int, Staff]
    presences: Mapping[int, Presence]
    serve: Mapping[int, frozenset[Skill]]
    invited: Mapping[str, frozenset[int]]
    reached: Reach

    def load(self, staff_id: int) -> int:
        return sum(row.assigned_to == staff_id for row in self.assigned)


def read(session: Session, profiles: Profiles) -> Board:
    """Everything at once: one reading serves all inboxes of a desk."""
    rows = session.scalars(
        select(Conversation)
        .where(
            Conversation.state.in_([State.WAITING.value, State.ASSIGNED.value]),
            Conversation.profile.in_([profile.profile for profile in profiles]),
        )
        .order_by(*QUEUE_ORDER)
    ).all()
    waiting = [row for row in rows if row.state == State.WAITING]
    assigned = [row for row in rows if row.state == State.ASSIGNED]
    presences = {row.staff_id: row for row in session.scalars(select(Presence))}
    named = {row.assigned_to for row in assigned} | set(presences)
    staff = session.scalars(select(Staff).where(Staff.staff_id.in_([each or 0 for each in named])))
    invitations: dict[str, set[int]] = {}
    invited = select(Invitation).where(
        Invitation.conversation_id.in_([row.conversation_id for row in rows])
    )
    for row in session.scalars(invited):
        invitations.setdefault(row.conversation_id, set()).add(row.staff_id)
    return Board(
        at=shared_now(session),
        waiting=waiting,
        assigned=assigned,
        positions=positions(waiting),
        staff={row.staff_id: row for row in staff},
        presences=presences,
        serve=skills.of_staff(session, list(presences), profiles),
        invited={key: frozenset(names) for key, names in invitations.items()},
        reached=reach_of(profiles),
    )


def positions(waiting: Sequence[Conversation]) -> dict[str, int]:
    """The place of each chat among those of its group, from 1."""
    counted: dict[tuple[str, str | None], int] = {}
    found: dict[str, int] = {}
    for row in waiting:
        key = (row.profile, row.agent_group)
        counted[key] = counted.get(key, 0) + 1
        found[row.conversation_id] = counted[key]
    return found


def inbox(board: Board, scope: Scope) -> Document:
    """What one member has before them: own chats, the queue, invitations, the colleagues' chats."""
    me = scope.staff_id
    served, seen = scope.served, scope.seen

    def summary(row: Conversation) -> Document:
        return summarise(board, row, scope)

    asked = {key for key, names in board.invited.items() if me in names}
    every = [*board.waiting, *board.assigned]
    mine = [row for row in board.assigned if row.assigned_to == me]
    mine.sort(key=lambda row: (row.waits_since or board.at, row.conversation_id))
    return {
        "presence": own_presence(board, scope),
        "mine": [summary(row) for row in mine],
        "queue": [
            summary(row)
            for row in board.waiting
            if scope.leads(row.profile) or _may_take(board, row, served)
        ],
        "invited": [
            summary(row)
            for row in every
            if row.conversation_id in asked and row.assigned_to != me and scope.serves(row.profile)
        ],
        "colleagues": [
            summary(row)
            for row in board.assigned
            if row.assigned_to != me and _may_see(row, scope, seen)
        ],
    }


def _may_take(board: Board, row: Conversation, served: frozenset[Skill]) -> bool:
    """Whether agents of these groups serve the chat by now."""
    skill = (row.profile, row.agent_group or "")
    waits = board.reached.get(skill, {skill: timedelta()})
    waited = board.at - (row.queued_at or row.state_since)
    return any(helper in served and waited >= wait for helper, wait in waits.items())


def _may_see(row: Conversation, scope: Scope, seen: frozenset[Skill]) -> bool:
    if not scope.serves(row.profile):
        return False
    return not scope.limited(row.profile) or (row.profile, row.agent_group or "") in seen


def own_presence(board: Board, scope: Scope) -> Document:
    me = scope.staff_id
    present = board.presences.get(me)
    return {
        "status": presence.shown_status(present),
        "capacity": present.capacity if present else presence.CAPACITY,
        "load": board.load(me),
        "groups": served_groups(scope),
        "lease_until": present.lease_until.isoformat() if present else None,
    }


def served_groups(scope: Scope) -> list[Document]:
    return [
        {
            "profile": profile.profile,
            "group": group.group,
            "name": group.name,
            "mode": group.mode,
        }
        for profile in scope.profiles
        for group in profile.groups
        if (profile.profile, group.group) in scope.served
    ]


def summarise(board: Board, row: Conversation, scope: Scope) -> Document:
    """One line of a list."""
    profile = scope.profiles[row.profile]
    group = profile.group(row.agent_group) if row.agent_group else None
    agent = board.staff.get(row.assigned_to) if row.assigned_to is not None else None
    last_at = row.last_at or row.updated_at
    return {
        "conversation_id": row.conversation_id,
        "profile": row.profile,
        "shopper_name": row.shopper_name,
        "state": row.state,
        "state_since": row.state_since.isoformat(),
        "reason": row.reason,
        "group": row.agent_group,
        "group_name": group.name if group else row.agent_group,
        "priority": row.priority,
        "position": board.positions.get(row.conversation_id),
        "waiting_since": (row.queued_at or row.state_since).isoformat(),
        "last_text": row.last_text,
        "last_from": row.last_from,
        "last_at": last_at.isoformat(),
        "last_seq": row.last_seq,
        "unread": row.unread,
        "note": row.note,
        "assigned_to": row.assigned_to,
        "agent_name": agent.name if agent else None,
        "sla": sla(row, scope.profiles, board.at),
        "returned": row.returned,
        "missed": scope.staff_id in row.refused_by,
        "invited": scope.staff_id in board.invited.get(row.conversation_id, frozenset()),
        "tags": row.tags,
        "seller_id": row.seller_id,
    }


def sla(row: Conversation, profiles: Profiles, at: datetime) -> Document | None:
    """Until when somebody should have come, or answered; ``None`` while nothing is awaited."""
    group = profiles[row.profile].group(row.agent_group or "")
    if group is None:
        return None
    if row.state == State.WAITING:
        kind, since, seconds = "wait", row.queued_at or row.state_since, group.wait_seconds
    elif row.state == State.ASSIGNED and row.waits_since is not None:
        kind, since, seconds = "answer", row.waits_since, group.answer_seconds
        if row.answer_due_at is not None:
            since = row.answer_due_at - timedelta(seconds=seconds)
    else:
        return None
    due_at = since + timedelta(seconds=seconds)
    spent = (at - since).total_seconds() / seconds
    judged = "breached" if spent >= 1 else "warning" if spent >= PRESSING else "ok"
    return {"kind": kind, "due_at": due_at.isoformat(), "state": judged}
