"""The frozen test set stays apart from what models are trained on."""

from __future__ import annotations

from pathlib import Path

from kefu_engine.dataset import INTENTS, Utterance
from kefu_engine.frozen import conflicts, read_frozen
from tests.nlu.conftest import ROOT

FILES = sorted((ROOT / "data" / "frozen").glob("*.tsv"))


def test_no_utterance_comes_near_to_a_frozen_row() -> None:
    assert conflicts(FILES, [], ROOT / "data" / "nlu") == []


def test_every_frozen_row_has_a_label_of_ours_and_stands_once() -> None:
    rows = read_frozen(FILES)
    assert len(rows) >= 60
    assert {label for row in rows for label in row.labels} <= set(INTENTS)
    assert len({row.text for row in rows}) == len(rows)


def test_the_guard_sees_equal_and_similar_messages(
    tmp_path: Path, utterances: list[Utterance]
) -> None:
    taken = next(u for u in utterances if len(u.plain) > 14)
    frozen = tmp_path / "rows.tsv"
    frozen.write_text(f"text\tlabel\n{taken.plain}？！\t{taken.intent}\n", encoding="utf-8")
    similar = f"{taken.plain}哦"
    found = conflicts([frozen], [similar, "冰箱里的企鹅昨晚唱了一首歌剧"], ROOT / "data" / "nlu")
    assert [one["text"] for one in found] == [f"{taken.plain}？！", similar]
    assert found[0]["likeness"] == 1.0
    assert found[0]["intent"] == taken.intent
