"""How long each report takes over 100,000 talks: ``python -m benchmarks.reports``.

On SQLite, and on the PostgreSQL that the tests use.
"""

from __future__ import annotations

import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from kefu.reports.api import REPORTS
from kefu.reports.days import Days, day_of
from kefu.reports.extent import Extent
from kefu.store import migrate
from kefu.store.database import Database, utc_now
from kefu.store.tables import Staff
from tests.databases import fresh_database
from tests.service_history import History

TALKS = 100_000
DAYS = 30
RUNS = 3


def main() -> None:
    for kind in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, fresh_database(kind, Path(folder)) as url:
            _measure(kind, url)


def _measure(kind: str, url: str) -> None:
    migrate(url)
    database = Database(url)
    now = datetime.now(UTC)
    began = time.perf_counter()
    database.write_now(lambda session: _fill(session, now))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE"))
    print(f"{kind}: {TALKS:,} talks written in {time.perf_counter() - began:.0f} s")
    today = day_of(now)
    extent, days = Extent(("demo",), None), Days(today - timedelta(days=DAYS - 1), today)
    for name, report in REPORTS.items():
        times: list[float] = []
        spent: list[float] = []
        for _ in range(RUNS):
            start, busy = time.perf_counter(), time.thread_time()
            database.read_now(
                lambda session, report=report: report(session, extent, days, utc_now())
            )
            times.append(time.perf_counter() - start)
            spent.append(time.thread_time() - busy)
        print(f"  {name:13} {min(times):6.2f} s, {min(spent):.2f} s of it the desk's own work")
    database.close()


def _fill(session: Session, now: datetime) -> None:
    for number in range(1, 21):
        session.add(
            Staff(
                staff_id=number,
                username=f"agent{number}",
                name=f"客服{number}",
                password_hash="",
                active=True,
                created_at=now,
            )
        )
    session.flush()
    History("demo", ["service", "returns", "logistics"], range(1, 21), now, DAYS).write(
        session, TALKS
    )


if __name__ == "__main__":
    main()
