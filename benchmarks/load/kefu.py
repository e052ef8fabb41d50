"""One desk, one engine and one action server to measure, with the settings they ship with."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psutil

from benchmarks.load.shoppers import RestShopper, Shopper, SocketShopper, open_session
from tests.chaos.kills import find
from tests.chaos.stage import PARTS
from tests.databases import fresh_database
from tests.e2e.stack import Stack
from tests.redis_server import redis_server

DATABASES = ("sqlite", "postgresql")


@dataclass
class Served:
    """A running Kefu, and where its rows are."""

    stack: Stack
    desk_url: str
    shop_url: str

    def memory(self) -> dict[str, float]:
        """Resident memory of each process in MB."""
        return {
            part: round(psutil.Process(find(self.stack, part)).memory_info().rss / 1e6, 1)
            for part in PARTS
        }

    def cpu_seconds(self) -> dict[str, float]:
        """What each process has used so far."""
        return {part: _cpu(psutil.Process(find(self.stack, part))) for part in PARTS}


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextmanager
def served(database: str) -> Iterator[Served]:
    """On SQLite, or on PostgreSQL and Redis; gone afterwards."""
    with ExitStack() as doors:
        folder = Path(doors.enter_context(TemporaryDirectory(prefix="kefu-load-")))
        stack = Stack(home=folder / "kefu")
        desk_url, shop_url = f"sqlite:///{stack.home / 'kefu.db'}", stack.shop_database
        if database == "postgresql":
            desk_url = doors.enter_context(fresh_database("postgresql", folder))
            shop_url = doors.enter_context(fresh_database("postgresql", folder))
            redis = doors.enter_context(redis_server(folder))
            stack.env |= {"KEFU_DATABASE_URL": desk_url, "KEFU_SHOP_URL": shop_url}
            stack.env |= {"KEFU_REDIS_URL": redis.url}
        doors.callback(stack.stop)
        stack.start()
        yield Served(stack, desk_url, shop_url)


@dataclass
class Crowd:
    """Logged-in demo shoppers, half over REST, half over WebSockets; grows as it is asked to."""

    http: httpx.AsyncClient
    base: str
    shoppers: list[Shopper] = field(default_factory=list)
    _accounts: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def grow(self, number: int) -> Sequence[Shopper]:
        """The first ``number`` shoppers."""
        while len(self.shoppers) < number:
            account = f"u{next(self._accounts):04d}"
            session = await open_session(self.http, self.base, account)
            if len(self.shoppers) % 2:
                self.shoppers.append(RestShopper(self.http, self.base, session))
            else:
                self.shoppers.append(await SocketShopper.open(self.base, session))
        return self.shoppers[:number]
