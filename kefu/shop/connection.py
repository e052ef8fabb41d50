"""The engine of the shop's database, and what it means when it does not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pymysql
from psycopg import Connection as PgConnection
from psycopg import OperationalError as PgOperationalError
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from kefu.shop.gateway import ShopUnavailable
from kefu.sqlite import use_wal

PATIENCE = 2.0
"""Seconds that the shop has to answer."""

_LOCK_NAME = "kefu-shop"
_LOCK_NUMBER = 0x6B656675

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "mariadb+pymysql": "mysql+pymysql",
}


class _Clock(threading.local):
    """Until when the current thread waits for the shop (monotonic seconds)."""

    deadline: float | None = None


_clock = _Clock()


@contextmanager
def answering(patience: float = PATIENCE) -> Generator[None]:
    """Run a unit of work that must be answered in time; raises ``ShopUnavailable`` if it is not.

    The exception names only the kind of failure: a driver's message may quote personal data.
    """
    _clock.deadline = monotonic() + patience
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
        cause = getattr(error, "orig", None) or error
        raise ShopUnavailable(f"the shop's database failed: {type(cause).__name__}") from error
    finally:
        _clock.deadline = None


def normalise(url: str) -> URL:
    """``url`` with the driver that Kefu ships for its database."""
    parsed = make_url(url)
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def open_engine(url: str, *, patience: float = PATIENCE, pool_size: int = 8) -> Engine:
    """An engine whose connections time out after about ``patience`` seconds. Connects lazily.

    SQLite runs in WAL mode with foreign keys; work begun with the execution option
    ``writes=True`` takes the write lock at its start.
    """
    target = normalise(url)
    match target.get_backend_name():
        case "sqlite":
            return _sqlite(target, patience)
        case "postgresql":
            return _postgresql(target, patience, pool_size)
        case "mysql":
            return _mysql(target, patience, pool_size)
        case other:
            raise ValueError(f"the shop's database cannot be {other}")


def _sqlite(url: URL, patience: float) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url, connect_args={"timeout": patience}, pool_timeout=patience, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        # The driver would begin transactions by itself, and only at the first write.
        connection.isolation_level = None
        use_wal(connection)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class PunctualConnection(PgConnection[Any]):
    """A connection that gives up on a server that stays silent: libpq has no read timeout."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        if timeout is None and _clock.deadline is not None:
            # A little later than the server's own statement timeout, which keeps the
            # connection usable.
            timeout = max(_clock.deadline - monotonic(), 0.0) + 0.3
        try:
            return super().wait(gen, interval, timeout)
        except PgOperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


def _postgresql(url: URL, patience: float, pool_size: int) -> Engine:
    milliseconds = int(patience * 1000)
    engine = create_engine(
        url,
        pool_size=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_timeout=patience,
        hide_parameters=True,
        connect_args={
            "connect_timeout": max(2, round(patience)),
            "application_name": "kefu-shop",
            "options": (
                f"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds}"
                f" -c idle_in_transaction_session_timeout={10 * milliseconds} -c timezone=UTC"
            ),
        },
    )
    _connect_in_time(engine, PunctualConnection.connect)
    return engine


def _mysql(url: URL, patience: float, pool_size: int) -> Engine:
    engine = create_engine(
        url.update_query_dict({"charset": "utf8mb4"}),
        pool_size=pool_size,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_timeout=patience,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        connect_args={
            "connect_timeout": patience,
            "read_timeout": patience + 0.5,
            "write_timeout": patience + 0.5,
        },
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]
        limit = (
            f"max_statement_time = {patience}"
            if "MariaDB" in connection.get_server_info()
            else f"max_execution_time = {int(patience * 1000)}"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"SET SESSION time_zone = '+00:00', {limit},"
                f" innodb_lock_wait_timeout = {max(1, int(patience))},"
                " sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,"
                "ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE'"
            )

    _connect_in_time(engine, pymysql.connect)
    return engine


def _connect_in_time(engine: Engine, connect: Callable[..., Any]) -> None:
    """A ping that ran into its timeout must not be followed by a connect that does the same."""

    @event.listens_for(engine, "do_connect")
    def dial(  # pyright: ignore[reportUnusedFunction]
        _dialect: object, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        if _clock.deadline is not None and monotonic() >= _clock.deadline:
            raise ShopUnavailable("the shop's database did not answer in time")
        return connect(*arguments, **options)


@contextmanager
def exclusive(connection: Connection, wait: int) -> Generator[None]:
    """Begin a transaction and keep out every other ``exclusive`` work on this database meanwhile.

    Waits up to ``wait`` seconds, then raises ``ShopUnavailable`` (MySQL) or the database's error.
    On SQLite give a connection with the execution option ``writes=True``.
    """
    connection.begin()
    match connection.dialect.name:
        case "postgresql":
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER}
            )
            yield
        case "mysql":
            # MySQL's named locks belong to the server, not to one database.
            name = f"{_LOCK_NAME}-{connection.engine.url.database}"[:64]
            taken = connection.scalar(
                text("SELECT GET_LOCK(:name, :wait)"), {"name": name, "wait": wait - 1}
            )
            if taken != 1:
                raise ShopUnavailable("other work holds the shop's database")
            try:
                yield
            finally:
                connection.execute(text("DO RELEASE_LOCK(:name)"), {"name": name})
        case _:
            yield
