"""Fresh databases of every kind that Kefu runs on, made for a test and dropped after it.

Where the servers are: ``KEFU_TEST_POSTGRES_URL`` and ``KEFU_TEST_MYSQL_URL`` (the account must be
allowed to create databases). A server that cannot be reached skips its tests, and fails them
where ``CI=true``.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

KINDS = ("sqlite", "postgresql", "mysql")
_SERVERS = {
    "postgresql": ("KEFU_TEST_POSTGRES_URL", "postgresql+psycopg://root@127.0.0.1:5432/postgres"),
    "mysql": ("KEFU_TEST_MYSQL_URL", "mysql+pymysql://root@127.0.0.1:3306/?charset=utf8mb4"),
}


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a new, empty database of ``kind``; it is gone afterwards."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / f'{uuid.uuid4().hex}.db'}"
        return
    server = server_url(kind)
    name = f"kefu_test_{uuid.uuid4().hex[:16]}"
    _execute(server, kind, f"CREATE DATABASE {name}{_CREATE_OPTIONS[kind]}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, kind, f"DROP DATABASE {name}{_DROP_OPTIONS[kind]}")


_CREATE_OPTIONS = {"postgresql": " TEMPLATE template0 ENCODING 'UTF8'", "mysql": ""}
_DROP_OPTIONS = {"postgresql": " WITH (FORCE)", "mysql": ""}


def server_url(kind: str) -> URL:
    """Where the server of ``kind`` listens."""
    variable, default = _SERVERS[kind]
    return make_url(os.environ.get(variable, default))


def _execute(server: URL, kind: str, statement: str) -> None:
    engine = create_engine(
        server,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"connect_timeout": 3},
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except OperationalError as error:
        message = f"no {kind} server at {server.host}:{server.port}: {error.orig}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    finally:
        engine.dispose()
