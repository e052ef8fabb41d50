from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kefu.handoff.groups import reach_of, written
from kefu.profiles import Hours, Profile, load_profiles
from kefu.profiles.hours import SHOP_TIME
from kefu.profiles.overlay import overlaid

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=SHOP_TIME)  # a Monday
SHUT = {"weekly": {"mon-sun": "closed"}}


@pytest.fixture(scope="module")
def mall() -> Profile:
    return load_profiles(Path("data/profiles"))["tmall"]


def test_what_was_not_changed_is_what_the_file_says(mall: Profile) -> None:
    assert overlaid(mall, []) is mall
    for group in mall.groups:
        same = overlaid(mall, [{"group": group.group, **written(mall, group)}])
        kept = same.group(group.group)
        assert kept
        assert written(same, kept) == written(mall, group)


def test_a_group_that_is_shut_is_shut_with_its_seller_and_nobody_else(mall: Profile) -> None:
    changed = overlaid(mall, [{"group": "shop-clothes", "name": "云裳", "hours": SHUT}])
    group = changed.group("shop-clothes")
    assert group
    assert group.name == "云裳"
    assert not changed.hours_of(group).is_open(MORNING)
    open_sellers = [
        each.seller_id for each in changed.sellers if changed.hours_of(each).is_open(MORNING)
    ]
    assert open_sellers == ["s02", "s03", "s04"]
    assert mall.hours_of(mall.groups[1]).is_open(MORNING), "the file's profile is untouched"


def test_a_chat_channel_keeps_the_hours_of_its_group(mall: Profile) -> None:
    changed = overlaid(mall, [{"group": "official", "hours": SHUT}])
    shown = {each.title: changed.hours_of(each).is_open(MORNING) for each in changed.channels}
    assert shown == {"智能客服": True, "官方客服": False, "官方客服电话": True, "帮助中心": True}


def test_a_change_of_a_group_that_is_gone_changes_nothing(mall: Profile) -> None:
    assert overlaid(mall, [{"group": "dissolved", "name": "x", "hours": SHUT}]) is mall


def test_hours_are_written_as_they_were_read() -> None:
    told = {
        "weekly": {"mon-fri": "09:00-12:00, 13:30-18:00", "sat": "closed"},
        "holidays": "10:00-16:00",
        "dates": {"2026-12-31": "closed"},
    }
    assert Hours.model_validate(told).written() == told
    assert Hours.model_validate(Hours.model_validate(told).written()).written() == told


def test_who_helps_out_and_when_comes_from_the_profiles() -> None:
    reached = reach_of(load_profiles(Path("data/profiles")))
    waits = reached["tmall", "brand-care"]
    assert {group: wait.total_seconds() for (_, group), wait in waits.items()} == {
        "brand-care": 0,
        "official": 1800,
    }
