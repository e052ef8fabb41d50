from __future__ import annotations

from pathlib import Path

import pytest

from kefu_engine.evaluation import (
    EvaluationFileInvalid,
    LabelledText,
    as_text,
    judge,
    read_rows,
    write_report,
)
from kefu_engine.metrics import summary


def test_rows_with_and_without_a_source(tmp_path: Path) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text(
        "text\tlabel\tsource\n在吗\turge_reply|greet\ts\n发票\tinvoice\n", encoding="utf-8"
    )
    assert read_rows(file) == [
        LabelledText("在吗", ("urge_reply", "greet"), "s"),
        LabelledText("发票", ("invoice",), ""),
    ]


@pytest.mark.parametrize(
    "content", ["", "发票\tinvoice\n", "text\tlabel\n发票\n", "text\tlabel\n\tx\n"]
)
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationFileInvalid):
        read_rows(file)


def test_the_answer_of_an_unsure_model_is_its_best_intent() -> None:
    ranking = [
        {"name": "nlu_fallback", "confidence": 0.6},
        {"name": "out_of_scope", "confidence": 0.4},
        {"name": "invoice", "confidence": 0.2},
    ]
    judged = judge(LabelledText("x", ("invoice",), ""), {"intent_ranking": ranking}, 1.0)
    assert judged.ranking == ("out_of_scope", "invoice")
    assert judged.confidence == 0.4
    assert judged.in_scope == 0.2


def test_a_report_names_figures_and_confusions(tmp_path: Path) -> None:
    parsed = {"intent_ranking": [{"name": "invoice", "confidence": 0.7}]}
    judged = [judge(LabelledText("x", ("order_status",), "shop"), parsed, 5.0)]
    result = summary(judged)
    write_report(tmp_path / "report", result, judged)
    assert "1\torder_status\tinvoice" in (tmp_path / "report/report.txt").read_text("utf-8")
    assert "准确率" in as_text(result)
