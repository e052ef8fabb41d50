from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kefu.channels.opening import open_conversation
from kefu.conversation import events
from kefu.profiles import load_profiles
from kefu.store import migrate
from kefu.store.database import Database, DatabaseNotSupported, DatabaseUnavailable, connect
from kefu.store.tables import Event, Staff, Table
from kefu.store.upgrade import alembic_config
from tests.databases import fresh_database


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_desks_that_start_at_once_migrate_to_exactly_the_tables(
    backend: str, tmp_path: Path
) -> None:
    with fresh_database(backend, tmp_path) as url:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(migrate, [url] * 4))
        engine = connect(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"version_table": "desk_version", "compare_type": True}
            )
            assert compare_metadata(context, Table.metadata) == []
        engine.dispose()


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_tickets_from_before_belong_to_their_account_or_talk(backend: str, tmp_path: Path) -> None:
    with fresh_database(backend, tmp_path) as url:
        engine = connect(url)
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), "0001")
            for talk, account in (("t1", "'u0001'"), ("t2", "NULL")):
                connection.execute(text(_OLD_TALK.format(talk=talk, account=account)))
                connection.execute(text(_OLD_TICKET.format(talk=talk)))
        migrate(url)
        with engine.begin() as connection:
            found = connection.execute(text("SELECT number, owner FROM tickets ORDER BY number"))
            assert [tuple(row) for row in found] == [
                ("TKt1", "account:u0001"),
                ("TKt2", "conversation:t2"),
            ]
            command.downgrade(alembic_config(connection), "0001")
        migrate(url)
        engine.dispose()


_OLD_TALK = """
INSERT INTO conversations (conversation_id, profile, account_id, shopper_name, state, state_since,
  note, last_seq, last_text, tracker_version, verified_orders, context, resume_hash, created_at,
  updated_at)
VALUES ('{talk}', 'demo', {account}, '访客', 'bot', '2026-11-22', '', 0, '', 0, '[]', '{{}}',
  '{talk}', '2026-11-22', '2026-11-22')
"""
_OLD_TICKET = """
INSERT INTO tickets (number, profile, conversation_id, turn_id, kind, subject, details, state,
  created_at, due_at)
VALUES ('TK{talk}', 'demo', '{talk}', 'turn', 'complaint', '', '', 'open', '2026-11-22',
  '2026-11-23')
"""


def opened(session: Session) -> str:
    profile = load_profiles(Path("data/profiles"))["demo"]
    return open_conversation(session, profile, None, None, {}).conversation_id


async def test_events_written_at_once_are_numbered_without_a_gap(database: Database) -> None:
    talk = await database.write(opened)

    def write(session: Session, number: int) -> None:
        conversation = events.lock(session, talk)
        events.say(session, conversation, f"{number}")
        if number % 3 == 0:
            raise ZeroDivisionError

    results = await asyncio.gather(
        *(database.write(partial(write, number=number)) for number in range(30)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ZeroDivisionError) for result in results) == 10
    found = await database.read(partial(events.since, conversation_id=talk, after=0))
    assert [event["seq"] for event in found] == list(range(1, 22))


async def test_what_fails_leaves_nothing_behind_and_wakes_nobody(database: Database) -> None:
    heard: list[str] = []
    database.on_commit = heard.append
    talk = await database.write(opened)

    def fail(session: Session) -> None:
        events.say(session, events.lock(session, talk), "nie gesagt")
        session.add(Event(conversation_id=talk, seq=1, profile="demo", type="x", body={}))

    with pytest.raises(IntegrityError):
        await database.write(fail)
    await asyncio.sleep(0)
    assert heard == [talk]
    count = select(func.count()).select_from(Event)
    assert await database.read(lambda session: session.scalar(count)) == 1


async def test_times_come_back_aware_and_in_utc(database: Database) -> None:
    beijing = timezone(timedelta(hours=8))

    def save(session: Session, at: datetime) -> None:
        session.add(
            Staff(username=f"{at}", name="小王", password_hash="-", active=True, created_at=at)
        )

    await database.write(partial(save, at=datetime(2026, 11, 8, 20, 0, tzinfo=beijing)))
    at = await database.read(lambda session: session.scalars(select(Staff.created_at)).one())
    assert at == datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
    assert at.tzinfo is UTC


async def test_a_database_that_is_away_is_a_typed_error() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable):
        await away.ping()
    away.close()


def test_other_databases_are_refused() -> None:
    with pytest.raises(DatabaseNotSupported):
        connect("mysql+pymysql://root@127.0.0.1/test")
