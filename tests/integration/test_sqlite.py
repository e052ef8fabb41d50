"""A new SQLite file that several connections open at the same moment."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from kefu import sqlite
from kefu.sqlite import use_wal

AT_ONCE = 6


def test_all_that_open_a_new_file_at_once_get_in(tmp_path: Path) -> None:
    start = Barrier(AT_ONCE)

    def open_and_write(path: Path) -> str:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
            start.wait(10)
            use_wal(connection)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("CREATE TABLE IF NOT EXISTS rows (number)")
            connection.execute("COMMIT")
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            return str(mode)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(40):
            path = tmp_path / f"{number}.db"
            assert set(pool.map(open_and_write, [path] * AT_ONCE)) == {"wal"}


def test_a_file_that_stays_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PATIENCE", 0.2)
    path = tmp_path / "held.db"
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as late,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            use_wal(late)
