from __future__ import annotations

import time
from pathlib import Path

import pytest

from kefu.trainer.checks import check_all, check_text, refused
from kefu.trainer.corpus import Corpus
from kefu.trainer.word_cuts import WordCutter
from tests.trainer_project import write_project


@pytest.fixture(scope="session")
def jieba_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jieba")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_project(tmp_path)


@pytest.fixture
def corpus(folder: Path) -> Corpus:
    corpus = Corpus(folder)
    corpus.refresh()
    return corpus


@pytest.fixture
def cutter(folder: Path, jieba_cache: Path) -> WordCutter:
    return WordCutter(folder, jieba_cache)


@pytest.mark.parametrize(
    ("text", "intent", "kind"),
    [
        ("訂單查詢", "order_status", "duplicate"),
        ("订　单查询", "order_status", "near_duplicate"),
        ("ＨＥＬＬＯ", "greet", "duplicate"),
        ("订单查询", "invoice", "two_intents"),
        ("我的订单20260811001现在到哪里了呀", "order_status", "near_duplicate"),
        ("订单 2026081100 到哪", "order_status", None),
        ("我的身份证是11010519491231002X", "inform", "personal_data"),
        ("打13912345678找我", "inform", "personal_data"),
        ("能不能开增值税专用发票呀", "invoice", "too_near_eval"),
        ("电子发票抬头能写个人吗", "invoice", None),
        ("   ", "invoice", None),
    ],
)
def test_a_text_is_judged_as_it_is_typed(
    corpus: Corpus, text: str, intent: str, kind: str | None
) -> None:
    found = check_text(corpus, None, text, intent)
    assert [finding.kind for finding in found] == ([kind] if kind else [])
    assert refused(found) == found
    assert all(finding.hint for finding in found)


def test_a_replaced_utterance_is_no_twin_of_itself(corpus: Corpus) -> None:
    [twin] = corpus.same("订单查询")
    assert check_text(corpus, None, "訂單查詢", "order_status", instead_of=[twin.number]) == []


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("顺丰到哪了", [("顺丰", "顺丰到")]),
        ("手机号换了", []),
        ("帮我看看[查件](service)", []),
        ("今天吃什么", []),
    ],
)
def test_a_cut_through_an_entity_is_found(
    corpus: Corpus, cutter: WordCutter, text: str, cut: list[tuple[str, str]]
) -> None:
    found = [f for f in check_text(corpus, cutter, text, "track_logistics") if f.kind == "word_cut"]
    assert [(f.other, cutter.cut(text)[0]) for f in found] == cut
    assert refused(found) == []
    assert all(f"把「{f.other}」加入词典" in f.hint for f in found)


def test_the_suggested_word_mends_the_cut(folder: Path, cutter: WordCutter) -> None:
    assert cutter.crossings("顺丰到哪了")
    (folder / "data/dictionary/words.txt").write_text("待发货\n顺丰\n", encoding="utf-8")
    assert cutter.crossings("顺丰到哪了") == []
    assert cutter.cut("顺丰到哪了")[0] == "顺丰"


def test_an_annotated_entity_counts_though_no_file_lists_it(cutter: WordCutter) -> None:
    assert cutter.crossings("[待发](state)货的单子") == [("待发", "待发货")]


def test_the_whole_data_is_judged(folder: Path, corpus: Corpus, cutter: WordCutter) -> None:
    file = folder / "data/nlu/orders.yml"
    more = (
        "\n- intent: invoice\n  examples: |\n    - 订单查询\n    - 顺丰到哪了\n"
        "    - 我的订单20261111999现在到哪里了呀\n    - 打13912345678找我\n"
        "    - 能不能开增值税专用发票呀\n"
    )
    file.write_text(file.read_text("utf-8") + more, encoding="utf-8")
    (folder / "data/nlu/broken.yml").write_text("nlu: [", encoding="utf-8")
    corpus.refresh()
    found = check_all(corpus, cutter)
    kinds = {finding.kind for finding in found}
    assert kinds == {
        "two_intents", "near_duplicate", "personal_data", "too_near_eval", "thin_intent",
        "word_cut", "file_broken",
    }  # fmt: skip
    [near] = [finding for finding in found if finding.kind == "near_duplicate"]
    assert (near.file, near.intent) == ("data/nlu/orders.yml", "invoice")
    assert "20261111999" in near.text
    assert "20260933777" in near.other


def test_only_what_changed_is_read_again(folder: Path, corpus: Corpus) -> None:
    before = {each.text: each.number for each in corpus.utterances()}
    file = folder / "data/nlu/orders.yml"
    file.write_text(file.read_text("utf-8").replace("查单", "查一下单"), encoding="utf-8")
    corpus.refresh()
    after = {each.text: each.number for each in corpus.utterances()}
    assert set(after) - set(before) == {"查一下单"}
    assert all(after[text] == before[text] for text in set(after) & set(before))
    assert corpus.same("查单") == []
    file.unlink()
    corpus.refresh()
    assert corpus.same("订单查询") == []


def test_checking_as_one_types_is_quick(tmp_path: Path) -> None:
    write_project(tmp_path)
    lines = "".join(
        f"    - 这是第{i * 7919 % 15000}句{i}话里的不同内容{i % 613}\n" for i in range(15_000)
    )
    many = f"nlu:\n- intent: many\n  examples: |\n{lines}"
    (tmp_path / "data/nlu/many.yml").write_text(many, encoding="utf-8")
    corpus = Corpus(tmp_path)
    corpus.refresh()
    assert len(corpus.utterances()) > 15_000
    started = time.perf_counter()
    for i in range(20):
        check_text(corpus, None, f"这是第{i}句话里的不同内容{i}", "many")
    assert (time.perf_counter() - started) / 20 < 0.05
