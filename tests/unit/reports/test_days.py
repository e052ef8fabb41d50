from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kefu.reports.days import Days, Period, read
from kefu.reports.errors import RangeRefused

NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)
# 00:30 of 1 December in Beijing.
AFTER_MIDNIGHT = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)


def test_a_day_begins_at_midnight_in_beijing() -> None:
    day = date(2026, 11, 30)
    assert Days(day, day).period == Period(
        datetime(2026, 11, 29, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC)
    )


def test_the_last_seven_days_unless_others_are_asked_for() -> None:
    assert read(None, None, NOW) == Days(date(2026, 11, 24), date(2026, 11, 30))
    assert read(None, None, AFTER_MIDNIGHT).last == date(2026, 12, 1)
    assert read("2026-11-03", "2026-11-03", NOW).length == 1
    assert read("2026-11-29", None, NOW).length == 2


def test_each_day_of_a_range_across_months() -> None:
    found = Days(date(2026, 2, 27), date(2026, 3, 1)).each()
    assert found == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


def test_a_day_that_is_not_over_is_compared_with_as_much_of_the_one_before() -> None:
    today = Days(date(2026, 11, 30), date(2026, 11, 30))
    assert today.before(NOW) == Period(
        datetime(2026, 11, 28, 16, tzinfo=UTC), datetime(2026, 11, 29, 2, tzinfo=UTC)
    )


def test_a_range_that_is_over_is_compared_with_all_of_the_one_before() -> None:
    days = Days(date(2026, 11, 1), date(2026, 11, 7))
    assert days.before(NOW) == Period(
        datetime(2026, 10, 24, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-30", "2026-11-29", "开始日期不能晚于结束日期"),
        ("2026-11-30", "2026-12-01", "结束日期不能晚于今天"),
        ("2025-11-29", "2026-11-30", "最多查看 366 天"),
        ("30.11.2026", "2026-11-30", "开始日期应写成"),
        ("2026-11-30", "2026-11-31", "结束日期应写成"),
        ("0001-01-01", "0001-01-01", "日期范围不正确"),
    ],
)
def test_a_bad_range_is_refused_with_a_sentence(first: str, last: str, said: str) -> None:
    with pytest.raises(RangeRefused) as caught:
        read(first, last, NOW)
    assert said in caught.value.sentence
