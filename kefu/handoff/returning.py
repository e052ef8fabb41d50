"""Takes chats back from agents who are gone or who let them lie, to the front of the queue.

A desk judges by what it has itself seen for long enough, on a clock that never jumps: a lease that
did not move, a chat that stayed without an answer. What it has seen is forgotten whenever it could
not look (a start, a database away, a machine asleep): its own outage is not the agents'.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kefu.conversation import events, state
from kefu.conversation.state import State
from kefu.handoff import closing, presence, wording
from kefu.profiles import Profiles
from kefu.store.database import Database, DatabaseUnavailable, shared_now
from kefu.store.handoff_tables import Presence
from kefu.store.tables import Conversation

log = structlog.get_logger("kefu.returning")

INTERVAL = 1.0
# Who has not looked for so many seconds begins anew.
LONGEST_GAP = 5.0
CLOSED_EVERY = 15.0


class Watch:
    """Since when each thing has looked the same, in seconds of a steady clock."""

    def __init__(self, longest_gap: float = LONGEST_GAP) -> None:
        self._longest_gap = longest_gap
        self._seen: dict[Hashable, tuple[Hashable, float]] = {}
        self._looked: float | None = None

    def look(
        self, things: Iterable[tuple[Hashable, Hashable]], now: float
    ) -> dict[Hashable, float]:
        """How long each thing has had its value; ``things`` are all there are."""
        if self._looked is not None and now - self._looked > self._longest_gap:
            self.forget()
        self._looked = now
        fresh: dict[Hashable, tuple[Hashable, float]] = {}
        for key, value in things:
            before = self._seen.get(key)
            fresh[key] = before if before and before[0] == value else (value, now)
        self._seen = fresh
        return {key: now - since for key, (_, since) in fresh.items()}

    def forget(self) -> None:
        """What was seen says nothing any more."""
        self._seen = {}


@dataclass(frozen=True, slots=True)
class Seen:
    """``leases`` by agent; ``unanswered``: by chat who has it, since when and how long they may."""

    leases: dict[int, datetime]
    unanswered: dict[str, tuple[int, datetime, float]]


class Returner:
    """Each desk runs one; whichever is first takes the chat back."""

    def __init__(
        self,
        database: Database,
        profiles: Profiles,
        *,
        lease: float = presence.LEASE.total_seconds(),
        interval: float = INTERVAL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._profiles = profiles
        self.lease = lease
        self._interval = interval
        self._clock = clock
        self._agents = Watch()
        self._chats = Watch()
        self._closed_next = -math.inf

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except DatabaseUnavailable as error:
                log.warning("leases wait for the database", reason=error.code)
            except Exception:
                # One bad row must not keep lost chats from everybody.
                log.exception("taking chats back failed")
            await asyncio.sleep(self._interval)

    async def look(self) -> None:
        """Judge once; raises ``DatabaseUnavailable``, and then judges nobody by what was before."""
        try:
            await self._judge()
        except DatabaseUnavailable:
            self._agents.forget()
            self._chats.forget()
            raise

    async def _judge(self) -> None:
        seen = await self._database.read(partial(see, profiles=self._profiles))
        now = self._clock()
        still = self._agents.look(seen.leases.items(), now)
        for staff_id, lease in seen.leases.items():
            if still[staff_id] >= self.lease:
                log.info("agent gone", staff_id=staff_id)
                await self._database.write(partial(lapse, staff_id=staff_id, lease=lease))
        silent = self._chats.look(((key, each) for key, each in seen.unanswered.items()), now)
        for conversation_id, (staff_id, since, patience) in seen.unanswered.items():
            if silent[conversation_id] >= patience:
                await self._database.write(
                    partial(
                        give_up, conversation_id=conversation_id, staff_id=staff_id, since=since
                    )
                )
        await self._tell_closed(now)

    async def _tell_closed(self, now: float) -> None:
        """Now and then: whose agents have gone home hears when they are back."""
        if now < self._closed_next:
            return
        self._closed_next = now + CLOSED_EVERY
        alone = partial(closing.left_alone, profiles=self._profiles)
        for conversation_id in await self._database.read(alone):
            await self._database.write(
                partial(
                    closing.tell_closed, conversation_id=conversation_id, profiles=self._profiles
                )
            )


def see(session: Session, profiles: Profiles) -> Seen:
    """What there is to judge: agents who count as there or have chats, chats without an answer."""
    having = select(Conversation.assigned_to).where(
        Conversation.state == State.ASSIGNED.value, Conversation.assigned_to.is_not(None)
    )
    leases = session.execute(
        select(Presence.staff_id, Presence.lease_until).where(
            Presence.lapsed_at.is_(None),
            or_(Presence.status != presence.OFFLINE, Presence.staff_id.in_(having)),
        )
    )
    rows = session.scalars(
        select(Conversation).where(
            Conversation.state == State.ASSIGNED.value, Conversation.answer_due_at.is_not(None)
        )
    )
    return Seen(
        dict(leases.tuples().all()),
        {
            row.conversation_id: (row.assigned_to, row.state_since, _patience(row, profiles))
            for row in rows
            if row.assigned_to is not None
        },
    )


def _patience(row: Conversation, profiles: Profiles) -> float:
    profile = profiles.get(row.profile)
    group = profile.group(row.agent_group or "") if profile else None
    return float(group.answer_seconds if group else 120)


def lapse(session: Session, staff_id: int, lease: datetime | None = None) -> int:
    """The agent is gone: whatever they have goes back; how many chats that was.

    With a ``lease``, only if it has not moved since it was read.
    """
    present = presence.locked(session, staff_id)
    if lease is not None and (present.lease_until != lease or present.lapsed_at is not None):
        return 0
    present.lapsed_at = shared_now(session)
    return give_all_back(session, staff_id)


def sign_off(session: Session, staff_id: int) -> int:
    """The agent has left for good: their chats need not wait until the lease ends."""
    if session.get(Presence, staff_id) is None:
        return 0
    presence.choose(session, staff_id, presence.OFFLINE, alive=False)
    return give_all_back(session, staff_id, wording.AGENT_LEFT)


def give_all_back(session: Session, staff_id: int, text: str = wording.AGENT_LOST) -> int:
    """Every chat of an agent goes to the front of the queue, and the shoppers are told ``text``."""
    ids = session.scalars(
        select(Conversation.conversation_id)
        .where(Conversation.state == State.ASSIGNED.value, Conversation.assigned_to == staff_id)
        .order_by(Conversation.conversation_id)
    ).all()
    given = 0
    for conversation_id in ids:
        conversation = events.lock(session, conversation_id)
        if conversation.state == State.ASSIGNED and conversation.assigned_to == staff_id:
            _give_back(session, conversation, staff_id, text)
            given += 1
    return given


def give_up(session: Session, conversation_id: str, staff_id: int, since: datetime) -> bool:
    """The agent has let the chat lie since they got it: others are asked first from now on."""
    conversation = events.lock(session, conversation_id)
    if (
        conversation.state != State.ASSIGNED
        or conversation.assigned_to != staff_id
        or conversation.state_since != since
        or conversation.answer_due_at is None
    ):
        return False
    refused = sorted({*conversation.refused_by, staff_id})
    _give_back(session, conversation, staff_id, wording.NOT_ANSWERED, refused_by=refused)
    return True


def _give_back(
    session: Session, conversation: Conversation, staff_id: int, text: str, **values: Any
) -> None:
    state.move(
        session,
        conversation,
        state.GIVE_BACK,
        actor="system",
        staff_id=staff_id,
        returned=True,
        **values,
    )
    events.say(session, conversation, text)
