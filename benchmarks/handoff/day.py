"""A day at the shop on an accelerated clock: do shoppers wait as long as they are told?

The queue itself runs, on a real database: hand-offs, assignment, estimates and their record. Only
shoppers, agents and the clock are played.
"""

from __future__ import annotations

import heapq
import math
import os
import platform
import random
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, record, state
from kefu.conversation.states import State
from kefu.handoff import presence, queue, waits
from kefu.handoff.assigning import assign
from kefu.handoff.waits import Place
from kefu.profiles import load_profiles
from kefu.profiles.hours import SHOP_TIME
from kefu.store import migrate
from kefu.store.database import Database, shared_now
from kefu.store.handoff_tables import Handoff, ToldWait
from kefu.store.tables import Conversation, Staff, StaffRole

OPENS = datetime(2026, 11, 23, 9, 0, tzinfo=SHOP_TIME)
# Share of the day's hand-offs in each hour from nine on, with the peak at lunch.
HOURS = (5, 7, 9, 17, 16, 10, 8, 7, 7, 7, 5, 2)
CAPACITY = 4
# A chat takes ten minutes on average, half of them less than eight.
MEAN_SECONDS, SPREAD = 600.0, 0.65
# One more chat at the same time slows each of them down a little.
SLOWER = 0.06
# A shopper in twelve gives up within half an hour of waiting.
PATIENCE_SECONDS = 20_000.0
STEP = 10.0
# Agents give a sign of life this often.
BEAT = 20.0
RETOLD = 15.0


@dataclass
class Day:
    database: Database
    chance: random.Random
    agents: list[int] = field(default_factory=list)
    ending: list[tuple[float, str]] = field(default_factory=list)
    told: dict[str, tuple[Place, float]] = field(default_factory=dict)
    patience: dict[str, float] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)


def main(handoffs: int, agents: int, seed: int) -> None:
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=_fast_folder()) as folder:
        url = f"sqlite:///{Path(folder) / 'day.db'}"
        migrate(url)
        database = Database(url)
        day = Day(database, random.Random(seed))
        with time_machine.travel(OPENS, tick=False) as clock:
            _play(day, clock, handoffs, agents)
        database.read_now(partial(_report, handoffs=handoffs, agents=agents, seed=seed))
        database.close()
    print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}; {time.perf_counter() - began:.0f} s for the day"
    )


def _fast_folder() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _play(day: Day, clock: time_machine.Traveller, handoffs: int, agents: int) -> None:
    profiles = load_profiles(Path("data/profiles"))
    day.agents = day.database.write_now(partial(_hire, count=agents))
    arrivals = _arrivals(day.chance, handoffs)
    now, end = 0.0, len(HOURS) * 3600.0
    waiting: list[str] = []
    while now < end or day.busy or waiting:
        clock.move_to(OPENS + timedelta(seconds=now))
        if now % BEAT == 0:
            day.database.write_now(partial(_shifts, day=day, now=now, end=end))
        while arrivals and arrivals[0] <= now:
            heapq.heappop(arrivals)
            chat = day.database.write_now(_call)
            day.patience[chat] = now + day.chance.expovariate(1 / PATIENCE_SECONDS)
        while day.ending and day.ending[0][0] <= now:
            _, chat = heapq.heappop(day.ending)
            day.busy.discard(chat)
            day.database.write_now(partial(_close, chat=chat))
        at, now = now, now + STEP
        if not _waiting_ids(day):
            waiting = []
            continue
        while given := day.database.write_now(partial(assign, profiles=profiles)):
            for each in given:
                _serve(day, each.conversation_id, each.staff_id, at)
        waiting = _waiting_ids(day)
        for chat in waiting:
            if day.patience[chat] <= at:
                day.database.write_now(partial(queue.leave_queue, conversation_id=chat))
        places = day.database.read_now(
            lambda session: waits.outlook(session, profiles, shared_now(session)).places
        )
        news = [each for each in places if _is_news(day, each, at)]
        if news:
            day.database.write_now(partial(_keep, told=news))
            day.told |= {each.conversation_id: (each, at) for each in news}


def _is_news(day: Day, place: Place, now: float) -> bool:
    """As ``QueueNews`` has it."""
    before = day.told.get(place.conversation_id)
    if before is None:
        return True
    told, at = before
    came = (told.wait is None) != (place.wait is None)
    return (
        told.position != place.position or came or (told.wait != place.wait and now - at >= RETOLD)
    )


def _arrivals(chance: random.Random, count: int) -> list[float]:
    """Seconds after opening, each hour as busy as its share."""
    total = sum(HOURS)
    found = [
        (hour + chance.random()) * 3600.0
        for hour in chance.choices(
            range(len(HOURS)), weights=[each / total for each in HOURS], k=count
        )
    ]
    heapq.heapify(found)
    return found


def _hire(session: Session, count: int) -> list[int]:
    found: list[int] = []
    for number in range(count):
        staff = Staff(
            username=f"agent{number}",
            name=f"客服{number}",
            password_hash="",
            active=True,
            created_at=shared_now(session),
        )
        session.add(staff)
        session.flush()
        session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role="agent"))
        presence.choose(session, staff.staff_id, "offline", CAPACITY)
        found.append(staff.staff_id)
    return found


def _shifts(session: Session, day: Day, now: float, end: float) -> None:
    """The first half works from nine to six, the second from noon to closing; all eat in turns."""
    hour = now / 3600
    for number, staff_id in enumerate(day.agents):
        early = number < len(day.agents) // 2
        starts, stops = (0.0, 9.0) if early else (3.0, end / 3600)
        lunch = 3.0 + 0.5 * (number % 4) if early else 7.5 + 0.5 * (number % 4)
        works = starts <= hour < stops or hour >= end / 3600
        eats = lunch <= hour < lunch + 0.5
        present = presence.beat(session, staff_id)
        wanted = "away" if works and eats else "online" if works else "offline"
        if present.status != wanted:
            present.status = wanted


def _call(session: Session) -> str:
    now = shared_now(session)
    name = uuid.uuid4().hex
    conversation = Conversation(
        conversation_id=name,
        profile="demo",
        shopper_name="访客",
        state=State.BOT.value,
        state_since=now,
        note="",
        last_seq=0,
        last_text="",
        tracker_version=0,
        verified_orders=[],
        context={},
        resume_hash=name,
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    # One in ten is urgent and goes before the others.
    urgent = int(int(name[:4], 16) % 10 == 0)
    state.move(
        session,
        conversation,
        state.HAND_OFF,
        actor="bot",
        reason="requested",
        agent_group="agents",
        priority=urgent,
    )
    return name


def _serve(day: Day, chat: str, staff_id: int, now: float) -> None:
    load = day.database.read_now(lambda session: presence.loads(session, [staff_id])[staff_id])
    drift = math.log(MEAN_SECONDS) - SPREAD**2 / 2
    seconds = day.chance.lognormvariate(drift, SPREAD) * (1 + SLOWER * (load - 1))
    heapq.heappush(day.ending, (now + seconds, chat))
    day.busy.add(chat)
    day.database.write_now(partial(_greet, chat=chat, staff_id=staff_id))


def _greet(session: Session, chat: str, staff_id: int) -> None:
    conversation = events.lock(session, chat)
    state.require_owner(session, conversation, staff_id)
    events.say(session, conversation, "您好，请问有什么可以帮您？")
    record.answered(session, conversation, shared_now(session))


def _close(session: Session, chat: str) -> None:
    conversation = events.lock(session, chat)
    queue.resolve(session, chat, session.get_one(Staff, conversation.assigned_to))


def _waiting_ids(day: Day) -> list[str]:
    return day.database.read_now(
        lambda session: list(
            session.scalars(
                select(Conversation.conversation_id).where(
                    Conversation.state == State.WAITING.value
                )
            )
        )
    )


def _keep(session: Session, told: list[Place]) -> None:
    waits.note_told(session, told, shared_now(session))


def _report(session: Session, handoffs: int, agents: int, seed: int) -> None:
    rows = session.scalars(select(Handoff)).all()
    had = [(row.assigned_at - row.asked_at).total_seconds() for row in rows if row.assigned_at]
    outcomes = Counter(row.outcome for row in rows)
    told = session.scalars(
        select(ToldWait).where(ToldWait.had.is_not(None)).order_by(ToldWait.told_id)
    ).all()
    first = {row.handoff_id: row for row in reversed(told)}.values()
    print(f"day: {handoffs} hand-offs, {agents} agents with {CAPACITY} chats each, seed {seed}")
    print(f"outcomes: {dict(outcomes)}")
    p90 = quantiles(had, n=10)[8]
    print(f"waits in seconds: median {median(had):.0f}, p90 {p90:.0f}, longest {max(had):.0f}")
    for name, judged in (("first range told", list(first)), ("every range told", list(told))):
        low = sum(row.had < row.low for row in judged if row.had is not None)
        high = sum(row.had > row.high for row in judged if row.had is not None)
        right = len(judged) - low - high
        width = median(row.high - row.low for row in judged)
        print(
            f"{name}: {len(judged)} judged, {right / len(judged):.1%} right, "
            f"{low / len(judged):.1%} shorter than told, {high / len(judged):.1%} longer; "
            f"median width {width:.0f} s"
        )
    late = [row for row in first if row.high > 120]
    if late:
        right = sum(row.low <= (row.had or 0) <= row.high for row in late)
        print(f"first ranges above two minutes: {len(late)}, {right / len(late):.1%} right")
