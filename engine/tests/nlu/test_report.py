from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kefu_engine.metrics import Judgement, summary
from kefu_engine.report import as_text, write_report

JUDGED = [
    Judgement(("order_status",), ("track_logistics", "order_status"), 0.7, 0.7, "shop", 5.0),
    Judgement(("order_status",), ("track_logistics",), 0.6, 0.6, "shop", 5.0),
    Judgement(("invoice",), ("invoice",), 0.9, 0.9, "wallet", 5.0),
    Judgement(("out_of_scope",), ("invoice",), 0.4, 0.4, "wallet", 5.0),
]


def test_the_report_has_figures_confusions_and_charts(tmp_path: Path) -> None:
    write_report(tmp_path / "report", summary(JUDGED), JUDGED, "rows.tsv")
    text = (tmp_path / "report/report.md").read_text("utf-8")
    assert "| 准确率（全部） | 0.25 | 0 | 0.5 |" in text
    assert "| order_status | track_logistics | 2 |" in text
    for name, said in (
        ("confusions", "order_status"),
        ("reliability", "置信度"),
        ("risk_coverage", "覆盖率"),
    ):
        assert f"({name}.svg)" in text
        drawn = ElementTree.parse(tmp_path / f"report/{name}.svg")
        assert said in "".join(drawn.getroot().itertext())
    assert json.loads((tmp_path / "report/figures.json").read_text("utf-8"))["rows"] == 4


@pytest.mark.parametrize("judged", [[], JUDGED[2:3]])
def test_a_report_without_errors_or_without_rows(tmp_path: Path, judged: list[Judgement]) -> None:
    write_report(tmp_path, summary(judged), judged, "rows.tsv")
    text = (tmp_path / "report.md").read_text("utf-8")
    assert "混淆" not in text
    assert (tmp_path / "reliability.svg").exists() is bool(judged)


def test_a_figure_that_is_missing_is_a_dash() -> None:
    assert "拒识率（误拒 5%）\t—" in as_text(summary(JUDGED[2:3]))
