"""Whether a difference between two models is more than chance."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

ALPHA = 0.05
_CHUNK = 100


def mcnemar(lost: int, won: int) -> float:
    """The probability (two-sided, exact) of a split at least as uneven as this one of the
    messages on which only one of two models is right, were both as good."""
    return 1.0 if lost + won == 0 else float(binomtest(lost, lost + won, 0.5).pvalue)


def loses(lost: int, won: int) -> bool:
    """Whether the candidate is significantly worse: ``lost`` were right before, ``won`` are now."""
    return lost > won and mcnemar(lost, won) < ALPHA


def bootstrap_interval(
    values: NDArray[Any], replicates: int, seed: int
) -> tuple[float, float] | None:
    """The 95 % interval of the mean of ``values``, ``(n,)``; null without any."""
    size = len(values)
    if not size:
        return None
    random = np.random.default_rng(seed)
    means: list[NDArray[Any]] = []
    for start in range(0, replicates, _CHUNK):
        count = min(_CHUNK, replicates - start)
        # How often each message was drawn: the same as drawing ``size`` of them, and quicker.
        drawn = random.multinomial(size, np.full(size, 1 / size), size=count)
        means.append(drawn @ values / size)
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)
