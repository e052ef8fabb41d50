"""Days and parts of a day in shoppers' words."""

from __future__ import annotations

from datetime import date

import pytest

from actions.visit_days import told_day, told_part
from kefu.shop.changes import DayPart

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("明天", date(2026, 11, 23)),
        ("后天吧", date(2026, 11, 24)),
        ("大后天", date(2026, 11, 25)),
        ("周六", date(2026, 11, 28)),
        ("周日", date(2026, 11, 29)),
        ("星期天", date(2026, 11, 29)),
        ("下周三", date(2026, 11, 25)),
        ("25号", date(2026, 11, 25)),
        ("3号上午", date(2026, 12, 3)),
        ("12月3日", date(2026, 12, 3)),
        ("1月5号", date(2027, 1, 5)),
        ("2026-12-01", date(2026, 12, 1)),
        ("12.1", date(2026, 12, 1)),
        ("不是周六，是周日", date(2026, 11, 29)),
        ("2月30日", None),
        ("随便", None),
    ],
)
def test_days(words: str, day: date | None) -> None:
    assert told_day(words, SUNDAY) == day


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("上午", DayPart.MORNING),
        ("早上八点", DayPart.MORNING),
        ("下午两点", DayPart.AFTERNOON),
        ("下班后", DayPart.EVENING),
        ("不要上午，晚上", DayPart.EVENING),
        ("都行", None),
    ],
)
def test_parts(words: str, part: DayPart | None) -> None:
    assert told_part(words) is part
