"""How well questions find their articles, and what is done when none fits.

The thresholds leave a little room below the figures in docs/knowledge.md.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from kefu.knowledge import Library
from tests.unit.knowledge.conftest import Write

Load = Callable[..., Library]
Question = dict[str, Any]

QUESTIONS: dict[str, list[Question]] = YAML(typ="safe").load(
    Path(__file__).with_name("questions.yml")
)


def share(flags: list[bool]) -> float:
    return sum(flags) / len(flags)


@pytest.mark.parametrize("part", ["tuning", "held_out"])
def test_questions_find_their_articles(repository: Library, part: str) -> None:
    first: list[bool] = []
    third: list[bool] = []
    for each in QUESTIONS[part]:
        if each["slugs"]:
            found = repository.search(each["profile"], each["ask"], 3)
            right = [passage.slug in each["slugs"] for passage in found]
            first.append(any(right[:1]))
            third.append(any(right))
    assert len(first) >= 30
    assert share(first) >= 0.8
    assert share(third) >= 0.9


@pytest.mark.parametrize("part", ["tuning", "held_out"])
def test_an_answer_is_given_only_where_an_article_fits(repository: Library, part: str) -> None:
    answered: list[bool] = []
    right: list[bool] = []
    refused: list[bool] = []
    for each in QUESTIONS[part]:
        passage = repository.answer(each["profile"], each["ask"])
        if not each["slugs"]:
            refused.append(passage is None)
            continue
        answered.append(passage is not None)
        if passage:
            right.append(passage.slug in each["slugs"])
    assert len(refused) >= 12
    assert share(refused) >= 0.9
    assert share(answered) >= 0.7
    assert share(right) >= 0.85


def test_the_questions_name_articles_that_exist(repository: Library) -> None:
    for each in QUESTIONS["tuning"] + QUESTIONS["held_out"]:
        slugs = {article.slug for article in repository.articles(each["profile"])}
        assert set(each["slugs"]) <= slugs, each["ask"]


@pytest.mark.parametrize(
    "words", ["", "  ", "？！", "的", '"', "a OR b*", "退款 AND (", "\0", "x" * 5000]
)
def test_no_words_break_the_search(repository: Library, words: str) -> None:
    repository.search("demo", words)
    assert repository.answer("demo", words) is None


def test_a_passage_is_the_section_that_answers(write: Write, load: Load) -> None:
    write("refunds", "## 退到哪里\n\n原路退回。\n\n## 多久到账\n\n当天到账。\n", title="退款须知")
    (passage,) = load().search("shop", "退款多久到账")
    assert (passage.title, passage.section, passage.text) == ("退款须知", "多久到账", "当天到账。")
    assert passage.url == "/help/shop/refunds"
    assert passage.link == "/help/shop/refunds#s2"


def test_a_word_that_jieba_does_not_know_is_found_by_its_characters(
    write: Write, load: Load
) -> None:
    write("a", "用青禾豆抵扣现金。\n", title="青禾豆怎么用")
    write("b", "余额可以提现。\n", title="余额怎么提现")
    assert [each.slug for each in load().search("shop", "我的青禾豆呢")] == ["a"]


def test_a_lone_character_finds_where_nothing_else_does(write: Write, load: Load) -> None:
    write("cards", "卡要实名。\n", title="绑卡须知")
    assert [each.slug for each in load().search("shop", "卡绑不上")] == ["cards"]


def test_full_width_and_capital_letters_are_read_as_plain(write: Write, load: Load) -> None:
    write("vip", "VIP有生日礼。\n", title="VIP会员")
    assert [each.slug for each in load().search("shop", "ｖｉｐ")] == ["vip"]


def test_a_profile_finds_its_own_articles_alone(write: Write, load: Load) -> None:
    write("shop/refunds", "商城当天退款。\n", title="商城退款")
    write("wallet/refunds", "钱包次日退款。\n", title="钱包退款")
    library = load()
    assert [each.title for each in library.search("shop", "退款")] == ["商城退款"]
    assert [each.title for each in library.search("wallet", "退款")] == ["钱包退款"]


def test_an_intent_finds_its_own_article_before_the_shared_one(write: Write, load: Load) -> None:
    head = "intents: [refund_progress]\n"
    write("a-refunds", "一般三天。\n", title="退款", head=head)
    write("shop/z-refunds", "本店当天。\n", title="本店退款", head=head)
    library = load()
    passage = library.for_intent("shop", "refund_progress")
    assert passage
    assert (passage.title, passage.text) == ("本店退款", "本店当天。")
    shared = library.for_intent("wallet", "refund_progress")
    assert shared
    assert shared.title == "退款"
    assert library.for_intent("shop", "invoice") is None


def test_an_intent_prefers_the_article_that_names_it_first(write: Write, load: Load) -> None:
    write("a", "甲。\n", title="杂项", head="intents: [invoice, refund_progress]\n")
    write("b", "乙。\n", title="退款", head="intents: [refund_progress]\n")
    passage = load().for_intent("shop", "refund_progress")
    assert passage
    assert passage.title == "退款"


def test_words_choose_among_the_articles_of_an_intent(repository: Library) -> None:
    plain = repository.for_intent("tpwallet", "payment_method", "怎么付款")
    asked = repository.for_intent("tpwallet", "payment_method", "单日限额是多少，收手续费吗")
    assert plain
    assert asked
    assert asked.slug == "limits-and-fees"
    assert asked.slug != plain.slug


def test_threads_search_at_the_same_time(repository: Library) -> None:
    asked = list(QUESTIONS["held_out"]) * 5
    alone = [repository.search(each["profile"], each["ask"], 3) for each in asked]
    with ThreadPoolExecutor(8) as pool:
        together = pool.map(lambda each: repository.search(each["profile"], each["ask"], 3), asked)
        assert list(together) == alone
