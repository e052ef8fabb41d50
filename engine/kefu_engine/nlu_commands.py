"""What the commands ``evaluate`` and ``parse`` do: judge the understanding, or question it."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Any

from kefu_engine.evaluation import evaluate
from kefu_engine.explanation import explain_text
from kefu_engine.labelled import read_rows
from kefu_engine.metrics import summary
from kefu_engine.model import Model, load
from kefu_engine.processor import parse
from kefu_engine.turn import described_parse


def run_evaluate(archive: Path, file: Path, *, as_json: bool, report: Path | None) -> int:
    """Prints the figures of the model in ``archive`` on ``file``; with ``report`` writes a folder.

    Raises ``EvaluationFileInvalid``, ``ModelUnsuitable``.
    """
    # Stdout is the result's alone, whatever Rasa or a library has to say.
    with contextlib.redirect_stdout(sys.stderr):
        judged = evaluate(load(archive), read_rows(file))
        result = summary(judged)
        # Imported late: drawing takes longer to load than a model does.
        from kefu_engine.report import as_text, write_report

        if report:
            write_report(report, result, judged, file.name)
            sys.stderr.write(f"报告已写入 {report / 'report.md'}\n")
    _print(json.dumps(result, ensure_ascii=False, indent=2) if as_json else as_text(result))
    return 0


def run_parse(archive: Path, text: str, *, as_json: bool) -> int:
    """Prints intent, confidence, ranking, entities, tokens and explanation of one message.

    Raises ``ModelUnsuitable``.
    """
    with contextlib.redirect_stdout(sys.stderr):
        model = load(archive)
        found = parse(model, text, {})
        described = {
            **described_parse(text, found),
            "confidence": found["intent"]["confidence"],
            "out_of_scope_score": found.get("out_of_scope_score"),
            "explanation": _explanation(model, text),
        }
    _print(json.dumps(described, ensure_ascii=False, indent=2) if as_json else _told(described))
    return 0


def _explanation(model: Model, text: str) -> dict[str, Any] | None:
    """Null for a model whose classifier is not ours."""
    try:
        return explain_text(model, text).as_dict()
    except LookupError:
        return None


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


def _told(described: dict[str, Any]) -> str:
    """The parse for people."""
    ranking = [f"{i['name']} {i['confidence']:.3f}" for i in described["intent_ranking"]]
    entities = [f"{e['entity']}={e['value']}" for e in described["entities"]]
    lines = [
        f"意图      {described['intent']['name']}（{described['confidence']:.3f}）",
        f"排名      {'，'.join(ranking)}",
        f"实体      {'，'.join(entities) or '无'}",
        f"分词      {' / '.join(described['tokens'])}",
    ]
    if explanation := described["explanation"]:
        evidence = [f"{e['text']}({e['weight']:+.2f})" for e in explanation["evidence"]]
        lines += [f"依据      {explanation['intent']}：{'，'.join(evidence) or '无'}", "最近例句"]
        lines += [
            f"  {n['similarity']:.2f}  {n['intent']}  {n['text']}"
            for n in explanation["neighbours"]
        ]
    return "\n".join(lines)
