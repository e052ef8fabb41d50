"""A judgement as a report in Chinese: figures, confused pairs, and three charts as SVG."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure

from kefu_engine.metrics import Judgement, by_confidence, confusions

_NAMES = {
    "rows": "消息数", "accuracy": "准确率（全部）", "accuracy_in_scope": "准确率（业务内）",
    "top3_in_scope": "前三命中率（业务内）", "macro_f1": "宏平均 F1", "aurc": "风险覆盖曲线下面积",
    "coverage_at_p90": "九成准确时的覆盖率", "coverage_at_p95": "九成五准确时的覆盖率",
    "oos_recall_at_5": "拒识率（误拒 5%）", "oos_recall_at_10": "拒识率（误拒 10%）",
    "ece": "校准误差", "us_per_message": "每条耗时（微秒，中位数）",
}  # fmt: skip
_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "Noto Sans CJK JP", "Noto Serif CJK SC", "Noto Serif CJK JP",
)  # fmt: skip
_LISTED = 30
_DRAWN = 16
_BINS = 15


def _table(result: dict[str, Any]) -> list[list[str]]:
    columns = {"全部": result, **result["sources"]}
    rows = [["指标", *columns]]
    for key, name in _NAMES.items():
        rows.append([name, *("—" if c[key] is None else f"{c[key]:g}" for c in columns.values())])
    return rows


def as_text(result: dict[str, Any]) -> str:
    """The figures as a table in Chinese, a column for each source, cells parted by tabs."""
    return "\n".join("\t".join(row) for row in _table(result))


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return [head, f"|{'---|' * len(rows[0])}", *body, ""]


def write_report(
    folder: Path, result: dict[str, Any], judged: Sequence[Judgement], title: str
) -> None:
    """``report.md``, its charts and ``figures.json`` into ``folder``. No message is quoted."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps(result, ensure_ascii=False, indent=2)
    (folder / "figures.json").write_text(document + "\n", encoding="utf-8")
    pairs = confusions(judged)
    lines = [f"# 意图识别评测：{title}", "", *_markdown(_table(result))]
    if pairs:
        rows = [["应为", "误判为", "次数"], *([a, b, str(n)] for a, b, n in pairs[:_LISTED])]
        lines += ["## 最常混淆的意图", "", *_markdown(rows)]
    if judged:
        lines += ["## 图表", ""]
        for name, alternative, figure in _charts(judged, pairs):
            _save(figure, folder / f"{name}.svg")
            lines += [f"![{alternative}]({name}.svg)", ""]
    (folder / "report.md").write_text("\n".join(lines), encoding="utf-8")


def _charts(
    judged: Sequence[Judgement], pairs: Sequence[tuple[str, str, int]]
) -> Iterator[tuple[str, str, Figure]]:
    with _chinese_text():
        if pairs:
            yield "confusions", "混淆最多的意图", _confusion_chart(pairs)
        yield "reliability", "置信度是否可信", _reliability_chart(judged)
        yield "risk_coverage", "覆盖率与错误率", _risk_chart(judged)


@contextmanager
def _chinese_text() -> Generator[None]:
    """Text stays text in the SVG, so that it can be read where this machine has no such font."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    fonts = [name for name in _FONTS if name in known]
    with (
        mpl.rc_context({"font.family": [*fonts, "DejaVu Sans"], "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _save(figure: Figure, path: Path) -> None:
    # Without a date the same figures give the same file.
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def _confusion_chart(pairs: Sequence[tuple[str, str, int]]) -> Figure:
    involved: Counter[str] = Counter()
    for label, guess, count in pairs:
        involved.update({label: count, guess: count})
    names = [name for name, _ in involved.most_common(_DRAWN)]
    counts = np.zeros((len(names), len(names)), dtype=int)
    for label, guess, count in pairs:
        if label in names and guess in names:
            counts[names.index(label), names.index(guess)] = count
    figure = Figure(figsize=(2 + 0.45 * len(names), 1.5 + 0.4 * len(names)))
    axes = figure.add_subplot()
    axes.imshow(counts, cmap="Reds")
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right")
    axes.set_yticks(range(len(names)), names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = count > counts.max() / 2
            color = "white" if dark else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=8)
    axes.set_xlabel("误判为")
    axes.set_ylabel("应为")
    axes.set_title("混淆最多的意图（次数）")
    return figure


def _reliability_chart(judged: Sequence[Judgement]) -> Figure:
    right, confidence = by_confidence(judged)
    bins = np.array_split(np.arange(len(judged)), min(_BINS, len(judged)))
    figure = Figure(figsize=(5, 5))
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1, label="完全可信")
    axes.plot(
        [confidence[b].mean() for b in bins],
        [right[b].mean() for b in bins],
        marker="o",
        label="实际（每点消息数相同）",
    )
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="置信度", ylabel="准确率", title="置信度是否可信")
    axes.legend(loc="upper left")
    return figure


def _risk_chart(judged: Sequence[Judgement]) -> Figure:
    right, _ = by_confidence(judged)
    answered = np.arange(1, len(right) + 1)
    figure = Figure(figsize=(6, 4))
    axes = figure.add_subplot()
    axes.plot(answered / len(right), 1 - np.cumsum(right) / answered)
    for risk in (0.05, 0.10):
        axes.axhline(risk, color="grey", linestyle=":", linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, None), xlabel="覆盖率（最有把握的先答）", ylabel="错误率")
    axes.set_title("覆盖率与错误率")
    return figure
