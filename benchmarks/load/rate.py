"""The highest rate of messages that is answered in time: raised until the slowest are too slow."""

from __future__ import annotations

import asyncio
import itertools
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.load.shoppers import TEXTS, Shopper

Json = dict[str, Any]
LIMIT_MS = 500.0
# A person reads, thinks and types this long between an answer and the next message.
PAUSE = 2.0
MOST_SHOPPERS = 190
# Less than this share of the offered messages was answered: the shoppers waited in line.
KEPT_UP = 0.9
FIRST = 8.0
GROWTH = 1.5
REFINED = 2
WARM_UP = 0.2

Grow = Callable[[int], Awaitable[Sequence[Shopper]]]


@dataclass
class Step:
    """One rate, held for ``seconds``. ``took``: milliseconds to the answer, by channel.

    ``said`` counts also what lay before and behind the measured seconds.
    """

    offered: float
    shoppers: int
    seconds: float
    took: dict[str, list[float]] = field(default_factory=dict)
    said: int = 0
    unanswered: int = 0

    @property
    def all(self) -> list[float]:
        return [one for many in self.took.values() for one in many]

    @property
    def answered(self) -> float:
        """Messages a second."""
        return len(self.all) / self.seconds

    def percentile(self, percent: int, way: str | None = None) -> float:
        values = self.took.get(way, []) if way else self.all
        if len(values) < 2:
            return float("inf")
        return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]

    @property
    def holds(self) -> bool:
        kept_up = self.answered >= KEPT_UP * self.offered
        return kept_up and not self.unanswered and self.percentile(99) <= LIMIT_MS

    def as_json(self) -> Json:
        return {
            "offered_per_s": round(self.offered, 1),
            "answered_per_s": round(self.answered, 1),
            "shoppers": self.shoppers,
            "seconds": round(self.seconds, 1),
            "p50_ms": round(self.percentile(50), 1),
            "p99_ms": round(self.percentile(99), 1),
            "by_channel": {
                way: {
                    "messages": len(took),
                    "p50_ms": round(self.percentile(50, way), 1),
                    "p99_ms": round(self.percentile(99, way), 1),
                }
                for way, took in self.took.items()
            },
            "unanswered": self.unanswered,
            "holds": self.holds,
        }


async def hold(grow: Grow, rate: float, seconds: float) -> Step:
    """Offer ``rate`` messages a second for a while; the first fifth more is not counted.

    A closed loop: everyone waits for an answer before the next message, which is due a fixed
    time after the last one was due, or at once if that is over.
    """
    shoppers = await grow(min(MOST_SHOPPERS, max(2, round(rate * PAUSE))))
    period = len(shoppers) / rate
    step = Step(rate, len(shoppers), seconds, {shopper.way: [] for shopper in shoppers})
    counted_from = time.perf_counter() + max(period, seconds * WARM_UP)
    end = counted_from + seconds

    async def one(number: int, shopper: Shopper) -> None:
        due = time.perf_counter() + period * number / len(shoppers)
        for text in itertools.islice(itertools.cycle(TEXTS), number % len(TEXTS), None):
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            due = max(due + period * random.uniform(0.8, 1.2), time.perf_counter())
            if time.perf_counter() >= end:
                return
            took = await shopper.say(text)
            step.said += 1
            if took is None:
                step.unanswered += 1
            elif counted_from <= time.perf_counter() < end:
                step.took[shopper.way].append(took * 1000)

    await asyncio.gather(*(one(*numbered) for numbered in enumerate(shoppers)))
    return step


async def highest(grow: Grow, seconds: float, tell: Callable[[Step], None]) -> list[Step]:
    """All steps that were tried; the best of those that hold was the highest rate.

    Raised by half until a rate does not hold, then halved in between. The last step repeats the
    rate that held for twice as long, so that a lucky moment does not count.
    """
    steps: list[Step] = []

    async def tried(rate: float, long: float = seconds) -> bool:
        steps.append(await hold(grow, rate, long))
        tell(steps[-1])
        return steps[-1].holds

    low, high = 0.0, FIRST
    while await tried(high):
        low, high = high, high * GROWTH
    if not low:
        while not await tried(high := high / 2) and high > 0.5:
            pass
        low, high = high, high * 2
    for _ in range(REFINED):
        middle = (low + high) / 2
        if await tried(middle):
            low = middle
        else:
            high = middle
    while not await tried(low, seconds * 2) and low > 0.5:
        low *= 0.9
    return steps


def best(steps: Sequence[Step]) -> Step:
    """The last step: the highest rate, held once more and for longer."""
    return steps[-1]
