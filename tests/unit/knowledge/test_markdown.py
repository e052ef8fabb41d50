"""Markdown to plain sections and to safe HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.knowledge.library import LONGEST_QUOTE, shorten
from kefu.knowledge.markdown import sections_of, to_html

BODY = """先看**状态**，
再[申请](returns)。

## 怎么申请

1. 打开 `订单`
2. 点「退货」

- 甲
- 乙

| 方式 | 时间 |
| --- | --- |
| 余额 | 立刻 |
"""


def test_sections_are_plain_lines() -> None:
    lead, steps = sections_of(BODY)
    assert (lead.title, lead.anchor, lead.lines) == ("", "", ("先看状态，再申请。",))
    assert (steps.title, steps.anchor) == ("怎么申请", "s1")
    assert steps.lines == (
        "1. 打开 订单",
        "2. 点「退货」",
        "· 甲",
        "· 乙",
        "方式　时间",
        "余额　立刻",
    )


def test_html_has_anchors_and_no_blank_within_chinese() -> None:
    html = to_html(BODY)
    assert '<h2 id="s1">怎么申请</h2>' in html
    assert "，再<a" in html
    assert '<a href="returns">' in html


def test_words_in_latin_letters_stay_apart() -> None:
    assert sections_of("TP\nShop")[0].text == "TP Shop"


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[点](javascript:alert(1))",
        "[点](data:text/html,x)",
        "[点](//evil.example)",
        "<javascript:alert(1)>",
    ],
)
def test_nothing_active_comes_out(markdown: str) -> None:
    html = to_html(markdown)
    assert not any(each in html for each in ("<script", "<img", "href="))


def test_links_to_other_sites_tell_them_nothing() -> None:
    assert 'rel="noopener noreferrer"' in to_html("[银行](https://bank.example/)")


def test_a_quote_ends_with_a_whole_sentence() -> None:
    text = "第一句。" * 30 + "这一句，" * 40 + "。"
    assert shorten(text) == "第一句。" * 30
    assert shorten("短。") == "短。"


def test_one_endless_sentence_is_cut() -> None:
    quoted = shorten("很长，" * 100)
    assert quoted.endswith("，很长…")
    assert LONGEST_QUOTE - 3 <= len(quoted) <= LONGEST_QUOTE
    assert shorten("长" * 300) == "长" * (LONGEST_QUOTE - 1) + "…"


@given(st.text(alphabet="句子。！？\n，1 」", max_size=500))
def test_a_quote_is_a_short_part_from_the_start(text: str) -> None:
    quoted = shorten(text)
    assert len(quoted) <= LONGEST_QUOTE
    assert text.strip().startswith(quoted.removesuffix("…"))
    assert bool(quoted) == bool(text.strip())
