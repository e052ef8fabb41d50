"""Figures of an intent model on labelled messages; pure functions of what was predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

OUT_OF_SCOPE = "out_of_scope"
BINS = 15


@dataclass(frozen=True, slots=True)
class Judgement:
    """One message: its accepted labels (the first is the primary one), the predicted ranking of
    intents, best first, the confidence (0 to 1) of the first, how surely it is in scope (any
    scale, higher is surer), its source, and the time it took in microseconds."""

    labels: tuple[str, ...]
    ranking: tuple[str, ...]
    confidence: float
    in_scope: float
    source: str = ""
    microseconds: float = 0.0

    @property
    def right(self) -> bool:
        """The first intent is one of the accepted labels."""
        return bool(self.ranking) and self.ranking[0] in self.labels

    @property
    def wanted(self) -> bool:
        """The message is something that a shop's support does."""
        return self.labels[0] != OUT_OF_SCOPE

    def in_top(self, count: int) -> bool:
        """One of the first ``count`` intents is an accepted label."""
        return any(intent in self.labels for intent in self.ranking[:count])


def mean(values: Sequence[bool]) -> float | None:
    """The share of true values; null without any."""
    return float(np.mean(values)) if len(values) else None


def macro_f1(rows: Sequence[Judgement]) -> float | None:
    """The mean F1 over the primary labels that occur; an accepted prediction counts for the
    primary label."""
    labels = sorted({row.labels[0] for row in rows})
    if not labels:
        return None
    guesses = [row.labels[0] if row.right else (row.ranking or ("",))[0] for row in rows]
    scores: list[float] = []
    for label in labels:
        hits = sum(g == label and r.labels[0] == label for g, r in zip(guesses, rows, strict=True))
        guessed = guesses.count(label)
        actual = sum(row.labels[0] == label for row in rows)
        scores.append(2 * hits / (guessed + actual))
    return float(np.mean(scores))


def by_confidence(rows: Sequence[Judgement]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Whether right and how confident, most confident first."""
    confidence = np.array([row.confidence for row in rows])
    order = np.argsort(-confidence, kind="stable")
    return np.array([row.right for row in rows], dtype=float)[order], confidence[order]


def _group_ends(confidence: NDArray[Any]) -> NDArray[Any]:
    """Positions after which a threshold can fall: equal confidences are answered together."""
    return np.flatnonzero(np.append(np.diff(confidence) != 0, True))


def coverage_at(rows: Sequence[Judgement], precision: float) -> float | None:
    """The largest share of rows that can be answered, most confident first, with at least
    ``precision`` of them right."""
    if not rows:
        return None
    right, confidence = by_confidence(rows)
    ends = _group_ends(confidence)
    reached = ends[np.cumsum(right)[ends] / (ends + 1) >= precision - 1e-12]
    return float(reached[-1] + 1) / len(rows) if len(reached) else 0.0


def aurc(rows: Sequence[Judgement]) -> float | None:
    """Area under the risk-coverage curve: the mean error over all coverages, 0 is best."""
    if not rows:
        return None
    right, _ = by_confidence(rows)
    return float(np.mean(1 - np.cumsum(right) / np.arange(1, len(right) + 1)))


def oos_recall_at(rows: Sequence[Judgement], refused: float) -> float | None:
    """The share of out-of-scope rows refused at the threshold that refuses at most ``refused``
    of the in-scope rows."""
    inside = np.sort([row.in_scope for row in rows if row.wanted])
    outside = np.array([row.in_scope for row in rows if not row.wanted])
    if not len(inside) or not len(outside):
        return None
    allowed = int(refused * len(inside) + 1e-9)
    threshold = inside[allowed] if allowed < len(inside) else np.inf
    return float(np.mean(outside < threshold))


def expected_calibration_error(rows: Sequence[Judgement], bins: int = BINS) -> float | None:
    """Mean distance of confidence and accuracy over bins of equal mass, weighted by their size."""
    if not rows:
        return None
    right, confidence = by_confidence(rows)
    total = 0.0
    for part in np.array_split(np.arange(len(rows)), min(bins, len(rows))):
        total += len(part) * abs(confidence[part].mean() - right[part].mean())
    return float(total / len(rows))


def confusions(rows: Sequence[Judgement]) -> list[tuple[str, str, int]]:
    """Wrong answers as (primary label, answered intent, count), most frequent first."""
    pairs = Counter((r.labels[0], (r.ranking or ("",))[0]) for r in rows if not r.right)
    return [(label, guess, count) for (label, guess), count in pairs.most_common()]


def figures(rows: Sequence[Judgement]) -> dict[str, Any]:
    """All figures of ``rows``; one that the rows cannot give is null."""
    inside = [row for row in rows if row.wanted]
    rounded = {
        "accuracy": mean([row.right for row in rows]),
        "accuracy_in_scope": mean([row.right for row in inside]),
        "top3_in_scope": mean([row.in_top(3) for row in inside]),
        "macro_f1": macro_f1(rows),
        "aurc": aurc(rows),
        "coverage_at_p90": coverage_at(rows, 0.90),
        "coverage_at_p95": coverage_at(rows, 0.95),
        "oos_recall_at_5": oos_recall_at(rows, 0.05),
        "oos_recall_at_10": oos_recall_at(rows, 0.10),
        "ece": expected_calibration_error(rows),
    }
    times = [row.microseconds for row in rows]
    return {
        "rows": len(rows),
        **{name: None if v is None else round(v, 4) for name, v in rounded.items()},
        "us_per_message": round(float(np.median(times)), 1) if times else None,
    }


def summary(rows: Sequence[Judgement]) -> dict[str, Any]:
    """The figures of all rows and, under ``sources``, of every source by itself."""
    sources = sorted({row.source for row in rows if row.source})
    return {
        **figures(rows),
        "sources": {name: figures([r for r in rows if r.source == name]) for name in sources},
    }
