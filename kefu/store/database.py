"""One transaction at a time, in a thread, on SQLite or PostgreSQL.

Statements run synchronously in a small thread pool: a cancelled request can then never leave a
transaction half done. SQLite has one writer, so it gets exactly one writing thread.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from kefu.errors import KefuError
from kefu.sqlite import use_wal

T = TypeVar("T")

# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available, admin_shutdown,
# cannot_connect_now.
_TRANSIENT_STATES = {"40001", "40P01", "55P03", "57P01", "57P03"}


class DatabaseNotSupported(KefuError):
    """The desk keeps its rows in SQLite or PostgreSQL only."""

    code: ClassVar[str] = "database_not_supported"
    title: ClassVar[str] = "不支持这种数据库，请使用 SQLite 或 PostgreSQL。"


class DatabaseUnavailable(KefuError):
    """The desk's database does not answer."""

    code: ClassVar[str] = "database_unavailable"
    title: ClassVar[str] = "系统暂时繁忙，请稍后再试。"
    status: ClassVar[int] = 503


def utc_now() -> datetime:
    return datetime.now(UTC)


def shared_now(session: Session) -> datetime:
    """The time by the clock that all desks share: the database's, on SQLite this machine's."""
    if session.get_bind().dialect.name == "postgresql":
        return session.execute(select(func.clock_timestamp())).scalar_one()
    return utc_now()


def connect(url: str) -> Engine:
    """An engine whose transactions are short, bounded in time and, on SQLite, immediate."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=12,
            max_overflow=4,
            pool_timeout=10,
            connect_args={
                "connect_timeout": 5,
                "options": "-c statement_timeout=10000 -c lock_timeout=8000 -c timezone=UTC",
                # A server that vanishes without a word is noticed within seconds.
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
                "tcp_user_timeout": 15000,
            },
        )
    raise DatabaseNotSupported(f"unsupported database {parsed.get_backend_name()!r}")


def _sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": 10.0, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.isolation_level = None
        use_wal(connection)
        # FULL: what was accepted survives a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def touch(session: Session, conversation_id: str) -> None:
    """Note that this transaction changes what the people in the conversation see."""
    session.info.setdefault("touched", set()).add(conversation_id)


def after_commit(session: Session, work: Callable[[], None]) -> None:
    """Have ``work`` called on the event loop once this transaction is committed."""
    session.info.setdefault("after_commit", []).append(work)


def lock_name(session: Session, name: str) -> None:
    """Until this transaction ends, nobody else passes here with the same ``name``.

    For rules over rows that may not exist yet. SQLite has one writer at a time anyhow.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


class Database:
    """``write`` and ``read`` run a function in a transaction; ``on_commit`` hears what changed.

    A function may run more than once: a transaction that lost a race for a lock is repeated.
    Raises ``DatabaseUnavailable`` when the database does not answer.
    """

    def __init__(self, url: str) -> None:
        self.engine = connect(url)
        self._reading = self.engine.execution_options(reading=True)
        one_writer = self.engine.dialect.name == "sqlite"
        self._writers = ThreadPoolExecutor(1 if one_writer else 8, "kefu-write")
        self._readers = ThreadPoolExecutor(4, "kefu-read")
        self.on_commit: Callable[[str], None] | None = None

    async def write(self, work: Callable[[Session], T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self.write_now, work, loop)

    async def read(self, work: Callable[[Session], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, work)

    def write_now(
        self, work: Callable[[Session], T], loop: asyncio.AbstractEventLoop | None = None
    ) -> T:
        """``write`` for a caller without an event loop; ``on_commit`` is called on ``loop``."""

        def once() -> tuple[T, dict[Any, Any]]:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                result = work(session)
            return result, session.info

        result, noted = _repeated(once)
        follow_ups: list[Callable[[], None]] = list(noted.get("after_commit", ()))
        if self.on_commit:
            touched: set[str] = noted.get("touched", set())
            follow_ups += [partial(self.on_commit, each) for each in touched]
        if loop and not loop.is_closed():
            for follow_up in follow_ups:
                loop.call_soon_threadsafe(follow_up)
        return result

    def read_now(self, work: Callable[[Session], T]) -> T:
        def once() -> T:
            with Session(self._reading, expire_on_commit=False) as session, session.begin():
                return work(session)

        return _repeated(once)

    async def ping(self) -> None:
        await self.read(lambda session: session.execute(text("SELECT 1")))

    def close(self) -> None:
        self._writers.shutdown()
        self._readers.shutdown()
        self.engine.dispose()


def _repeated(once: Callable[[], T]) -> T:
    attempts = Retrying(
        retry=retry_if_exception(_is_transient),
        stop=stop_after_attempt(4),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        reraise=True,
    )
    try:
        return attempts(once)
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(type(error.orig).__name__) from error
    except PoolTimeout as error:
        raise DatabaseUnavailable("no connection is free") from error


def _is_transient(error: BaseException) -> bool:
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return (
        error.connection_invalidated
        or state in _TRANSIENT_STATES
        or "database is locked" in str(error.orig)
    )
