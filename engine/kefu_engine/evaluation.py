"""``python -m kefu_engine.evaluation FILE [--model M] [--json] [--report DIR]``.

Judges a trained model on a file of labelled messages: ``text<TAB>label<TAB>source`` under a header
line, ``label`` being ``a`` or ``a|b`` (either is right), ``source`` optional.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu_engine.metrics import OUT_OF_SCOPE, Judgement, summary
from kefu_engine.model import Model, load
from kefu_engine.processor import parse

FALLBACK = "nlu_fallback"
_NAMES = {
    "rows": "消息数", "accuracy": "准确率（全部）", "accuracy_in_scope": "准确率（业务内）",
    "top3_in_scope": "前三命中率（业务内）", "macro_f1": "宏平均 F1", "aurc": "风险覆盖曲线下面积",
    "coverage_at_p90": "九成准确时的覆盖率", "coverage_at_p95": "九成五准确时的覆盖率",
    "oos_recall_at_5": "拒识率（误拒 5%）", "oos_recall_at_10": "拒识率（误拒 10%）",
    "ece": "校准误差", "us_per_message": "每条耗时（微秒，中位数）",
}  # fmt: skip


class EvaluationFileInvalid(ValueError):
    """The file is not a table of labelled messages; the message names the line."""


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A row of the file."""

    text: str
    labels: tuple[str, ...]
    source: str


def read_rows(path: Path) -> list[LabelledText]:
    """The rows of an evaluation file. Raises ``EvaluationFileInvalid``."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    if not lines or lines[0].split("\t")[:2] != ["text", "label"]:
        raise EvaluationFileInvalid(f"{path}: the first line must be text<TAB>label[<TAB>source]")
    rows: list[LabelledText] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t")
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
    for row in rows[:20]:
        parse(model, row.text, {})
    judged: list[Judgement] = []
    for row in rows:
        started = time.perf_counter_ns()
        parsed = parse(model, row.text, {})
        judged.append(judge(row, parsed, (time.perf_counter_ns() - started) / 1000))
    return judged


def confusions(rows: Sequence[Judgement]) -> list[tuple[str, str, int]]:
    """Wrong answers as (primary label, answered intent, count), most frequent first."""
    pairs = Counter((r.labels[0], (r.ranking or ("",))[0]) for r in rows if not r.right)
    return [(label, guess, count) for (label, guess), count in pairs.most_common()]


def newest_model(folder: Path = Path("models")) -> Path:
    """The archive trained last, by its card. Raises ``FileNotFoundError``."""
    cards = [json.loads(p.read_text(encoding="utf-8")) for p in folder.glob("*.json")]
    known = [c for c in cards if (folder / f"{c.get('sha256')}.tar.gz").is_file()]
    if not known:
        raise FileNotFoundError(f"no trained model in {folder}")
    return folder / f"{max(known, key=lambda c: c['trained_at'])['sha256']}.tar.gz"


def as_text(result: dict[str, Any]) -> str:
    """The figures as a table in Chinese, a column for each source."""
    columns = {"全部": result, **result["sources"]}
    lines = ["\t".join(["指标", *columns])]
    for key, name in _NAMES.items():
        cells = ["—" if c[key] is None else f"{c[key]:g}" for c in columns.values()]
        lines.append("\t".join([name, *cells]))
    return "\n".join(lines)


def write_report(folder: Path, result: dict[str, Any], judged: Sequence[Judgement]) -> None:
    """``figures.json``, the table as text and the confused pairs into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(result, ensure_ascii=False, indent=2)
    (folder / "figures.json").write_text(document + "\n", encoding="utf-8")
    pairs = "\n".join(f"{c}\t{label}\t{guess}" for label, guess, c in confusions(judged))
    text = f"{as_text(result)}\n\n次数\t应为\t误判为\n{pairs}\n"
    (folder / "report.txt").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures; with ``--json`` nothing but the JSON document."""
    parser = argparse.ArgumentParser(prog="python -m kefu_engine.evaluation", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, help="archive; the one trained last if left out")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--report", type=Path, help="folder for the report")
    options = parser.parse_args(arguments)
    rows = read_rows(options.file)
    judged = evaluate(load(options.model or newest_model()), rows)
    result = summary(judged)
    if options.report:
        write_report(options.report, result, judged)
    text = json.dumps(result, ensure_ascii=False, indent=2) if options.json else as_text(result)
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
