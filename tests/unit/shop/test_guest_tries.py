from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kefu.shop.guest import BLOCK, WINDOW, Try, blocked_until, wrong_tries

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def wrong(ago: timedelta) -> Try:
    return Try(NOW - ago, passed=False)


def test_wrong_tries_of_the_last_hour_count():
    tries = [wrong(WINDOW), wrong(WINDOW - SECOND), wrong(SECOND)]
    assert wrong_tries(tries, NOW) == 2


def test_a_right_try_starts_anew():
    tries = [wrong(9 * SECOND), Try(NOW - 5 * SECOND, passed=True), wrong(SECOND)]
    assert wrong_tries(tries, NOW) == 1


def test_a_served_block_starts_anew():
    fifth = Try(NOW - BLOCK, passed=False, blocked_until=NOW)
    tries = [wrong(BLOCK - SECOND), fifth]
    assert blocked_until(tries, NOW - SECOND) == NOW
    assert blocked_until(tries, NOW) is None
    assert wrong_tries(tries, NOW) == 0


@given(st.lists(st.integers(0, 7200)))
def test_without_a_fifth_try_nothing_blocks(ages: list[int]):
    tries = [wrong(timedelta(seconds=age)) for age in sorted(ages, reverse=True)]
    assert blocked_until(tries, NOW) is None
    assert wrong_tries(tries, NOW) == sum(age < 3600 for age in ages)
