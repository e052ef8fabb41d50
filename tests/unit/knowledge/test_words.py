"""Cutting text: the same words as with jieba's whole dictionary, at a fraction of its size."""

from __future__ import annotations

from pathlib import Path

import jieba
import pytest

from kefu.knowledge.words import Cutter

TEXT = "签收后七天内可以无理由退货，运费险会赔付退回的运费。支付宝退款1至3个工作日到账。"


@pytest.fixture
def cutter(tmp_path: Path) -> Cutter:
    return Cutter(TEXT, tmp_path)


def test_articles_are_cut_as_with_the_whole_dictionary(tmp_path: Path) -> None:
    articles = [path.read_text("utf-8") for path in sorted(Path("data/knowledge").rglob("*.md"))]
    assert articles
    kept = Cutter("\n".join(articles), tmp_path)._jieba
    whole = jieba.Tokenizer()
    whole.tmp_dir = str(tmp_path)
    whole.initialize()
    for text in articles[:20]:
        assert list(kept.cut(text.lower(), HMM=False)) == list(whole.cut(text.lower(), HMM=False))
    assert len(kept.FREQ) < len(whole.FREQ) / 10


def test_jiebas_global_tokenizer_and_folder_stay_untouched(cutter: Cutter, tmp_path: Path) -> None:
    assert not jieba.dt.initialized
    assert {path.suffix for path in tmp_path.iterdir()} == {".txt", ".cache"}


def test_the_kept_words_are_used_again_and_change_with_the_articles(tmp_path: Path) -> None:
    Cutter(TEXT, tmp_path)
    (first,) = tmp_path.glob("words-*.txt")
    written = first.stat().st_mtime_ns
    Cutter(TEXT, tmp_path)
    assert first.stat().st_mtime_ns == written
    Cutter(TEXT + "发票", tmp_path)
    assert len(list(tmp_path.glob("words-*.txt"))) == 2


def test_terms_are_words_and_pairs_without_empty_words(cutter: Cutter) -> None:
    terms = cutter.terms("我想问一下支付宝的退款")
    assert {"支付宝", "支付", "退款", "_付宝", "_退款"} <= set(terms)
    assert not {"我", "想", "的", "_的退"} & set(terms)


def test_a_lone_character_is_asked_only_where_nothing_stands_beside_it(cutter: Cutter) -> None:
    assert cutter.asked("钱呢") == ["钱"]
    assert "魑" not in cutter.asked("魑魅退货")
    assert cutter.asked("？？") == []
