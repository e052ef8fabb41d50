"""How well messages are understood: ours beside Rasa's pipelines and plain n-grams, same data.

Every system is trained on the same utterances and judged twice: on a file of real messages, and by
cross-validation that leaves whole hands out. What was measured is kept by system and data under
``--work`` and not measured again; DIET needs many minutes for each training.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from kefu_engine.dataset import INTENTS, Utterance, as_yaml, read_utterances
from kefu_engine.labelled import LabelledText, read_rows
from kefu_engine.linear_model import folds_of
from kefu_engine.metrics import OUT_OF_SCOPE, Judgement, figures

from benchmarks.nlu.systems import ROOT, SYSTEMS

WORKER = Path(__file__).with_name("worker.py")
SHOWN = {
    "accuracy": "accuracy",
    "accuracy_in_scope": "in scope",
    "top3_in_scope": "top 3",
    "coverage_at_p90": "coverage at 90 %",
    "oos_recall_at_10": "out-of-scope recall",
    "ece": "calibration error",
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlu", description=__doc__)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=[*SYSTEMS])
    parser.add_argument("--file", type=Path, help="real messages: text<TAB>label<TAB>source")
    parser.add_argument(
        "--sources", nargs="+", metavar="A,B", default=[], help="groups of sources shown apart"
    )
    parser.add_argument(
        "--per-intent", type=int, default=0, help="a sample of this size for all systems; 0: all"
    )
    parser.add_argument("--folds", type=int, default=0, help="of the cross-validation; 0: none")
    parser.add_argument("--work", type=Path, default=ROOT / ".kefu/bench/nlu")
    options = parser.parse_args(arguments)
    utterances = _sample(read_utterances(ROOT / "data/nlu"), options.per_intent)
    if options.file:
        rows = read_rows(options.file)
        lines = [_on_file(name, utterances, rows, options) for name in options.systems]
        _show(f"{len(utterances)} utterances, judged on {options.file.name}", lines)
    if options.folds:
        lines = [_by_hands(name, utterances, options) for name in options.systems]
        _show(f"cross-validation over {options.folds} folds of whole hands", lines)
    return 0


def _sample(utterances: Sequence[Utterance], per_intent: int) -> list[Utterance]:
    """Evenly spread utterances of each intent, or all of them."""
    if not per_intent:
        return list(utterances)
    taken: list[Utterance] = []
    for intent in dict.fromkeys(u.intent for u in utterances):
        members = [u for u in utterances if u.intent == intent]
        taken += members[:: max(1, len(members) // per_intent)][:per_intent]
    return taken


def _on_file(
    name: str, utterances: Sequence[Utterance], rows: Sequence[LabelledText], options: Any
) -> dict[str, Any]:
    measured = _measure(name, utterances, [row.text for row in rows], options.work)
    judged = _judged(measured, rows)
    line = _line(name, judged, measured)
    for group in options.sources:
        part = figures([j for j in judged if j.source in group.split(",")])
        line[f"{group}: in scope"] = part["accuracy_in_scope"]
        line[f"{group}: top 3"] = part["top3_in_scope"]
    return line


def _by_hands(name: str, utterances: Sequence[Utterance], options: Any) -> dict[str, Any]:
    folds = folds_of([u.intent for u in utterances], [u.hand for u in utterances], options.folds, 7)
    judged: list[Judgement] = []
    measured: dict[str, Any] = {}
    for fold in range(options.folds):
        inside = [u for u, f in zip(utterances, folds, strict=True) if f != fold]
        outside = [u for u, f in zip(utterances, folds, strict=True) if f == fold]
        measured = _measure(name, inside, [u.plain for u in outside], options.work)
        judged += _judged(measured, [LabelledText(u.plain, (u.intent,), u.hand) for u in outside])
    return _line(name, judged, measured)


def _measure(
    name: str, utterances: Iterable[Utterance], texts: Sequence[str], work: Path
) -> dict[str, Any]:
    """The worker's result, measured now or kept from before."""
    data = as_yaml(utterances, INTENTS)
    key = hashlib.sha256(f"{SYSTEMS[name]}{data}{texts}".encode())
    if SYSTEMS[name].ours:
        for path in sorted((ROOT / "engine/kefu_engine").glob("*.py")):
            key.update(path.read_bytes())
    folder = work / f"{name}-{key.hexdigest()[:16]}"
    result = folder / "result.json"
    if not result.is_file():
        (folder / "nlu").mkdir(parents=True, exist_ok=True)
        (folder / "nlu/nlu.yml").write_text(data, "utf-8")
        (folder / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
        draft = folder / "draft.json"
        places = [str(folder / "nlu/nlu.yml"), str(folder / "texts.json"), str(draft)]
        with (folder / "log").open("wb") as log:
            subprocess.run(
                [str(SYSTEMS[name].python), "-W", "ignore", str(WORKER), name, *places],
                stdout=log,
                stderr=log,
                check=True,
            )
        draft.replace(result)
    return json.loads(result.read_text("utf-8"))


def _judged(measured: dict[str, Any], rows: Sequence[LabelledText]) -> list[Judgement]:
    return [
        Judgement(
            labels=row.labels,
            ranking=tuple(name for name, _ in ranking),
            confidence=ranking[0][1],
            in_scope=max((c for name, c in ranking if name != OUT_OF_SCOPE), default=0.0),
            source=row.source,
        )
        for ranking, row in zip(measured["rankings"], rows, strict=True)
    ]


def _line(name: str, judged: Sequence[Judgement], measured: dict[str, Any]) -> dict[str, Any]:
    result = figures(judged)
    return {
        "system": SYSTEMS[name].title,
        **{title: result[key] for key, title in SHOWN.items()},
        "µs a message": round(measured["microseconds"]),
        "training s": measured["seconds"],
        "memory MB": measured["megabytes"],
    }


def _show(title: str, lines: Sequence[dict[str, Any]]) -> None:
    print(f"\n{title}\n")
    print(f"| {' | '.join(lines[0])} |")
    print(f"|{'---|' * len(lines[0])}")
    for line in lines:
        cells = (f"{v:.3f}" if isinstance(v, float) and v <= 1 else str(v) for v in line.values())
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
