"""Against the State Council's announcements for 2025 and 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from kefu.profiles.public_holidays import DayKind, kind_of

BREAKS = [
    ("2025-01-01", "2025-01-01"),
    ("2025-01-28", "2025-02-04"),
    ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"),
    ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"),
    ("2026-01-01", "2026-01-03"),
    ("2026-02-15", "2026-02-23"),
    ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"),
    ("2026-06-19", "2026-06-21"),
    ("2026-09-25", "2026-09-27"),
    ("2026-10-01", "2026-10-07"),
]
MAKE_UP = {
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
}  # fmt: skip


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


def test_two_years_are_as_announced() -> None:
    off = {
        day
        for first, last in BREAKS
        for day in days(date.fromisoformat(first), date.fromisoformat(last))
    }
    for day in days(date(2025, 1, 1), date(2026, 12, 31)):
        if day in off:
            expected = DayKind.HOLIDAY
        elif day.isoformat() in MAKE_UP:
            expected = DayKind.MAKE_UP
        else:
            expected = DayKind.WORKDAY if day.weekday() < 5 else DayKind.WEEKEND
        assert kind_of(day) is expected, day


@pytest.mark.parametrize(
    "day", ["2027-01-01", "2027-02-06", "2027-04-05", "2027-05-01", "2027-09-15", "2027-10-01"]
)
def test_the_public_holidays_of_2027_are_known(day: str) -> None:
    assert kind_of(date.fromisoformat(day)) is DayKind.HOLIDAY
