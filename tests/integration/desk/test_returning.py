"""Chats of agents who are gone go back; those of agents who are there stay, whatever else fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.orm import Session

from kefu.accounts.members import member_of
from kefu.conversation import events, record
from kefu.desk import answering
from kefu.desk.scope import scope_of
from kefu.handoff import presence, returning
from kefu.handoff.assigning import assign
from kefu.handoff.returning import Returner
from kefu.profiles import load_profiles
from kefu.store.database import Database, DatabaseUnavailable, utc_now
from kefu.store.tables import Conversation, Staff
from tests import queue_world as world
from tests.tcp_proxy import in_front_of

PROFILES = load_profiles(Path("data/profiles"))


class Clock:
    """A steady clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Shift:
    """Agents at work, and one desk that watches over them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = Clock()
        self.returner = self.another_desk()

    def another_desk(self) -> Returner:
        return Returner(self.database, PROFILES, clock=self.clock)

    def hire(self, name: str) -> int:
        def work(session: Session) -> int:
            staff_id = world.hire(session, name)
            presence.choose(session, staff_id, "online", 3)
            return staff_id

        return self.database.write_now(work)

    def call(self) -> str:
        return self.database.write_now(world.call)

    def assign(self) -> None:
        self.database.write_now(partial(assign, profiles=PROFILES))

    def beat(self, staff_id: int) -> None:
        self.database.write_now(partial(presence.beat, staff_id=staff_id))

    def row(self, chat: str) -> Conversation:
        return self.database.read_now(lambda session: session.get_one(Conversation, chat))

    def texts(self, chat: str) -> list[str]:
        found = self.database.read_now(partial(events.since, conversation_id=chat, after=0))
        return [each["text"] for each in found if each["type"] == "message"]

    async def watch(self, seconds: float, *alive: int) -> None:
        """Look once a second; who is ``alive`` gives a sign now and then."""
        for second in range(round(seconds)):
            if second % 10 == 0:
                for staff_id in alive:
                    self.beat(staff_id)
            self.clock.now += 1
            await self.returner.look()


@pytest.fixture
def shift(database: Database) -> Iterator[Shift]:
    started = Shift(database)
    yield started
    database.read_now(world.check)


async def test_who_gives_no_sign_for_the_length_of_a_lease_loses_the_chats_to_the_front(
    shift: Shift,
) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    others = [shift.call() for _ in range(2)]
    shift.database.write_now(lambda session: presence.choose(session, wang, "busy"))
    await shift.watch(25)
    assert shift.row(chat).assigned_to == wang
    await shift.watch(8)
    row = shift.row(chat)
    assert (row.state, row.returned, row.assigned_to) == ("waiting", True, None)
    assert "客服的连接中断了" in shift.texts(chat)[-1]
    li = shift.hire("li")
    shift.database.write_now(lambda session: presence.set_capacity(session, li, 1))
    shift.assign()
    assert shift.row(chat).assigned_to == li, "before those who have waited longer"
    assert {shift.row(each).state for each in others} == {"waiting"}


async def test_who_comes_back_in_time_is_online_again_and_gets_the_known_chat_first(
    shift: Shift,
) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    await shift.watch(32)
    assert shift.row(chat).state == "waiting"
    shift.assign()
    assert shift.row(chat).state == "waiting", "a lapsed agent gets nothing"
    shift.hire("li")
    shift.beat(wang)
    shift.assign()
    assert shift.row(chat).assigned_to == wang


async def test_who_comes_back_much_later_has_to_say_that_they_are_there(shift: Shift) -> None:
    wang = shift.hire("wang")
    shift.database.write_now(lambda session: returning.lapse(session, wang))

    def long_ago(session: Session) -> None:
        presence.locked(session, wang).lapsed_at = utc_now() - timedelta(hours=9)

    shift.database.write_now(long_ago)
    shift.beat(wang)
    chat = shift.call()
    shift.assign()
    assert shift.row(chat).state == "waiting"


def say(session: Session, *, chat: str, agent: int, text: str) -> None:
    scope = scope_of(session, member_of(session, session.get_one(Staff, agent)), PROFILES)
    answering.answer(session, chat, scope, client_message_id="1", text=text)


async def test_signs_of_life_keep_the_chats_over_hours(shift: Shift) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    shift.database.write_now(partial(say, chat=chat, agent=wang, text="您好"))
    await shift.watch(300, wang)
    assert shift.row(chat).assigned_to == wang


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_jumps_takes_nobodys_chats_and_hides_nobodys_death(
    shift: Shift, jump: timedelta
) -> None:
    wang, li = shift.hire("wang"), shift.hire("li")
    chats = [shift.call() for _ in range(2)]
    shift.assign()
    owners = {shift.row(chat).assigned_to: chat for chat in chats}
    assert set(owners) == {wang, li}
    await shift.watch(10, wang, li)
    with time_machine.travel(utc_now() + jump, tick=True):
        await shift.watch(31, wang)
        assert shift.row(owners[wang]).assigned_to == wang
        assert shift.row(owners[li]).state == "waiting"


async def test_a_desk_that_starts_gives_everybody_the_length_of_a_lease(shift: Shift) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    await shift.watch(20)
    # All desks are down for an hour; then one starts.
    shift.clock.now += 3600
    shift.returner = shift.another_desk()
    await shift.watch(25)
    assert shift.row(chat).assigned_to == wang
    shift.beat(wang)
    await shift.watch(25)
    assert shift.row(chat).assigned_to == wang


async def test_a_desk_that_was_asleep_itself_blames_nobody(shift: Shift) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    await shift.watch(20)
    shift.clock.now += 120
    await shift.watch(25)
    assert shift.row(chat).assigned_to == wang


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_was_away_is_not_the_agents_fault(
    shift: Shift, database_url: str
) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    with in_front_of(database_url) as (proxy, through):
        far = Database(through)
        shift.returner = Returner(far, PROFILES, clock=shift.clock)
        await shift.watch(28)
        proxy.cut()
        shift.clock.now += 5
        with pytest.raises(DatabaseUnavailable):
            await shift.returner.look()
        proxy.mend()
        await shift.watch(28)
        assert shift.row(chat).assigned_to == wang
        await shift.watch(5)
        assert shift.row(chat).state == "waiting", "now the agent has really been silent"
        far.close()


async def test_who_does_not_answer_in_time_loses_the_chat_and_another_is_asked_first(
    shift: Shift,
) -> None:
    wang, li = shift.hire("wang"), shift.hire("li")
    chat = shift.call()
    shift.assign()
    first = shift.row(chat).assigned_to
    assert first
    patience = PROFILES["demo"].groups[0].answer_seconds
    await shift.watch(patience - 5, wang, li)
    assert shift.row(chat).assigned_to == first
    await shift.watch(10, wang, li)
    row = shift.row(chat)
    assert (row.state, row.returned, row.refused_by) == ("waiting", True, [first])
    assert "暂时走不开" in shift.texts(chat)[-1]
    shift.assign()
    assert shift.row(chat).assigned_to == ({wang, li} - {first}).pop()
    handoff = shift.database.read_now(lambda session: record.of(session, shift.row(chat)))
    assert handoff
    assert (handoff.returns, handoff.ended_at) == (1, None)


async def test_who_has_answered_may_take_their_time(shift: Shift) -> None:
    wang = shift.hire("wang")
    chat = shift.call()
    shift.assign()
    shift.database.write_now(partial(say, chat=chat, agent=wang, text="请稍等"))
    await shift.watch(PROFILES["demo"].groups[0].answer_seconds + 20, wang)
    assert shift.row(chat).assigned_to == wang
