from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu_engine.normalizer import normalize


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ＫＦ２０２６", "kf2026"),
        ("我的訂單還沒發貨", "我的订单还没发货"),
        ("  在吗 　 在吗\t", "在吗 在吗"),
        ("快点！！！！！", "快点!!"),
        ("1111111", "1111111"),
        ("138****1234", "138****1234"),
        ("你\u200b好\ufeff", "你好"),
        ("已经发货了", "已经发货了"),
        ("\u200b", ""),
        ("", ""),
    ],
)
def test_the_normal_form(raw: str, normal: str) -> None:
    assert normalize(raw).text == normal


@pytest.mark.parametrize(
    ("raw", "part", "expected"),
    [
        ("  訂單：ＫＦ１２３  吧", "kf123", "ＫＦ１２３"),
        ("快！！！！！订单12 3", "订单", "订单"),
        ("…订单", "订单", "订单"),
        ("\u200b订\u200b单", "订单", "订\u200b单"),
    ],
)
def test_a_span_leads_back_to_the_raw_text(raw: str, part: str, expected: str) -> None:
    normal = normalize(raw)
    start = normal.text.index(part)
    first, last = normal.raw_span(start, start + len(part))
    assert raw[first:last] == expected


@given(st.text(max_size=60))
def test_every_character_has_an_origin_and_the_form_is_stable(raw: str) -> None:
    normal = normalize(raw)
    for i in range(len(normal.text)):
        start, end = normal.raw_span(i, i + 1)
        assert 0 <= start < end <= len(raw)
    assert normalize(normal.text).text == normal.text
