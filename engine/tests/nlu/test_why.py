"""A bare why, and questions that only begin like one."""

from __future__ import annotations

import time

import pytest

from kefu_engine.why import is_bare_why


@pytest.mark.parametrize(
    "text",
    [
        "为什么", "为什么？", "为啥不行", "凭什么！", "凭什么呀", "那为什么", "到底为什么啊",
        "为什么不能呢", "啊？为什么", "什么原因", "理由呢", "你们凭什么", "怎么会这样",
        "为什么？？凭什么？", "凭什么，给我个说法", "為什麼", "為啥不讓",
    ],
)  # fmt: skip
def test_a_why_without_a_subject_is_bare(text: str) -> None:
    assert is_bare_why(text)


@pytest.mark.parametrize(
    "text",
    [
        "为什么还没发货", "为什么我的券用不了", "怎么办", "怎么", "怎么了", "什么", "退货",
        "凭什么扣我钱", "退货原因是不喜欢", "理由是质量问题", "为什么要订单号", "",
    ],
)  # fmt: skip
def test_a_why_with_a_subject_of_its_own_is_a_question(text: str) -> None:
    assert not is_bare_why(text)
    assert not is_bare_why(text, refused=True)


@pytest.mark.parametrize(
    "text", ["为什么不能退", "为啥不给退", "怎么就不能改了", "怎么回事", "凭什么不让取消"]
)
def test_what_was_just_refused_may_be_named(text: str) -> None:
    assert is_bare_why(text, refused=True)
    assert not is_bare_why(text)


def test_a_long_message_costs_nothing() -> None:
    started = time.perf_counter()
    assert not is_bare_why("为什么" * 20_000, refused=True)
    assert time.perf_counter() - started < 0.5
