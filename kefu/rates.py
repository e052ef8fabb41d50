"""How often something may happen: counted for all desks in Redis, or in this process.

While Redis is away each desk counts by itself: the limits are then as many times higher as there
are desks, and nothing else changes.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TypeVar

import structlog
from cachetools import TLRUCache
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = structlog.get_logger("kefu.rates")

T = TypeVar("T")

# How long Redis is left alone after it did not answer: no request shall wait for it twice.
LEFT_ALONE = 5.0
REDIS_DEADLINE = 0.5
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``most`` within ``seconds``, which begin with the first of them."""

    name: str
    most: int
    seconds: float

    @property
    def item(self) -> RateLimitItemPerSecond:
        return RateLimitItemPerSecond(self.most, max(1, math.ceil(self.seconds)), self.name)


class Rates:
    """Counts by name and by whom; ``key`` hides in Redis who that is."""

    def __init__(self, redis_url: str | None, key: bytes) -> None:
        self._key = key
        self._memory = FixedWindowRateLimiter(ProcessStorage())
        self._pool = _pool(redis_url) if redis_url else None
        self._redis = FixedWindowRateLimiter(_storage(self._pool)) if self._pool else None
        self._left_alone_until = -math.inf
        self._away = False

    async def spend(self, rate: Rate, who: str) -> int:
        """Count one; 0, or how many seconds to wait because nothing is left."""
        item, name = rate.item, self._hidden(who)

        async def spent(limiter: FixedWindowRateLimiter) -> int:
            if await limiter.hit(item, name):
                return 0
            free_at = (await limiter.get_window_stats(item, name)).reset_time
            return max(1, math.ceil(free_at - time.time()))

        return await self._count(spent)

    async def forget(self, rate: Rate, who: str) -> None:
        """Begin anew for ``who``."""
        item, name = rate.item, self._hidden(who)
        await self._memory.clear(item, name)
        await self._count(lambda limiter: limiter.clear(item, name))

    async def close(self) -> None:
        if self._pool:
            await self._pool.aclose()

    async def _count(self, work: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        if self._redis is None or time.monotonic() < self._left_alone_until:
            return await work(self._memory)
        try:
            done = await work(self._redis)
        except StorageError as error:
            self._left_alone_until = time.monotonic() + LEFT_ALONE
            if not self._away:
                reason = type(error.storage_error).__name__
                log.warning("redis away, each desk counts by itself", reason=reason)
            self._away = True
            return await work(self._memory)
        if self._away:
            log.info("redis counts again")
        self._away = False
        return done

    def _hidden(self, who: str) -> str:
        return hmac.digest(self._key, who.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


@dataclass(frozen=True, slots=True)
class _Count:
    number: int
    until: float


class ProcessStorage(Storage):
    """Counts of fixed windows in this process, at most ``MOST_COUNTED`` of them.

    The library's own looks through all of them at each count: 1.7 ms where there are 10,000.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts = TLRUCache[str, _Count](
            MOST_COUNTED, ttu=lambda _key, count, _now: count.until, timer=time.time
        )

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = self._counts.get(key) or _Count(0, time.time() + expiry)
        self._counts[key] = _Count(now.number + amount, now.until)
        return now.number + amount

    async def get(self, key: str) -> int:
        count = self._counts.get(key)
        return count.number if count else 0

    async def get_expiry(self, key: str) -> float:
        count = self._counts.get(key)
        return count.until if count else time.time()

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        number = len(self._counts)
        self._counts.clear()
        return number

    async def clear(self, key: str) -> None:
        self._counts.pop(key, None)


def _pool(url: str) -> ConnectionPool:
    # Once more at once: a connection that Redis closed while it lay idle fails first.
    return ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
        url,
        socket_connect_timeout=REDIS_DEADLINE,
        socket_timeout=REDIS_DEADLINE,
        retry=Retry(NoBackoff(), 1),
    )


def _storage(pool: ConnectionPool) -> RedisStorage:
    """Where the connections lead says the pool: the address here chooses the client alone."""
    return RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="kefu",
        connection_pool=pool,  # pyright: ignore[reportArgumentType]
    )


def network(address: str) -> str:
    """Whom an address stands for: itself, or of IPv6 the network that one household gets."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
