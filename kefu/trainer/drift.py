"""How far a mix has moved: the population stability index.

Read as in credit scoring (Siddiqi, Credit Risk Scorecards, 2006): below 0.1 it is the same, from
0.1 on it has moved a little, above 0.25 a lot. Small samples differ by chance alone: the index of
two samples of one population is about a chi-square divided by their harmonic size (Yurdakul and
Naranjo, 2020), so nothing is warned of that chance explains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

MOVED_LITTLE = 0.1
MOVED_MUCH = 0.25
LEAST = 200
_QUANTILE = 1.645


@dataclass(frozen=True, slots=True)
class Drift:
    """``index`` is null where there is too little to compare; ``by_chance`` is what two samples of
    this size differ by in 95 % of cases; ``level``: unknown, same, moved or drifted."""

    index: float | None
    by_chance: float | None
    level: str

    @property
    def warning(self) -> bool:
        return self.level == "drifted"


def drift(before: Mapping[str, int], now: Mapping[str, int]) -> Drift:
    """Between two counts over the same kinds of things."""
    old, new = sum(before.values()), sum(now.values())
    kinds = sorted({*before, *now})
    if min(old, new) < LEAST or len(kinds) < 2:
        return Drift(None, None, "unknown")
    index = 0.0
    for kind in kinds:
        # Half a case more: what never occurred is rare, not impossible.
        p = (before.get(kind, 0) + 0.5) / (old + 0.5 * len(kinds))
        q = (now.get(kind, 0) + 0.5) / (new + 0.5 * len(kinds))
        index += (q - p) * math.log(q / p)
    free = len(kinds) - 1
    by_chance = (free + _QUANTILE * math.sqrt(2 * free)) * (1 / old + 1 / new)
    level = "same"
    if index > by_chance and index >= MOVED_LITTLE:
        level = "drifted" if index > MOVED_MUCH else "moved"
    return Drift(round(index, 4), round(by_chance, 4), level)
