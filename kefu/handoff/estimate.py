"""How long somebody in the queue will wait: pure rules, from what was observed.

An agent with room for six chats has six places. A place becomes free when its chat ends; with
``slots`` places taken, chats of ``mean`` seconds end at ``slots / mean`` a second. Who is ``ahead``
places behind a free one waits until so many chats have ended: a sum of waits whose spread is known
(the gamma distribution), made wider for how little has been observed yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# What is taken for granted before anything was observed: so many chats of so many seconds.
PRIOR_CHATS = 4
PRIOR_SECONDS = 480.0
# Between the quantiles of 8 and 92 per cent; with the rounding nine waits in ten end in between.
SPREAD = 1.4
# In a group that picks its chats itself, before anything was observed.
PRIOR_PICK_SECONDS = 90.0

MINUTE = 60
COARSE_FROM = 20 * MINUTE
COARSE = 5 * MINUTE

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Service:
    """``chats`` that ended of late, and the ``seconds`` that agents had chats, ended or not.

    Counting unfinished ones too keeps a morning's few short chats from passing for all.
    """

    chats: int = 0
    seconds: float = 0.0

    @property
    def weight(self) -> int:
        return PRIOR_CHATS + self.chats

    @property
    def mean(self) -> float:
        return (PRIOR_CHATS * PRIOR_SECONDS + self.seconds) / self.weight


@dataclass(frozen=True, slots=True)
class Places:
    """What the agents who are there have for a group: places in all, and free ones."""

    slots: int
    free: int


def wait(ahead: float, places: Places, service: Service, pick_seconds: float = 0.0) -> Range | None:
    """Seconds until an agent takes the talk, from and to; ``None``: nobody is there to say.

    ``ahead``: how many get a place before or with this one, itself among them; ``pick_seconds``:
    how long agents take to pick a chat though they have room (pull).
    """
    if places.slots < 1:
        return None
    missing = ahead - places.free
    if missing <= 0:
        return rounded(0.0, 2.3 * pick_seconds)
    mean = missing * service.mean / places.slots + pick_seconds
    shape = 1 / (1 / max(missing, 1.0) + 1 / service.weight)
    return rounded(mean * _quantile(shape, -SPREAD), mean * _quantile(shape, SPREAD))


def _quantile(shape: float, deviation: float) -> float:
    """Of a gamma distribution with mean 1, after Wilson and Hilferty; never below 0."""
    root = 1 - 1 / (9 * shape) + deviation / (3 * math.sqrt(shape))
    return max(0.0, root) ** 3


def rounded(low: float, high: float) -> Range:
    """To whole minutes, outwards; from twenty minutes on to five."""
    return int(_down(low)), int(max(_up(high), MINUTE))


def _down(seconds: float) -> float:
    step = COARSE if seconds >= COARSE_FROM else MINUTE
    return math.floor(seconds / step) * step


def _up(seconds: float) -> float:
    step = COARSE if seconds > COARSE_FROM else MINUTE
    return math.ceil(seconds / step) * step
