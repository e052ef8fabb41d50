"""SIGKILL for the processes of a stage, and locks that hold them at a chosen point."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from kefu.store.database import connect
from tests.chaos.stage import PARTS, Stage
from tests.e2e.stack import PROCESS_MARKS, Stack, command_line

FOUND_WITHIN = 60.0
HELD_WITHIN = 30.0


def kill(stage: Stage, part: str, host: int = 0) -> None:
    """End a part without warning; waits while the supervisor is about to start it."""
    os.kill(find(stage.stacks[host], part), signal.SIGKILL)
    stage.broken[part] += 1


def find(stack: Stack, part: str) -> int:
    """The process id of a part; waits while the supervisor is about to start it."""
    assert stack.process
    end = time.monotonic() + FOUND_WITHIN
    while time.monotonic() < end:
        for child in psutil.Process(stack.process.pid).children():
            if PROCESS_MARKS[part] in command_line(child):
                return child.pid
        time.sleep(0.05)
    raise AssertionError(f"no process {part}")


async def kill_at_random(
    stage: Stage, chance: random.Random, number: int, pause: tuple[float, float] = (0.5, 2.5)
) -> Counter[str]:
    """Kill ``number`` processes, one after another; how many of each part."""
    killed: Counter[str] = Counter()
    for _ in range(number):
        await asyncio.sleep(chance.uniform(*pause))
        part = chance.choice(PARTS)
        await asyncio.to_thread(kill, stage, part, chance.randrange(len(stage.stacks)))
        killed[part] += 1
    return killed


@contextmanager
def held(url: str, statement: str, **values: object) -> Iterator[Connection]:
    """Hold the locks that ``statement`` takes in a database until the connection rolls back.

    On SQLite any statement takes the one lock there is, that of the writer.
    """
    engine = connect(url)
    with engine.connect() as connection:
        connection.execute(text(statement), values)
        try:
            yield connection
        finally:
            connection.rollback()
    engine.dispose()


def wait_for_waiter(url: str) -> None:
    """Wait until a process stands at one of the locks that are held in the database."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'"
    )
    with engine.connect() as connection:
        wait_until(lambda: connection.execute(query, {"name": make_url(url).database}).scalar())
    engine.dispose()


def wait_until(holds: Callable[[], object], seconds: float = HELD_WITHIN) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "nobody came to the chosen point"
        time.sleep(0.001)


@contextmanager
def called_and_stopped(stack: Stack) -> Iterator[Callable[[], None]]:
    """Stop the action server (SIGSTOP); what is yielded waits until it has a call to answer."""
    process = find(stack, "actions")
    os.kill(process, signal.SIGSTOP)
    try:
        yield lambda: wait_until(lambda: _has_unread(stack.port + 1))
    finally:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def _has_unread(port: int) -> bool:
    """Whether a connection to ``port`` of this machine holds bytes that nobody has read."""
    local = f"0100007F:{port:04X}"
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, address, _, state, queues, *_ = line.split()
        is_established = state == "01"
        if address == local and is_established and int(queues.partition(":")[2], 16):
            return True
    return False
