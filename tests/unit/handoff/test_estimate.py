from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.handoff.estimate import PRIOR_SECONDS, Places, Service, rounded, wait

TEAM = Places(slots=12, free=0)
USUAL = Service(chats=100, seconds=100 * 600.0)


def test_with_nobody_there_no_wait_is_promised() -> None:
    assert wait(1, Places(0, 0), USUAL) is None


def test_with_a_free_place_it_is_within_the_minute() -> None:
    assert wait(1, Places(6, 1), USUAL) == (0, 60)
    assert wait(2, Places(6, 1), USUAL) != (0, 60)


def test_before_anything_was_observed_the_prior_speaks_and_the_range_is_wide() -> None:
    new, known = wait(12, TEAM, Service()), wait(12, TEAM, Service(500, 500 * PRIOR_SECONDS))
    assert new
    assert known
    assert new[0] <= known[0]
    assert new[1] > known[1]


def test_unfinished_chats_count_with_the_time_they_have_taken_so_far() -> None:
    only_short = Service(chats=3, seconds=3 * 60.0)
    with_long = Service(chats=3, seconds=3 * 60.0 + 5 * 1800.0)
    assert with_long.mean > only_short.mean


@given(st.integers(1, 200), st.integers(1, 60), st.integers(0, 300), st.floats(30, 3000))
def test_ranges_are_whole_minutes_in_order_and_grow_with_the_place(
    ahead: int, slots: int, chats: int, mean: float
) -> None:
    service = Service(chats, chats * mean)
    ranges = [wait(each, Places(slots, 0), service) for each in (ahead, ahead + 1, ahead + 20)]
    for told in ranges:
        assert told is not None
        assert 0 <= told[0] < told[1]
        assert told[0] % 60 == told[1] % 60 == 0
    for earlier, later in pairwise(each for each in ranges if each):
        assert earlier[1] <= later[1]


@pytest.mark.parametrize("ahead", [1, 4, 15, 60])
def test_nine_waits_in_ten_lie_in_the_range_where_chats_end_at_random(ahead: int) -> None:
    chance = random.Random(ahead)
    told = wait(ahead, TEAM, USUAL)
    assert told
    waits = [
        sum(chance.expovariate(TEAM.slots / USUAL.mean) for _ in range(ahead)) for _ in range(2000)
    ]
    inside = sum(told[0] <= each <= told[1] for each in waits) / len(waits)
    assert inside >= 0.88


def test_rounding_goes_outwards_and_is_coarse_from_twenty_minutes_on() -> None:
    assert rounded(61, 119) == (60, 120)
    assert rounded(0, 5) == (0, 60)
    assert rounded(700, 1130) == (660, 1140)
    assert rounded(1300, 1430) == (1200, 1500)


def test_a_group_that_picks_takes_its_time_even_with_room() -> None:
    assert wait(1, Places(6, 6), USUAL, pick_seconds=90) == (0, 240)
