"""What is broken on purpose: two hosts on one PostgreSQL and one Redis, or one host on SQLite."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.databases import fresh_database
from tests.e2e.stack import Stack
from tests.invariants import Invariants
from tests.redis_server import RedisServer, redis_server
from tests.tcp_proxy import TcpProxy, in_front_of

PARTS = ("desk", "engine", "actions")
# One address sends all of it here.
NO_LIMITS = {
    "KEFU_MESSAGE_BURST": "1000",
    "KEFU_ADDRESS_MESSAGES_PER_MINUTE": "1000000",
    "KEFU_SESSIONS_PER_MINUTE": "1000000",
}


@dataclass(kw_only=True)
class Stage:
    """``broken`` counts what was done to it: kills by part, and whatever else was cut."""

    stacks: tuple[Stack, ...]
    desk_url: str
    shop_url: str
    invariants: Invariants
    broken: Counter[str] = field(default_factory=Counter)

    @property
    def bases(self) -> tuple[str, ...]:
        return tuple(stack.base_url for stack in self.stacks)

    @property
    def is_embedded(self) -> bool:
        """On SQLite, which has one writer at a time and no server to ask who waits."""
        return self.desk_url.startswith("sqlite")

    def wait_ready(self, seconds: float = 120) -> None:
        for stack in self.stacks:
            stack.wait_ready(seconds)


@dataclass(kw_only=True)
class Pair(Stage):
    """Two desks, two engines, two action servers.

    ``proxies[n]`` stands between ``stacks[n]`` and the desk's database.
    """

    proxies: tuple[TcpProxy, TcpProxy]
    redis: RedisServer


@contextmanager
def two_desks(folder: Path, **env: str) -> Iterator[Pair]:
    """Both running; what they leave behind is an error. ``env``: more settings of both."""
    left: list[object] = []
    with ExitStack() as stage:
        desk_url = stage.enter_context(fresh_database("postgresql", folder))
        shop_url = stage.enter_context(fresh_database("postgresql", folder))
        redis = stage.enter_context(redis_server(folder))
        secret = secrets.token_hex(16)
        stacks: list[Stack] = []
        proxies: list[TcpProxy] = []
        for name in ("one", "two"):
            proxy, through = stage.enter_context(in_front_of(desk_url))
            stack = Stack(
                home=folder / name,
                env={
                    "KEFU_SECRET": secret,
                    "KEFU_DATABASE_URL": through,
                    "KEFU_SHOP_URL": shop_url,
                    "KEFU_REDIS_URL": redis.url,
                    **NO_LIMITS,
                    **env,
                },
            )
            stage.callback(lambda stack=stack: left.extend(stack.stop()))
            stack.start()
            stacks.append(stack)
            proxies.append(proxy)
        invariants = Invariants(desk_url, shop_url)
        stage.callback(invariants.close)
        yield Pair(
            stacks=(stacks[0], stacks[1]),
            proxies=(proxies[0], proxies[1]),
            redis=redis,
            desk_url=desk_url,
            shop_url=shop_url,
            invariants=invariants,
        )
    assert not left, f"processes left behind: {left}"


@contextmanager
def one_desk(folder: Path) -> Iterator[Stage]:
    """Everything embedded, as ``make up`` starts it; what it leaves behind is an error."""
    left: list[object] = []
    with ExitStack() as stage:
        stack = Stack(home=folder / "one", env=dict(NO_LIMITS))
        stage.callback(lambda: left.extend(stack.stop()))
        stack.start()
        desk_url, shop_url = f"sqlite:///{stack.home / 'kefu.db'}", stack.shop_database
        invariants = Invariants(desk_url, shop_url)
        stage.callback(invariants.close)
        yield Stage(stacks=(stack,), desk_url=desk_url, shop_url=shop_url, invariants=invariants)
    assert not left, f"processes left behind: {left}"
