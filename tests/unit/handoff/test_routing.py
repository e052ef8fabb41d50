from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kefu.handoff.routing import group_for, priority, topic
from kefu.profiles import Profile, load_profiles
from kefu.profiles.hours import SHOP_TIME

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=SHOP_TIME)  # a Monday
NIGHT = datetime(2026, 11, 23, 22, 30, tzinfo=SHOP_TIME)
SUNDAY = datetime(2026, 11, 22, 10, 0, tzinfo=SHOP_TIME)


@pytest.fixture(scope="module")
def mall() -> Profile:
    return load_profiles(Path("data/profiles"))["tmall"]


@pytest.fixture(scope="module")
def tp() -> Profile:
    return load_profiles(Path("data/profiles"))["tp"]


@pytest.mark.parametrize(
    ("intents", "about"),
    [
        (["human_agent", "refund_progress", "order_status"], "refund_progress"),
        (["affirm", "not_solved", "invoice"], "invoice"),
        (["complaint", "order_status"], "complaint"),
        ([None, "nlu_fallback", "greet"], None),
        ([], None),
    ],
)
def test_what_a_talk_is_about(intents: list[str | None], about: str | None) -> None:
    assert topic(intents) == about


def test_the_last_topic_before_the_wish_for_a_person_decides(tp: Profile) -> None:
    asked = ["human_agent", "complaint"]
    assert group_for(tp, MORNING, intents=asked, context={}).group == "complaints"
    assert group_for(tp, MORNING, intents=["human_agent"], context={}).group == "agents"


def test_a_closed_group_is_helped_out_by_an_open_one(tp: Profile) -> None:
    # The hotline's hours end at 18:00 and leave the weekend out; the chat's do not.
    assert group_for(tp, SUNDAY, intents=["complaint"], context={}).group == "agents"


def test_where_nobody_is_open_it_stays_with_whose_business_it_is(tp: Profile) -> None:
    assert group_for(tp, NIGHT, intents=["complaint"], context={}).group == "complaints"


def test_a_seller_without_help_keeps_its_talks(mall: Profile) -> None:
    found = group_for(mall, NIGHT, intents=["urge_shipping"], context={}, seller_id="s04")
    assert found.group == "shop-home"


def test_the_brands_after_sale_is_helped_out_by_the_mall(mall: Profile) -> None:
    asked = ["repair_warranty"]
    assert (
        group_for(mall, MORNING, intents=asked, context={}, seller_id="s02").group == "brand-care"
    )
    assert group_for(mall, NIGHT, intents=asked, context={}, seller_id="s02").group == "official"


def test_the_page_may_name_the_seller_and_a_stranger_is_none(mall: Profile) -> None:
    for seller_id, group in (("s01", "shop-clothes"), ("s99", "official")):
        context = {"seller_id": seller_id}
        assert group_for(mall, MORNING, intents=["invoice"], context=context).group == group
    said = group_for(
        mall, MORNING, intents=["invoice"], context={"seller_id": "s01"}, seller_id="s03"
    )
    assert said.group == "shop-fresh"


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        ({}, 0),
        ({"intents": ["human_agent", "order_status"]}, 0),
        ({"intents": ["human_agent", "fraud_report"]}, 2),
        ({"in_distress": True}, 2),
        ({"intents": ["complaint"]}, 1),
        ({"reason": "not_solved"}, 1),
        ({"reason": "action_failed"}, 1),
        ({"sentiment": "angry"}, 1),
        ({"sentiment": "impatient"}, 0),
        ({"member_level": "钻石会员"}, 1),
        ({"member_level": "金卡会员"}, 0),
        ({"member_level": "没有的等级"}, 0),
    ],
)
def test_how_soon_somebody_is_served(tp: Profile, situation: dict[str, Any], expected: int) -> None:
    usual: dict[str, Any] = {
        "reason": "requested",
        "intents": [],
        "sentiment": "calm",
        "in_distress": False,
        "member_level": None,
    }
    assert priority(tp, **(usual | situation)) == expected
