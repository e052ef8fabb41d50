"""The pairs of characters by which products are found."""

from __future__ import annotations

import pytest

from kefu.shop.product_search import pairs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", set()),
        ("！？ ", set()),
        ("杯", {"杯"}),
        ("保温杯", {"保温", "温杯"}),
        ("T恤 白", {"t恤", "白"}),
        ("Ｔ恤", {"t恤"}),
        ("《三体》全集", {"三体", "全集"}),
        ("65W", {"65", "5w"}),
        ("100%_棉", {"10", "00", "棉"}),
    ],
)
def test_pairs(text: str, found: set[str]):
    assert pairs(text) == found
