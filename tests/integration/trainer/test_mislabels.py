"""Likely mislabels from the model that the project's own training made."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.settings import Settings
from kefu.trainer.corpus import Corpus
from kefu.trainer.mislabels import Mislabels

ROOT = Path(__file__).parents[3]


@pytest.fixture
def mislabels(tmp_path: Path) -> Mislabels:
    return Mislabels(Settings(home=tmp_path, secret="s", models_dir=ROOT / "models"))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    corpus = Corpus(ROOT)
    corpus.refresh()
    return corpus


def test_they_are_told_of_standing_utterances_and_asked_for_once(
    mislabels: Mislabels, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = mislabels.findings(corpus)
    assert 20 <= len(found) <= 200
    standing = {(each.file, each.intent, each.text) for each in corpus.utterances()}
    for finding in found:
        assert (finding.file, finding.intent, finding.text) in standing
        assert finding.other_intent != finding.intent
        assert "请确认归属" in finding.hint
    monkeypatch.setenv("KEFU_ENGINE_PYTHON", "/no/such/python")
    assert mislabels.findings(corpus) == found


def test_without_the_engines_python_the_other_checks_go_on(
    mislabels: Mislabels, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_ENGINE_PYTHON", "/no/such/python")
    assert mislabels.findings(corpus) == []


def test_where_nothing_was_trained_there_are_none(tmp_path: Path, corpus: Corpus) -> None:
    none = Mislabels(Settings(home=tmp_path, secret="s", models_dir=tmp_path / "models"))
    assert none.findings(corpus) == []
