"""Chinese public holidays with the working days that are moved around them (调休)."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum, auto
from functools import lru_cache

import holidays

_DAY = timedelta(days=1)
_SATURDAY = 5


class DayKind(Enum):
    """``MAKE_UP`` is a Saturday or Sunday worked in exchange for a longer break."""

    WORKDAY = auto()
    WEEKEND = auto()
    HOLIDAY = auto()
    MAKE_UP = auto()


@lru_cache(maxsize=512)
def kind_of(day: date) -> DayKind:
    """What ``day`` is in mainland China.

    A break is announced whole: a weekend inside it or at its end is holiday too. The exchanged
    days of a year are known once the State Council has announced them (usually in November of the
    year before) and the ``holidays`` package has taken them up.
    """
    holiday, make_up = _year(day.year)
    if day in make_up:
        return DayKind.MAKE_UP
    if day in holiday:
        return DayKind.HOLIDAY
    if day.weekday() < _SATURDAY:
        return DayKind.WORKDAY
    return DayKind.HOLIDAY if _in_break(day) else DayKind.WEEKEND


def working_day_after(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``; make-up days are worked."""
    while count:
        day += _DAY
        count -= kind_of(day) in {DayKind.WORKDAY, DayKind.MAKE_UP}
    return day


@lru_cache(maxsize=16)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """The year's public holidays and its make-up working days."""
    calendar = holidays.country_holidays("CN", years=year)
    return frozenset(calendar), frozenset(calendar.weekend_workdays)


def _in_break(day: date) -> bool:
    """Whether the days off around ``day`` hold a public holiday."""
    for step in (-_DAY, _DAY):
        neighbour = day + step
        while _is_off(neighbour):
            if neighbour in _year(neighbour.year)[0]:
                return True
            neighbour += step
    return False


def _is_off(day: date) -> bool:
    holiday, make_up = _year(day.year)
    return day not in make_up and (day in holiday or day.weekday() >= _SATURDAY)
