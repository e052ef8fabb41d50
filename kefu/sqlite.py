"""Opening SQLite files that several processes may open for the first time at once."""

from __future__ import annotations

import sqlite3

from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

# Seconds. A change of the journal lasts as long as one write.
_PATIENCE = 10.0


def use_wal(connection: sqlite3.Connection) -> None:
    """Let readers go on while somebody writes: https://www.sqlite.org/wal.html.

    SQLite does not wait for its busy timeout where two connections change the journal at once:
    each holds a lock that the other needs, so one of them is refused and has to come again.
    Raises ``sqlite3.OperationalError`` if the file stays locked.
    """
    for attempt in Retrying(
        retry=retry_if_exception(_is_locked),
        stop=stop_after_delay(_PATIENCE),
        wait=wait_random(0.005, 0.05),
        reraise=True,
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL").close()


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)
