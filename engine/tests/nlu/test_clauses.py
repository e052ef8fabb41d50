"""Where a message is cut into clauses, and where it must not be."""

from __future__ import annotations

import pytest

from kefu_engine.clauses import Clause, clauses
from kefu_engine.normalizer import normalize


def cut(text: str, *entities: str) -> list[Clause]:
    spans = [(text.index(each), text.index(each) + len(each)) for each in entities]
    return clauses(normalize(text), spans)


def texts(text: str, *entities: str) -> list[str]:
    return [text[each.start : each.end] for each in cut(text, *entities)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("查物流", ["查物流"]),
        ("帮我查下物流，另外发票怎么开", ["帮我查下物流", "发票怎么开"]),
        ("地址填错了想改一下 还有那个优惠券用不了", ["地址填错了想改一下", "那个优惠券用不了"]),
        ("帮我查下物流顺便开张发票", ["帮我查下物流", "开张发票"]),
        ("先查物流，然后开发票", ["先查物流", "开发票"]),
        ("到哪了？？？发票呢！", ["到哪了", "发票呢"]),
        ("到哪了\n再问下怎么换", ["到哪了", "下怎么换"]),
        ("啊，查物流", ["查物流"]),
        ("另外发票怎么开", ["发票怎么开"]),
        ("，，。", []),
    ],
)
def test_signs_blanks_and_connectives_part_clauses(text: str, pieces: list[str]) -> None:
    assert texts(text) == pieces


@pytest.mark.parametrize(
    "text",
    ["这件还有货吗", "快递还有多久到", "一共1,299.50元", "对了没有", "2026.11.08买的"],
)
def test_what_only_looks_like_a_cut_is_none(text: str) -> None:
    assert texts(text) == [text]


def test_an_entity_is_never_cut() -> None:
    text = "订单KF 2026 1108到哪了，另外发票怎么开"
    assert texts(text, "KF 2026 1108") == ["订单KF 2026 1108到哪了", "发票怎么开"]
    assert texts(text) == ["订单KF", "2026", "1108到哪了", "发票怎么开"]


def test_spans_lead_back_to_what_was_typed() -> None:
    text = "查  物流！！！！！，另外  發票怎麼開？"
    assert texts(text)[-1] == "發票怎麼開"


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("怎么开发票", True),
        ("能开发票吗", True),
        ("发票能开不", True),
        ("帮我开张发票", True),
        ("我要退货", True),
        ("还没到？", True),
        ("把电话改成新的", True),
        ("收到就碎了", False),
        ("我不要了", False),
        ("不想要了", False),
        ("血糖高不能吃", False),
        ("昨天签收的", False),
    ],
)
def test_asking_and_telling_are_told_apart(text: str, asks: bool) -> None:
    assert cut(text)[0].asks is asks


def test_only_what_a_connective_opens_turns_to_something_new() -> None:
    assert [each.turns for each in cut("查物流，开发票，另外退款呢，还有，换货怎么换")] == [
        False,
        False,
        True,
        True,
    ]
