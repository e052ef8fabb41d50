from __future__ import annotations

import random
from collections import Counter

import pytest

from kefu.trainer.drift import drift


def sample(weights: dict[str, float], size: int, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    return Counter(chance.choices(list(weights), list(weights.values()), k=size))


USUAL = {"order_status": 5.0, "invoice": 3.0, "refund_progress": 2.0}


def test_the_same_mix_has_not_drifted() -> None:
    found = drift(sample(USUAL, 5000, 1), sample(USUAL, 1000, 2))
    assert found.level == "same"
    assert found.index is not None
    assert found.index < 0.02


def test_another_mix_has() -> None:
    found = drift(sample(USUAL, 5000, 1), sample({**USUAL, "complaint": 8.0}, 1000, 2))
    assert found.level == "drifted"
    assert found.warning


def test_a_little_is_told_without_a_warning() -> None:
    before = Counter({"a": 500, "b": 500})
    found = drift(before, Counter({"a": 340, "b": 660}))
    assert found.index == pytest.approx(0.106, abs=0.01)
    assert (found.level, found.warning) == ("moved", False)


def test_chance_among_many_kinds_is_no_drift() -> None:
    """With 50 intents and 200 messages the bare index is over 0.1 for one population."""
    many = {f"intent_{n}": 1.0 for n in range(50)}
    levels = [drift(sample(many, 2000, n), sample(many, 220, 999 + n)) for n in range(40)]
    assert sum((one.index or 0) > 0.1 for one in levels) > 30
    assert sum(one.level != "same" for one in levels) <= 6


def test_too_little_is_not_judged() -> None:
    assert drift(Counter({"a": 10}), Counter({"b": 10})).level == "unknown"
    assert drift(Counter(), Counter()).index is None
