"""Assignment on real databases: whatever happens, every chat has one owner or waits in line."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation.errors import StateConflict
from kefu.conversation.states import State
from kefu.handoff import queue
from kefu.handoff.assigning import assign
from kefu.profiles import Profiles, load_profiles
from kefu.store.database import Database
from kefu.store.tables import Audit, Conversation, Staff
from tests import queue_world as world

PROFILES = load_profiles(Path("data/profiles"))
CALLS = 400


def assign_all(database: Database, profiles: Profiles = PROFILES) -> int:
    """Rounds until nothing more can be assigned; how many chats were."""
    total = 0
    while given := database.write_now(partial(assign, profiles=profiles)):
        total += len(given)
    return total


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_twelve_desks_that_assign_at_once_give_each_of_2000_chats_to_one_agent(
    database: Database,
) -> None:
    made = _race(database, chats=2000, desks=12)
    assert sum(each > 0 for each in made) > 1, "they really worked at once"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_threads_that_assign_at_once_on_sqlite_do_the_same(database: Database) -> None:
    _race(database, chats=120, desks=4)


def _race(database: Database, *, chats: int, desks: int) -> list[int]:
    """How many chats each of the desks has given to agents."""
    agents = 12

    def prepare(session: Session) -> None:
        world.bulk_calls(session, chats)
        for number in range(agents):
            staff_id = world.hire(session, f"agent{number}")
            world.come(session, staff_id, -(-chats // agents))

    database.write_now(prepare)
    done = threading.Event()

    def desk(_: int) -> int:
        """Assigns until everything is; rows that another holds are left to it."""
        mine = 0
        while not done.is_set():
            given = database.write_now(partial(assign, profiles=PROFILES))
            mine += len(given)
            if not given:
                if not database.read_now(_waiting):
                    done.set()
                done.wait(0.02)
        return mine

    with ThreadPoolExecutor(desks) as pool:
        made = list(pool.map(desk, range(desks)))
    assert sum(made) == chats
    owners = database.read_now(world.owners)
    assert None not in owners.values()
    assert max(Counter(owners.values()).values()) <= -(-chats // agents)
    audited = database.read_now(
        lambda session: session.scalars(select(Audit.subject).where(Audit.action == "assign")).all()
    )
    assert len(audited) == len(set(audited)) == chats, "each once, and noted once"
    return made


def _waiting(session: Session) -> int:
    query = select(func.count()).where(Conversation.state == State.WAITING.value)
    return session.scalar(query) or 0


def test_twelve_agents_who_reach_for_the_same_chats_each_get_what_nobody_else_has(
    database: Database,
) -> None:
    chats = 40

    def prepare(session: Session) -> list[int]:
        world.bulk_calls(session, chats)
        return [world.hire(session, f"agent{number}") for number in range(12)]

    hired = database.write_now(prepare)

    def reach(staff_id: int) -> tuple[int, list[str]]:
        got, told = 0, list[str]()
        for number in range(chats):

            def claim(session: Session, chat: str = f"c{number:05d}") -> None:
                queue.claim(session, chat, session.get_one(Staff, staff_id), PROFILES)

            try:
                database.write_now(claim)
                got += 1
            except StateConflict as conflict:
                told.append(conflict.sentence)
        return got, told

    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(reach, hired))
    assert sum(got for got, _ in results) == chats
    losers = [sentence for _, told in results for sentence in told]
    assert len(losers) == 11 * chats
    assert [each for each in losers if "接待" not in each or "agent" not in each] == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_agent_is_not_given_more_than_their_room_by_two_desks_at_once(
    database: Database,
) -> None:
    for _ in range(10):

        def prepare(session: Session) -> int:
            staff_id = world.hire(session, f"agent{time.monotonic_ns()}")
            world.come(session, staff_id, 1)
            for _ in range(4):
                world.call(session)
            return staff_id

        database.write_now(prepare)
        barrier = threading.Barrier(4)

        def round_(_: int) -> int:
            barrier.wait()  # noqa: B023
            return len(database.write_now(partial(assign, profiles=PROFILES)))

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(round_, range(4))) == 1


def test_a_shopper_who_leaves_while_being_assigned_is_the_bots_or_the_agents(
    database: Database,
) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(25):

        def prepare(session: Session, name: str = f"agent{number}") -> str:
            world.come(session, world.hire(session, name), 1)
            return world.call(session)

        chat = database.write_now(prepare)
        barrier = threading.Barrier(2)

        def leave() -> bool:
            barrier.wait()  # noqa: B023
            try:
                database.write_now(lambda session: queue.leave_queue(session, chat))  # noqa: B023
            except StateConflict:
                return False
            return True

        def give() -> int:
            barrier.wait()  # noqa: B023
            return len(database.write_now(partial(assign, profiles=PROFILES)))

        with ThreadPoolExecutor(2) as pool:
            left, given = pool.submit(leave), pool.submit(give)
            assert (left.result(), given.result()) in {(True, 0), (False, 1)}
        state = database.read_now(lambda session: session.get_one(Conversation, chat).state)  # noqa: B023
        assert state == ("assigned" if given.result() else "bot")
        outcomes[state] += 1
        database.read_now(world.check)


def test_a_desk_killed_in_the_middle_of_assigning_leaves_nothing_half_done(
    database: Database, database_url: str, tmp_path: Path, shop_template: Path
) -> None:
    """The whole desk, with SIGKILL; another one goes on where it stopped."""

    def prepare(session: Session) -> None:
        world.bulk_calls(session, CALLS)
        for number in range(4):
            world.come(session, world.hire(session, f"agent{number}"), CALLS)

    database.write_now(prepare)
    with _desk(database_url, tmp_path, shop_template) as desk:
        end = time.monotonic() + 60
        # Twenty in a transaction, one after the other: behind the first it is at the next.
        while database.read_now(_waiting) == CALLS:
            assert desk.poll() is None, "the desk ended by itself"
            assert time.monotonic() < end
            time.sleep(0.002)
        desk.send_signal(signal.SIGKILL)
        assert desk.wait(10) == -signal.SIGKILL
    assert 0 < database.read_now(_waiting) < CALLS
    # The server notices a dead client's transaction within moments.
    end = time.monotonic() + 20
    while database.read_now(_waiting):
        assert time.monotonic() < end
        assign_all(database)
    database.read_now(world.check)
    assert None not in database.read_now(world.owners).values()


@contextmanager
def _desk(database_url: str, home: Path, shop: Path) -> Iterator[subprocess.Popen[bytes]]:
    """``kefu serve`` on this database, as a supervisor would start it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    told = {
        "KEFU_HOME": str(home / "desk"),
        "KEFU_DATABASE_URL": database_url,
        "KEFU_SHOP_URL": f"sqlite:///{shop}",
        "KEFU_PORT": str(port),
        "KEFU_SECRET": "a secret of the tests",
    }
    command = [sys.executable, "-m", "kefu", "serve"]
    with (home / "desk.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **told}, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
