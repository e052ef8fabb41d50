"""Who is there to take chats: chosen by the agent, proved by signs of life."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation.states import State
from kefu.handoff.errors import AgentNotOnline
from kefu.store.database import lock_name, shared_now
from kefu.store.handoff_tables import Presence
from kefu.store.tables import Conversation

Status = Literal["online", "busy", "away", "offline"]

ONLINE = "online"
OFFLINE = "offline"
LEASE = timedelta(seconds=30)
# Who comes back within this time is what they were before; later they have to say so.
REMEMBERED = timedelta(minutes=10)
CAPACITY = 6
LARGEST_CAPACITY = 50


def beat(session: Session, staff_id: int) -> Presence:
    """A sign of life: prolongs the lease, and undoes that it had lapsed a moment ago."""
    presence = locked(session, staff_id)
    now = shared_now(session)
    if presence.lapsed_at is not None:
        if now - presence.lapsed_at > REMEMBERED:
            presence.status = OFFLINE
        presence.lapsed_at = None
        presence.idle_since = now
    presence.lease_until = now + LEASE
    return presence


def choose(
    session: Session,
    staff_id: int,
    status: Status,
    capacity: int | None = None,
    *,
    alive: bool = True,
) -> Presence:
    """What the agent is from now on, by their own word (``alive``) or a supervisor's."""
    presence = beat(session, staff_id) if alive else locked(session, staff_id)
    if presence.status != status:
        presence.status = status
        presence.idle_since = shared_now(session)
    if capacity is not None:
        presence.capacity = capacity
    return presence


def set_capacity(session: Session, staff_id: int, capacity: int) -> None:
    """How many chats are given to the agent at once; nobody comes online by it."""
    locked(session, staff_id).capacity = capacity


def locked(session: Session, staff_id: int) -> Presence:
    """The agent's row, locked until the transaction ends; whoever gives them a chat holds it."""
    find = select(Presence).where(Presence.staff_id == staff_id)
    row = session.scalar(find.with_for_update().execution_options(populate_existing=True))
    if row is not None:
        return row
    lock_name(session, f"presence {staff_id}")
    row = session.scalar(find.with_for_update())
    if row is None:
        now = shared_now(session)
        row = Presence(
            staff_id=staff_id,
            status=OFFLINE,
            capacity=CAPACITY,
            lease_until=now + LEASE,
            idle_since=now,
        )
        session.add(row)
        session.flush()
    return row


def shown_status(presence: Presence | None) -> str:
    """What others are told: a lapsed agent is offline, whatever was chosen."""
    if presence is None or presence.lapsed_at is not None:
        return OFFLINE
    return presence.status


def takes_chats(presence: Presence, now: datetime) -> bool:
    return shown_status(presence) == ONLINE and presence.lease_until > now


def require_online(session: Session, staff_id: int) -> None:
    """Raise ``AgentNotOnline`` unless a chat can be given to this agent."""
    if not takes_chats(locked(session, staff_id), shared_now(session)):
        raise AgentNotOnline(f"staff {staff_id} is not online")


def loads(session: Session, staff_ids: Collection[int]) -> dict[int, int]:
    """How many chats each of them has."""
    rows = session.execute(
        select(Conversation.assigned_to, func.count())
        .where(Conversation.state == State.ASSIGNED.value, Conversation.assigned_to.in_(staff_ids))
        .group_by(Conversation.assigned_to)
    )
    counted = {staff_id: count for staff_id, count in rows if staff_id is not None}
    return {staff_id: counted.get(staff_id, 0) for staff_id in staff_ids}


def by_staff(session: Session, staff_ids: Iterable[int]) -> dict[int, Presence]:
    rows = session.scalars(select(Presence).where(Presence.staff_id.in_(list(staff_ids))))
    return {row.staff_id: row for row in rows}
