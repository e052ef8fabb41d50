"""How much, how often, how long: each with what it was counted over. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import NamedTuple

from kefu.store.base import Document


class Share(NamedTuple):
    """``n`` out of ``of``."""

    n: int
    of: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; ``None`` where there is nothing to share."""
        return round(self.n / self.of, 4) if self.of else None

    def document(self) -> Document:
        return {"n": self.n, "of": self.of, "share": self.share}


class Spread(NamedTuple):
    """The middle and the ninth tenth of ``n`` times in seconds; ``None`` where there is none."""

    n: int
    median: int | None
    p90: int | None

    def document(self) -> Document:
        return self._asdict()


def spread(seconds: Iterable[float]) -> Spread:
    """``p90`` by nearest rank: nine in ten took no longer."""
    found = sorted(seconds)
    if not found:
        return Spread(0, None, None)
    return Spread(len(found), round(median(found)), round(found[math.ceil(0.9 * len(found)) - 1]))


def seconds_between(since: datetime, until: datetime) -> float:
    """Never below nothing: two desks' clocks may differ by a hair."""
    return max(0.0, (until - since).total_seconds())
