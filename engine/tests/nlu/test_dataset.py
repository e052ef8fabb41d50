from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from kefu_engine.dataset import (
    INTENTS,
    TOO_CLOSE_TO_EVALUATION,
    Utterance,
    counts,
    main,
    near_duplicates,
    overlaps,
    read_utterances,
    shape_of,
    without_duplicates,
)
from kefu_engine.labelled import read_rows

from .conftest import ROOT

FEWEST, FEWEST_IN_ALL = 120, 7000
EVALUATION = ROOT.parent / "shared/eval"


def test_every_intent_has_enough_utterances(utterances: list[Utterance]) -> None:
    counted = counts(utterances)
    assert not {intent: counted[intent] for intent in INTENTS if counted[intent] < FEWEST}
    assert len(utterances) >= FEWEST_IN_ALL


def test_no_text_stands_in_two_intents(utterances: list[Utterance]) -> None:
    intents = defaultdict(set)
    for utterance in utterances:
        intents[shape_of(utterance.plain)].add(utterance.intent)
    assert {text: names for text, names in intents.items() if len(names) > 1} == {}


def test_no_two_utterances_are_nearly_the_same(utterances: list[Utterance]) -> None:
    texts = [u.plain for u in utterances]
    assert [(texts[i], texts[j]) for i, j in near_duplicates(texts)] == []


@pytest.mark.skipif(not EVALUATION.is_dir(), reason="the evaluation rows are not at hand")
def test_no_utterance_comes_near_to_an_evaluation_row(utterances: list[Utterance]) -> None:
    files = sorted(EVALUATION.glob("*.tsv"))
    assert files
    rows = [row.text for file in files for row in read_rows(file)]
    nearest = overlaps([u.plain for u in utterances], rows).max(axis=1).toarray().ravel()
    # The rows are not ours to print.
    assert np.flatnonzero(nearest > TOO_CLOSE_TO_EVALUATION).tolist() == []


def test_every_utterance_names_its_hand(utterances: list[Utterance]) -> None:
    assert Counter(u.hand for u in utterances)["unknown"] == 0


def test_numbers_do_not_make_a_difference() -> None:
    assert near_duplicates(["订单20260811001到哪了", "订单20260933777到哪了"]) == [(0, 1)]
    assert near_duplicates(["订单到哪了呢", "我想退掉这件衣服"]) == []


def test_the_earlier_utterance_stays() -> None:
    kept = [Utterance("invoice", "发票什么时候能开出来呀", "a")]
    added = [
        Utterance("invoice", "发票什么时候能开出来呀！", "b"),
        Utterance("order_status", "发票什么时候能开出来呀", "b"),
        Utterance("thanks", "谢啦老板", "b"),
        Utterance("thanks", "谢啦老板。", "b"),
        Utterance("deny", "这句和评测里的一样长的话", "b"),
    ]
    survivors, dropped = without_duplicates(kept, added, ["这句和评测里的一样长的话"])
    assert [u.text for u in survivors] == ["谢啦老板"]
    assert len(dropped) == 4


def test_merging_twice_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    texts, data = tmp_path / "texts", tmp_path / "nlu"
    texts.mkdir()
    data.mkdir()
    (texts / "greet.txt").write_text("你好呀\n[顺丰](courier)早上好\n\n你好呀\n", encoding="utf-8")
    (texts / "invoice.txt").write_text("发票呢\n", encoding="utf-8")
    arguments = [str(texts), "--hand", "h", "--into", str(data)]
    assert main(arguments) == 0
    first = {p.name: p.read_text("utf-8") for p in data.iterdir()}
    assert main(arguments) == 0
    assert {p.name: p.read_text("utf-8") for p in data.iterdir()} == first
    assert set(first) == {"conversation.yml", "payments.yml"}
    assert [u.plain for u in read_utterances(data)] == ["你好呀", "顺丰早上好", "发票呢"]
    assert "dropped greet" in capsys.readouterr().out


def test_a_file_that_is_no_intent_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no_such_intent.txt").write_text("x\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no_such_intent"):
        main([str(tmp_path), "--hand", "h", "--into", str(tmp_path)])
