"""Enqueue and assign, against what the same PostgreSQL does with nothing but the two statements."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import Session

from kefu.conversation import events, state
from kefu.conversation.states import State
from kefu.handoff.assigning import assign
from kefu.profiles import load_profiles
from kefu.store import migrate
from kefu.store.database import Database, shared_now
from kefu.store.handoff_tables import Presence
from kefu.store.tables import Conversation, Staff, StaffRole
from tests.databases import fresh_database

CLIENTS = 8
ASSIGNERS = 2
AGENTS = 20

RAW_TABLE = """
CREATE TABLE raw_queue (
  id bigserial PRIMARY KEY, profile text, state text, priority int, queued_at timestamptz,
  assigned_to int
);
CREATE INDEX ON raw_queue (priority DESC, queued_at) WHERE state = 'waiting';
"""
RAW_SCRIPT = """
INSERT INTO raw_queue (profile, state, priority, queued_at) VALUES ('demo', 'waiting', 0, now());
UPDATE raw_queue SET state = 'assigned', assigned_to = 1 WHERE id = (
  SELECT id FROM raw_queue WHERE state = 'waiting'
  ORDER BY priority DESC, queued_at LIMIT 1 FOR UPDATE SKIP LOCKED);
"""


def main(chats: int) -> None:
    with tempfile.TemporaryDirectory() as folder, fresh_database("postgresql", Path(folder)) as url:
        migrate(url)
        raw = _raw(url, Path(folder), seconds=10)
        ours, alone = _ours(url, chats)
    print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"raw: one insert + one SKIP LOCKED update, pgbench, {CLIENTS} clients: {raw:.0f}/s")
    print(f"Kefu: enqueue + assign, {CLIENTS} writers and {ASSIGNERS} assigners: {ours:.0f}/s")
    print(f"Kefu: assign alone, one assigner: {alone:.0f}/s")
    print(f"ratio of enqueue + assign to raw: {ours / raw:.3f} (1/{raw / ours:.0f})")


def _raw(url: str, folder: Path, seconds: int) -> float:
    """Pairs of statements a second."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    pgbench = str(programs[-1]) if programs else "pgbench"
    database = Database(url)
    database.write_now(lambda session: session.execute(text(RAW_TABLE)))
    database.close()
    script = folder / "raw.sql"
    script.write_text(RAW_SCRIPT)
    where = make_url(url)
    done = subprocess.run(
        [
            *(pgbench, "--no-vacuum", "--client", str(CLIENTS), "--jobs", "2"),
            *("--time", str(seconds), "--file", str(script), "--protocol", "prepared"),
            *("--host", where.host or "127.0.0.1", "--port", str(where.port or 5432)),
            *("--username", where.username or "root", where.database or ""),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PGPASSWORD": where.password or ""},
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def _ours(url: str, chats: int) -> tuple[float, float]:
    """Chats a second: enqueued and assigned side by side; assigned alone."""
    profiles = load_profiles(Path("data/profiles"))
    database = Database(url)
    ids = database.write_now(partial(_prepare, chats=chats * 2))
    enqueue = partial(_enqueue, database)
    stop = threading.Event()

    def assigner(_: int) -> None:
        while not stop.is_set():
            if not database.write_now(partial(assign, profiles=profiles)):
                stop.wait(0.005)

    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS + ASSIGNERS) as pool:
        working = [pool.submit(assigner, number) for number in range(ASSIGNERS)]
        list(pool.map(enqueue, ids[:chats]))
        while database.read_now(_waiting):
            time.sleep(0.005)
        took = time.perf_counter() - began
        stop.set()
        for each in working:
            each.result()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(enqueue, ids[chats:]))
    began = time.perf_counter()
    while database.write_now(partial(assign, profiles=profiles)):
        pass
    alone = time.perf_counter() - began
    assert not database.read_now(_waiting)
    database.close()
    return chats / took, chats / alone


def _prepare(session: Session, chats: int) -> list[str]:
    """Talks with the bot, and agents with room for all of them."""
    now = shared_now(session)
    for number in range(AGENTS):
        staff = Staff(
            username=f"agent{number}", name="客服", password_hash="", active=True, created_at=now
        )
        session.add(staff)
        session.flush()
        session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role="agent"))
        session.add(
            Presence(
                staff_id=staff.staff_id,
                status="online",
                capacity=chats,
                lease_until=now.replace(year=now.year + 1),
                idle_since=now,
            )
        )
    ids = [f"talk{number:08d}" for number in range(chats)]
    session.add_all(
        Conversation(
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
        for name in ids
    )
    return ids


def _enqueue(database: Database, conversation_id: str) -> None:
    def work(session: Session) -> None:
        state.move(
            session,
            events.lock(session, conversation_id),
            state.HAND_OFF,
            actor="bot",
            reason="requested",
            agent_group="agents",
        )

    database.write_now(work)


def _waiting(session: Session) -> int:
    query = select(func.count()).where(Conversation.state == State.WAITING.value)
    return session.scalar(query) or 0
