"""Judging a trained model on a file of labelled messages.

The file has a header line ``text<TAB>label<TAB>source``; ``label`` is ``a`` or ``a|b`` (either is
right), ``source`` is optional.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from kefu_engine.errors import EngineError
from kefu_engine.metrics import OUT_OF_SCOPE, Judgement
from kefu_engine.model import Model
from kefu_engine.processor import parse

FALLBACK = "nlu_fallback"
_WARM_UP = 20


class EvaluationFileInvalid(EngineError):
    """The file is not a table of labelled messages; the detail names the line."""

    code: ClassVar[str] = "evaluation_file_invalid"
    title: ClassVar[str] = "评测文件格式不正确。"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A row of the file."""

    text: str
    labels: tuple[str, ...]
    source: str


def read_rows(path: Path) -> list[LabelledText]:
    """The rows of an evaluation file. Raises ``EvaluationFileInvalid``."""
    try:
        # Not splitlines(): a message may hold one of the rarer line separators.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationFileInvalid(f"{path}: {error}") from error
    if lines[0].rstrip("\r").split("\t")[:2] != ["text", "label"]:
        raise EvaluationFileInvalid(f"{path}: the first line must be text<TAB>label[<TAB>source]")
    rows: list[LabelledText] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        labels = tuple(label for label in cells[1].split("|") if label) if len(cells) > 1 else ()
        if not cells[0] or not labels:
            raise EvaluationFileInvalid(f"{path}: line {number} has no text or no label")
        rows.append(LabelledText(cells[0], labels, cells[2] if len(cells) > 2 else ""))
    return rows


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
