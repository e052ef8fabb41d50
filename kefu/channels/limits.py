"""How fast one shopper may write, and how often be connected. Counted in this process."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from cachetools import TTLCache

from kefu.channels.errors import TooManyConnections, TooManyRequests


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """A token bucket per key: ``burst`` at once, ``per_second`` in the long run."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        full_again = burst / per_second
        self._buckets = TTLCache[str, _Bucket](50_000, max(60.0, full_again * 2))

    def spend(self, key: str, amount: float = 1.0) -> None:
        """Raises ``TooManyRequests`` when nothing is left."""
        now = time.monotonic()
        bucket = self._buckets.get(key) or _Bucket(self._burst, now)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        # Stored again each time: the cache counts the time since the last use.
        self._buckets[key] = bucket
        if bucket.left < amount:
            raise TooManyRequests("the rate limit is reached")
        bucket.left -= amount


class ConnectionLimit:
    """At most ``most`` open polls and sockets per key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = Counter[str]()

    @contextmanager
    def hold(self, key: str) -> Generator[None]:
        """Count one connection while the block runs; raises ``TooManyConnections``."""
        if self._open[key] >= self._most:
            raise TooManyConnections(f"{self._most} connections are open already")
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
