"""What a run of chaos prints and writes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.chaos.phases import Outcome
from tests.chaos.stage import PARTS

Json = dict[str, Any]
OTHERS = ("redis", "database", "connection")
HEAD = ("phase", *PARTS, *OTHERS, "messages", "turns", "retried", "to a person", "effects", "s")
HEAD = (*HEAD, "violations")


def cells(outcome: Outcome) -> list[str]:
    figures = outcome.figures
    return [
        outcome.name,
        *(str(outcome.broken[part]) for part in (*PARTS, *OTHERS)),
        *(str(figures.messages), str(figures.turns), str(figures.retried), str(figures.failed)),
        *(str(figures.effects), f"{outcome.seconds:.0f}", str(len(outcome.violations))),
    ]


def total(outcomes: Sequence[Outcome]) -> list[str]:
    """The last row: everything added up."""
    rows = [cells(outcome)[1:] for outcome in outcomes]
    sums = [str(sum(int(row[place]) for row in rows)) for place in range(len(HEAD) - 1)]
    return ["all", *sums]


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown; the columns from desk to connection count what was killed or cut."""
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(cells(outcome)) + " |" for outcome in outcomes]
    return "\n".join([*lines, "| " + " | ".join(total(outcomes)) + " |"])


def kills(outcomes: Sequence[Outcome]) -> int:
    killed = sum((outcome.broken for outcome in outcomes), Counter[str]())
    return sum(killed[part] for part in PARTS)


def violations(outcomes: Sequence[Outcome]) -> list[str]:
    return [f"{each.name}: {text}" for each in outcomes for text in each.violations]


def document(about: Json, outcomes: Sequence[Outcome]) -> Json:
    return {
        **about,
        "kills": kills(outcomes),
        "violations": len(violations(outcomes)),
        "phases": [_phase(outcome) for outcome in outcomes],
    }


def _phase(outcome: Outcome) -> Json:
    return {
        "name": outcome.name,
        "seconds": round(outcome.seconds, 1),
        "broken": dict(outcome.broken),
        "figures": asdict(outcome.figures),
        "violations": outcome.violations,
    }


def write(folder: Path, name: str, about: Json, outcomes: Sequence[Outcome]) -> Path:
    """``NAME.json`` and ``NAME.txt`` in the folder; the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document(about, outcomes), ensure_ascii=False, indent=2))
    facts = "\n".join(f"{key}: {value}" for key, value in about.items())
    text = [facts, table(outcomes), *violations(outcomes)]
    path.with_suffix(".txt").write_text("\n\n".join(text) + "\n")
    return path
