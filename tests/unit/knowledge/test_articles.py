"""Reading article files: every mistake is named with its file and line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kefu.knowledge import ArticleNotFound, KnowledgeInvalid, Library
from tests.unit.knowledge.conftest import Write, profile

Load = Callable[..., Library]

TEXT = "退款会原路退回。\n"


@pytest.mark.parametrize(
    ("content", "line", "english", "chinese"),
    [
        ("退款会原路退回。\n", 1, "no front matter", "开头缺少"),
        ("---\ntopic: 售后\n---\n退款。\n", 1, "title", "title 缺少"),
        ("---\ntopic: 售后\ntitle: ''\n---\n退款。\n", 3, "title", "title 缺少"),
        ("---\ntitle: 退款\ntopic: 售后\ncolour: red\n---\n退款。\n", 4, "colour", "colour"),
        ("---\ntitle: [退款\ntopic: 售后\n---\n退款。\n", 3, "not YAML", "不是正确的 YAML"),
        (
            "---\ntitle: 退款\ntopic: 售后\nintents: [refunds]\n---\n退款。\n",
            4,
            "unknown intent 'refunds'",
            "没有名为 refunds 的意图",
        ),
        (
            "---\ntitle: 退款\ntopic: 售后\nprofiles: [bank]\n---\n退款。\n",
            4,
            "'bank' is no profile",
            "没有名为 bank 的店铺配置",
        ),
        ("---\ntitle: 退款\ntopic: 售后\n---\n\n \n", 5, "neither text nor", "正文是空的"),
        ("---\ntitle: 退款\ntopic: 售后\n---\n退款。\n\n## 到账\n", 7, "'到账' is empty", "是空的"),
        ("---\ntitle: 退款\ntopic: 售后\n---\n退款。\n\n# 到账\n\n退。\n", 7, "# heading", "从 ##"),
        (
            "---\ntitle: 退款\ntopic: 售后\n---\n退款。\n\n要{refund_weeks}周。\n",
            7,
            "'shop' has no value for {refund_weeks}",
            "shop 没有 {refund_weeks} 这个值",
        ),
        (
            "---\ntitle: 退款\ntopic: 售后\n---\n见[这里]({links.refunds})。\n",
            5,
            "has no value for {links.refunds}",
            "{links.refunds}",
        ),
        (
            "---\ntitle: 退款\ntopic: 售后\n---\n退款。\n\n[点](javascript:alert(1))\n",
            7,
            "not allowed",
            "不允许的链接",
        ),
        (
            "---\ntitle: 退款\ntopic: 售后\n---\n![图](https://a.example/b.png)\n",
            5,
            "picture",
            "图片",
        ),
        ("---\ntitle: 退款\ntopic: 售后\n---\n见[换货](exchange)。\n", 5, "no article", "没有链接"),
        (
            "---\ntitle: 退款\ntopic: 售后\n---\n见[换货](/help/bank/refunds)。\n",
            5,
            "no article",
            "没有链接",
        ),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    knowledge: Path, load: Load, content: str, line: int, english: str, chinese: str
) -> None:
    knowledge.mkdir()
    path = knowledge / "refunds.md"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KnowledgeInvalid) as caught:
        load()
    first = caught.value.faults[0]
    assert (first.path, first.line) == (path, line)
    assert english in first.english
    assert chinese in first.chinese
    assert f"{path}:{line}: " in caught.value.detail
    assert f"{path} 第 {line} 行" in caught.value.sentence


def test_all_mistakes_are_named_at_once(write: Write, load: Load) -> None:
    write("a", TEXT, head="intents: [refunds]\n")
    write("b", "{nothing}\n")
    with pytest.raises(KnowledgeInvalid) as caught:
        load()
    assert [each.path.stem for each in caught.value.faults] == ["a", "b", "b"]


@pytest.mark.parametrize("name", ["bank/refunds", "shop/deep/refunds", "Refunds", "退款"])
def test_a_file_lies_where_a_profile_finds_it(write: Write, load: Load, name: str) -> None:
    write(name, TEXT, title="退款")
    with pytest.raises(KnowledgeInvalid):
        load()


def test_two_articles_of_a_profile_differ_in_title(write: Write, load: Load) -> None:
    write("a", TEXT, title="退款多久到账")
    path = write("shop/b", TEXT, title="退款多久到账")
    with pytest.raises(KnowledgeInvalid) as caught:
        load()
    (fault,) = caught.value.faults
    assert (fault.path, fault.line) == (path.parents[1] / "a.md", 2)
    assert str(path) in fault.chinese


def test_an_own_article_replaces_the_shared_one(write: Write, load: Load) -> None:
    write("refunds", TEXT, title="退款多久到账")
    write("shop/refunds", "当天到账。\n", title="本店退款")
    library = load()
    assert library.article("shop", "refunds").title == "本店退款"
    assert library.article("wallet", "refunds").title == "退款多久到账"


def test_a_shared_article_that_names_a_profile_with_its_own_is_a_duplicate(
    write: Write, load: Load
) -> None:
    write("refunds", TEXT, title="退款", head="profiles: [shop]\n")
    write("shop/refunds", TEXT, title="本店退款")
    with pytest.raises(KnowledgeInvalid, match="duplicate slug"):
        load()


def test_a_shared_article_is_only_for_the_profiles_it_names(write: Write, load: Load) -> None:
    write("refunds", TEXT, head="profiles: [shop]\n")
    library = load()
    assert library.article("shop", "refunds").title == "refunds"
    with pytest.raises(ArticleNotFound):
        library.article("wallet", "refunds")
    with pytest.raises(ArticleNotFound):
        library.articles("bank")


def test_placeholders_hold_each_profiles_own_values(write: Write, load: Load) -> None:
    body = (
        "{brand}：{return_days}天内可退，支付宝{refund_days_alipay}到账。"
        "\n\n见[售后]({links.returns})。\n"
    )
    write("returns", body, title="'{brand}的退货'")
    library = load(
        profile("shop", policies={"return_days": 15}, links={"returns": "https://a.example/r"}),
        profile("wallet", links={"returns": "/my/returns"}),
    )
    shop, wallet = library.article("shop", "returns"), library.article("wallet", "returns")
    assert (shop.title, wallet.title) == ("shop商城的退货", "wallet商城的退货")
    assert shop.sections[0].lines[0] == "shop商城：15天内可退，支付宝1 至 3 个工作日到账。"
    assert wallet.sections[0].lines[0].startswith("wallet商城：7天内")
    assert "(https://a.example/r)" in shop.body


def test_what_a_profile_features_must_be_its_own(write: Write, load: Load) -> None:
    write("wallet/refunds", TEXT)
    with pytest.raises(KnowledgeInvalid, match="not among the articles of 'shop'"):
        load(profile("shop", articles=["refunds"]), profile("wallet"))


def test_links_between_articles_resolve(write: Write, load: Load) -> None:
    write(
        "refunds", "见[退货](returns#s1)和[自己](/help/shop/refunds)。\n", head="profiles: [shop]\n"
    )
    write("returns", "## 期限\n\n七天。\n")
    assert load().article("shop", "refunds").slug == "refunds"
