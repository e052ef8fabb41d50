"""Shoppers and agents in any order of things: the rules hold after every step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from kefu.accounts.members import member_of
from kefu.conversation import events
from kefu.conversation.states import State
from kefu.desk import answering
from kefu.desk.scope import scope_of
from kefu.handoff import presence, queue, returning
from kefu.handoff.assigning import as_chat, assign
from kefu.profiles import load_profiles
from kefu.store.database import Database
from kefu.store.tables import Conversation, Staff, Table
from tests import queue_world as world

PROFILES = load_profiles(Path("data/profiles"))
GROUPS = ("agents", "complaints")


def assign_all(database: Database) -> None:
    """Rounds until nothing more can be assigned."""
    while database.write_now(partial(assign, profiles=PROFILES)):
        pass


class Floor(RuleBasedStateMachine):
    """Shoppers and agents of one shop with two groups, in any order of things."""

    url: ClassVar[str]
    chats: Bundle[str] = Bundle("chats")
    agents: Bundle[int] = Bundle("agents")

    @initialize()
    def open(self) -> None:
        self.database = Database(self.url)
        self.number = 0
        tables = [table.name for table in reversed(Table.metadata.sorted_tables)]

        def empty(session: Session) -> None:
            session.execute(text("UPDATE conversations SET assigned_to = NULL"))
            for name in tables:
                session.execute(text(f"DELETE FROM {name}"))

        self.database.write_now(empty)

    def teardown(self) -> None:
        self.database.close()

    @rule(
        target=chats,
        group=st.sampled_from(GROUPS),
        priority=st.integers(0, 2),
        waited=st.integers(0, 2000),
    )
    def call(self, group: str, priority: int, waited: int) -> str:
        return self.database.write_now(
            lambda session: world.call(
                session, group, profile="tp", priority=priority, waited=waited
            )
        )

    @rule(
        target=agents,
        groups=st.sampled_from([(), ("agents",), ("complaints",)]),
        capacity=st.integers(1, 3),
    )
    def hire(self, groups: tuple[str, ...], capacity: int) -> int:
        self.number += 1
        name = f"agent{self.number}"

        def work(session: Session) -> int:
            staff_id = world.hire(session, name, profile="tp", groups=groups)
            world.come(session, staff_id, capacity)
            return staff_id

        return self.database.write_now(work)

    @rule()
    def assign(self) -> None:
        assign_all(self.database)
        self.database.read_now(self.nobody_was_forgotten)

    @rule()
    def assign_twice_at_once(self) -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: assign_all(self.database), range(2)))
        assign_all(self.database)
        self.database.read_now(self.nobody_was_forgotten)

    @rule(staff_id=agents, status=st.sampled_from(["online", "busy", "away", "offline"]))
    def choose(self, staff_id: int, status: presence.Status) -> None:
        self.database.write_now(lambda session: presence.choose(session, staff_id, status))

    @rule(staff_id=agents)
    def crash(self, staff_id: int) -> None:
        self.database.write_now(lambda session: returning.lapse(session, staff_id))
        rows = self.database.read_now(
            lambda session: session.scalars(
                select(Conversation).where(Conversation.previous_agent == staff_id)
            ).all()
        )
        assert all(row.assigned_to != staff_id for row in rows)

    @rule(staff_id=agents)
    def come_back(self, staff_id: int) -> None:
        self.database.write_now(lambda session: presence.beat(session, staff_id))

    @rule(chat=chats)
    def let_it_lie(self, chat: str) -> None:
        def work(session: Session) -> None:
            row = events.lock(session, chat)
            if row.assigned_to is not None:
                returning.give_up(session, chat, row.assigned_to, row.state_since)

        self.database.write_now(work)

    @rule(chat=chats)
    def answer_and_close(self, chat: str) -> None:
        def work(session: Session) -> None:
            row = events.lock(session, chat)
            if row.assigned_to is not None:
                staff = session.get_one(Staff, row.assigned_to)
                scope = scope_of(session, member_of(session, staff), PROFILES)
                mark = f"m{row.last_seq}"
                answering.answer(session, chat, scope, client_message_id=mark, text="您好")
                queue.resolve(session, chat, staff)

        self.database.write_now(work)

    @rule(chat=chats)
    def give_to_bot(self, chat: str) -> None:
        def work(session: Session) -> None:
            row = events.lock(session, chat)
            if row.assigned_to is not None:
                queue.return_to_bot(session, chat, session.get_one(Staff, row.assigned_to))

        self.database.write_now(work)

    @rule(chat=chats)
    def leave_queue(self, chat: str) -> None:
        def work(session: Session) -> None:
            if events.lock(session, chat).state == State.WAITING:
                queue.leave_queue(session, chat)

        self.database.write_now(work)

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "database"):
            self.database.read_now(world.check)
            self.database.read_now(self.capacity_is_kept)

    def capacity_is_kept(self, session: Session) -> None:
        rows = session.execute(
            select(Conversation.assigned_to, func.count())
            .where(Conversation.state == State.ASSIGNED.value)
            .group_by(Conversation.assigned_to)
        ).tuples()
        present = presence.by_staff(session, [staff_id or 0 for staff_id, _ in rows])
        for staff_id, count in rows:
            assert count <= present[staff_id or 0].capacity

    def nobody_was_forgotten(self, session: Session) -> None:
        """Who waits, waits because nobody who serves them has room."""
        agents = world.free(session, PROFILES)
        for row in session.scalars(
            select(Conversation).where(Conversation.state == State.WAITING.value)
        ):
            assert not world.takers(session, as_chat(row), agents, PROFILES)


def test_whatever_happens_each_chat_has_one_owner_or_waits_in_line(database_url: str) -> None:
    class Here(Floor):
        url = database_url

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=10,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
