"""The parts of a comparison: the frozen set, the replayed messages, thresholds and days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kefu_engine.labelled import LabelledText
from kefu_engine.metrics import OUT_OF_SCOPE, Judgement, by_confidence, figures
from kefu_engine.readings import ANSWERED, ASKED, HANDED_OFF, Readings
from kefu_engine.significance import bootstrap_interval, mcnemar

REPLICATES_PER_INTENT = 1000
CURVE_POINTS = 60
BINS = 10
THRESHOLDS = tuple(round(0.30 + 0.02 * step, 2) for step in range(35))
_ORDER = {"broken": 0, "mended": 1, "changed": 2}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A shopper's message; ``labels`` are empty where nobody knows. ``independent``: the label
    does not come from what the candidate was trained on."""

    text: str
    labels: tuple[str, ...]
    independent: bool


@dataclass(frozen=True, slots=True)
class FrozenResult:
    """``discordant``: how many rows only the live model, and only the candidate, has right."""

    figures: dict[str, Any]
    risk_coverage: dict[str, Any]
    reliability: dict[str, Any]
    discordant: tuple[int, int]


def on_frozen(
    rows: Sequence[LabelledText], candidate: Readings, live: Readings, seed: int
) -> FrozenResult:
    """Both models on the frozen set; right is a first intent that the label names."""
    judged = {name: _judged(rows, one) for name, one in (("candidate", candidate), ("live", live))}
    new = np.array([row.right for row in judged["candidate"]], dtype=bool)
    old = np.array([row.right for row in judged["live"]], dtype=bool)
    lost, won = int((old & ~new).sum()), int((new & ~old).sum())
    broken = [
        {
            "text": rows[i].text,
            "label": "|".join(rows[i].labels),
            "live": _answer(live, i),
            "candidate": _answer(candidate, i),
        }
        for i in np.flatnonzero(old & ~new)
    ]
    result = {
        "rows": len(rows),
        **{name: _without_times(figures(judgements)) for name, judgements in judged.items()},
        "per_intent": _per_intent(rows, new, old, seed),
        "broken": broken,
        "mended": won,
        "p_value": round(mcnemar(lost, won), 4),
    }
    return FrozenResult(
        result,
        {name: risk_coverage(judgements) for name, judgements in judged.items()},
        {name: reliability(judgements) for name, judgements in judged.items()},
        (lost, won),
    )


def _without_times(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "us_per_message"}


def _judged(rows: Sequence[LabelledText], readings: Readings) -> list[Judgement]:
    return [
        Judgement(
            labels=row.labels,
            ranking=tuple(name for name, _ in ranking),
            confidence=float(first),
            in_scope=max((sure for name, sure in ranking if name != OUT_OF_SCOPE), default=0.0),
        )
        for row, ranking, first in zip(rows, readings.rankings, readings.first, strict=True)
    ]


def _per_intent(
    rows: Sequence[LabelledText], new: NDArray[Any], old: NDArray[Any], seed: int
) -> list[dict[str, Any]]:
    primary = np.array([row.labels[0] for row in rows])
    found: list[dict[str, Any]] = []
    for intent in sorted(set(primary.tolist())):
        chosen = primary == intent
        difference = new[chosen].astype(float) - old[chosen].astype(float)
        interval = bootstrap_interval(difference, REPLICATES_PER_INTENT, seed)
        found.append(
            {
                "intent": intent,
                "rows": int(chosen.sum()),
                "candidate": round(float(new[chosen].mean()), 4),
                "live": round(float(old[chosen].mean()), 4),
                "ci": [round(each, 4) for each in interval or ()],
            }
        )
    return found


def risk_coverage(judged: Sequence[Judgement]) -> list[list[float]]:
    """Points ``[coverage, risk]``: the error among the surest share of the rows."""
    if not judged:
        return []
    right, _ = by_confidence(judged)
    risks = 1 - np.cumsum(right) / np.arange(1, len(right) + 1)
    picked = np.unique(np.linspace(0, len(right) - 1, CURVE_POINTS).astype(int))
    return [[round((i + 1) / len(right), 4), round(float(risks[i]), 4)] for i in picked]


def reliability(judged: Sequence[Judgement]) -> list[list[float]]:
    """Points ``[confidence, accuracy, rows]`` over bins with as many rows each."""
    if not judged:
        return []
    right, confidence = by_confidence(judged)
    bins = np.array_split(np.arange(len(judged)), min(BINS, len(judged)))
    return [
        [round(float(confidence[b].mean()), 4), round(float(right[b].mean()), 4), len(b)]
        for b in bins
    ]


def replay(
    messages: Sequence[Replayed], candidate: Readings, live: Readings, limit: int
) -> tuple[dict[str, Any], tuple[int, int]]:
    """What changes for real messages, the same text once with its ``count``; and how many with an
    independent label only the live model, and only the candidate, answers rightly."""
    outcomes = candidate.outcomes(), live.outcomes()
    intents = candidate.intents, live.intents
    counts = dict.fromkeys(("same", *_ORDER), 0)
    items: dict[str, dict[str, Any]] = {}
    lost = won = 0
    for index, message in enumerate(messages):
        good = [
            _is_good(readings, index, int(found[index]), message.labels)
            for readings, found in zip((candidate, live), outcomes, strict=True)
        ]
        if message.independent:
            lost += good[1] and not good[0]
            won += good[0] and not good[1]
        differs = outcomes[0][index] != outcomes[1][index] or intents[0][index] != intents[1][index]
        verdict = "changed" if differs else "same"
        if message.labels and good[0] != good[1]:
            verdict = "mended" if good[0] else "broken"
        counts[verdict] += 1
        if verdict == "same":
            continue
        item = items.setdefault(
            message.text,
            {
                "text": message.text,
                "live": _answer(live, index, outcomes[1]),
                "candidate": _answer(candidate, index, outcomes[0]),
                "verdict": verdict,
                "label": "|".join(message.labels) or None,
                "count": 0,
            },
        )
        item["count"] += 1
    ranked = sorted(items.values(), key=lambda item: (_ORDER[item["verdict"]], -item["count"]))
    return {"messages": len(messages), **counts, "items": ranked[:limit]}, (lost, won)


def _is_good(readings: Readings, index: int, outcome: int, labels: Sequence[str]) -> bool:
    """Whether a shopper who means one of ``labels`` gets what they came for."""
    if OUT_OF_SCOPE in labels and outcome != ANSWERED:
        return True
    if outcome == ANSWERED or (outcome == HANDED_OFF and "human_agent" in labels):
        return readings.serve(index, labels)
    return False


def _answer(readings: Readings, index: int, outcomes: NDArray[Any] | None = None) -> dict[str, Any]:
    found = readings.outcomes() if outcomes is None else outcomes
    return {
        "intent": readings.intents[index],
        "confidence": round(float(readings.sure[index]), 4),
        "answered": bool(found[index] == ANSWERED),
        "outcome": ("answered", "asked", "handed_off")[int(found[index])],
    }


def per_day(
    candidate: Readings, live: Readings, days: float | None, replicates: int, seed: int
) -> dict[str, Any] | None:
    """Hand-offs and wrong answers that a day like those replayed brings; ``ci`` is that of the
    difference. A wrong answer is expected by what an answer's confidence leaves to one. Null
    without messages or days."""
    size = len(live.first)
    if not size or not days:
        return None
    found: dict[str, Any] = {}
    for name, count in (("handoffs", _handed_off), ("wrong_answers", _expected_wrong)):
        new, old = count(candidate), count(live)
        interval = bootstrap_interval(new - old, replicates, seed) or (0.0, 0.0)
        found[name] = {
            "live": round(float(old.sum()) / days, 1),
            "candidate": round(float(new.sum()) / days, 1),
            "ci": [round(each * size / days, 1) for each in interval],
        }
    return found


def _handed_off(readings: Readings) -> NDArray[Any]:
    return (readings.outcomes() == HANDED_OFF).astype(float)


def _expected_wrong(readings: Readings) -> NDArray[Any]:
    return np.where(readings.outcomes() == ANSWERED, 1 - readings.sure, 0.0)


def threshold_table(readings: Readings, days: float | None) -> list[dict[str, Any]]:
    """What each threshold would make of the messages, as shares; ``wrong_share`` is that of the
    answered."""
    size = len(readings.first)
    if not size:
        return []
    table: list[dict[str, Any]] = []
    for threshold in sorted({*THRESHOLDS, round(readings.answer, 4)}):
        outcomes = readings.outcomes(threshold)
        answered = outcomes == ANSWERED
        wrong = float((1 - readings.sure[answered]).sum())
        table.append(
            {
                "threshold": threshold,
                "answered": round(float(answered.mean()), 4),
                "asked": round(float((outcomes == ASKED).mean()), 4),
                "handed_off": round(float((outcomes == HANDED_OFF).mean()), 4),
                "wrong_share": round(wrong / max(int(answered.sum()), 1), 4),
                "wrong_per_day": round(wrong / days, 1) if days else None,
            }
        )
    return table
