from __future__ import annotations

from pathlib import Path

import pytest

from kefu_engine.evaluation import judge
from kefu_engine.labelled import (
    EvaluationFileInvalid,
    LabelledText,
    read_rows,
)


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
