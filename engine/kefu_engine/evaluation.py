"""Judging a trained model on labelled messages."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from kefu_engine.labelled import LabelledText
from kefu_engine.metrics import OUT_OF_SCOPE, Judgement
from kefu_engine.model import Model
from kefu_engine.processor import parse

FALLBACK = "nlu_fallback"
_WARM_UP = 20


def judge(row: LabelledText, parsed: dict[str, Any], microseconds: float) -> Judgement:
    """What a parse is worth on a row.

    The model's answer is its best intent, whether or not it was sure enough to act on it. It is as
    surely in scope as its best intent other than ``out_of_scope`` is probable.
    """
    ranking = [i for i in parsed.get("intent_ranking", []) if i["name"] != FALLBACK]
    inside = [i["confidence"] for i in ranking if i["name"] != OUT_OF_SCOPE]
    return Judgement(
        labels=row.labels,
        ranking=tuple(i["name"] for i in ranking),
        confidence=float(ranking[0]["confidence"]) if ranking else 0.0,
        in_scope=float(max(inside, default=0.0)),
        source=row.source,
        microseconds=microseconds,
    )


def evaluate(model: Model, rows: Sequence[LabelledText]) -> list[Judgement]:
    """Every row parsed by the model's whole language understanding, one at a time."""
    for row in rows[:_WARM_UP]:
        parse(model, row.text, {})
    judged: list[Judgement] = []
    for row in rows:
        started = time.perf_counter_ns()
        parsed = parse(model, row.text, {})
        judged.append(judge(row, parsed, (time.perf_counter_ns() - started) / 1000))
    return judged
