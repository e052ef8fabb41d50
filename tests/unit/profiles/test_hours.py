from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.profiles import Hours
from kefu.profiles.hours import SHOP_TIME, Span
from tests.unit.profiles.files import profile

OFFICE = """
hours:
  office:
    weekly: {mon-fri: '09:00-12:00, 13:30-18:00', sat: 10:00-16:00}
    holidays: closed
    dates:
      2026-10-05: 10:00-11:00
      2026-11-11: 00:00-24:00
  shop:
    weekly: {mon-sun: 09:00-21:00}
    holidays: 10:00-18:00
  always:
    weekly: {mon-sun: 00:00-24:00}
  never:
    weekly: {}
  daily:
    weekly: {mon-sat: 09:00-18:00}
"""


@pytest.fixture(scope="module")
def hours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Hours]:
    return profile(tmp_path_factory.mktemp("hours"), OFFICE).hours


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHOP_TIME)


@pytest.mark.parametrize(
    ("name", "moment", "is_open"),
    [
        ("office", "2026-11-23T09:00", True),
        ("office", "2026-11-23T08:59", False),
        ("office", "2026-11-23T12:00", False),  # lunch
        ("office", "2026-11-23T13:30", True),
        ("office", "2026-11-23T17:59", True),
        ("office", "2026-11-23T18:00", False),
        ("office", "2026-11-21T15:00", True),  # a Saturday
        ("office", "2026-11-22T10:00", False),  # a Sunday
        ("office", "2026-10-01T10:00", False),  # National Day
        ("office", "2026-10-03T11:00", False),  # a Saturday inside the break
        ("office", "2026-10-05T10:30", True),  # its own date
        ("office", "2026-10-05T11:30", False),
        ("office", "2026-10-10T09:30", True),  # a Saturday worked for the break: Monday's times
        ("office", "2026-09-20T14:00", True),  # a Sunday worked
        ("office", "2026-11-11T03:00", True),
        ("shop", "2026-10-01T09:30", False),
        ("shop", "2026-10-01T10:30", True),
        ("shop", "2026-10-01T19:00", False),
        ("shop", "2026-10-10T19:00", True),
        ("daily", "2026-10-01T10:00", True),  # holidays make no difference here
        ("daily", "2026-09-20T10:00", False),
        ("always", "2026-02-17T03:00", True),
        ("never", "2026-11-23T10:00", False),
    ],
)
def test_open_or_closed(hours: dict[str, Hours], name: str, moment: str, is_open: bool) -> None:
    assert hours[name].is_open(at(moment)) is is_open
    assert hours[name].is_open(at(moment).astimezone(UTC)) is is_open


@pytest.mark.parametrize(
    ("name", "moment", "opens"),
    [
        ("office", "2026-11-23T10:00", "2026-11-23T10:00"),
        ("office", "2026-11-23T12:15", "2026-11-23T13:30"),
        ("office", "2026-11-21T17:00", "2026-11-23T09:00"),
        ("office", "2026-09-30T18:00", "2026-10-05T10:00"),
        ("office", "2026-10-05T11:00", "2026-10-08T09:00"),
        ("shop", "2026-09-30T22:00", "2026-10-01T10:00"),
    ],
)
def test_when_it_opens_next(hours: dict[str, Hours], name: str, moment: str, opens: str) -> None:
    assert hours[name].next_opening(at(moment)) == at(opens)


def test_what_never_opens_has_no_next_opening(hours: dict[str, Hours]) -> None:
    assert hours["never"].next_opening(at("2026-11-23T10:00")) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("office", "周一至周五 9:00-12:00、13:30-18:00，周六 10:00-16:00，周日和法定节假日休息"),
        ("shop", "每天 9:00-21:00，法定节假日 10:00-18:00"),
        ("always", "每天 24 小时"),
        ("never", "每天休息"),
        ("daily", "周一至周六 9:00-18:00，周日休息"),
    ],
)
def test_hours_in_words(hours: dict[str, Hours], name: str, text: str) -> None:
    assert hours[name].text() == text


@given(st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)))
def test_the_next_opening_is_open_and_nothing_before_it_is(moment: datetime) -> None:
    hours = Hours(weekly={"mon-fri": (Span(9 * 60, 18 * 60),)}, holidays=())
    now = moment.replace(tzinfo=SHOP_TIME)
    opening = hours.next_opening(now)
    assert opening is not None
    assert hours.is_open(opening)
    if opening != now:
        assert not hours.is_open(now)
        assert not hours.is_open(now + (opening - now) / 2)
