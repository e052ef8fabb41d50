"""When somebody is there: weekly times, public holidays, single dates. All in Beijing time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from kefu.profiles.public_holidays import DayKind, kind_of
from kefu.profiles.strict import Strict

SHOP_TIME = ZoneInfo("Asia/Shanghai")
LOOK_AHEAD = 366

CLOSED = "closed"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MONDAY = 0
_WHOLE_DAY = 24 * 60
_SPAN = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From ``start`` until before ``end``, in minutes of a day."""

    start: int
    end: int

    def text(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


def read_times(value: object) -> object:
    """``09:00-12:00, 13:30-18:00`` or ``closed`` as spans; raises ``ValueError`` in Chinese."""
    if not isinstance(value, str):
        return value
    if value.strip() == CLOSED:
        return ()
    spans = tuple(_read_span(part.strip()) for part in value.split(","))
    for earlier, later in pairwise(sorted(spans)):
        if later.start < earlier.end:
            raise ValueError(f"时间段 {earlier.text()} 与 {later.text()} 重叠")
    return tuple(sorted(spans))


def _read_span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if not found:
        raise ValueError(f"时间 {text!r} 应写成 09:00-18:00，多段用逗号隔开，休息写 {CLOSED}")
    first, second, third, fourth = map(int, found.groups())
    span = Span(first * 60 + second, third * 60 + fourth)
    if span.end > _WHOLE_DAY:
        raise ValueError(f"时间 {text} 超过了 24:00")
    if span.start >= span.end:
        raise ValueError(f"时间 {text} 的结束早于开始，跨零点的时间请分写在两天")
    return span


def _read_days(key: str) -> str:
    days_of(key)
    return key


def days_of(key: str) -> range:
    """``sat`` or ``mon-fri`` as weekdays counted from Monday 0; raises ``ValueError``."""
    first, _, last = key.partition("-")
    if first not in _DAYS or (last or first) not in _DAYS:
        raise ValueError(f"星期 {key!r} 应写成 {'、'.join(_DAYS)}，或 mon-fri 这样的范围")
    days = range(_DAYS.index(first), _DAYS.index(last or first) + 1)
    if not days:
        raise ValueError(f"星期 {key!r} 的顺序反了")
    return days


def _read_day(value: object) -> object:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{value} 不是日期，应写成 2026-12-31") from error


Day = Annotated[date, BeforeValidator(_read_day)]
Times = Annotated[tuple[Span, ...], BeforeValidator(read_times)]
Days = Annotated[str, AfterValidator(_read_days)]


class Hours(Strict):
    """Weekly times, and what holds on public holidays instead.

    A weekday that is left out is closed. With ``holidays`` (times, or closed) public holidays have
    those, and a make-up working day has Monday's; without it neither makes a difference. ``dates``
    win over everything.
    """

    weekly: dict[Days, Times]
    holidays: Times | None = None
    dates: dict[Day, Times] = Field(default={})

    @field_validator("weekly")
    @classmethod
    def _each_day_once(cls, weekly: dict[str, tuple[Span, ...]]) -> dict[str, tuple[Span, ...]]:
        named = [day for key in weekly for day in days_of(key)]
        twice = sorted({day for day in named if named.count(day) > 1})
        if twice:
            raise ValueError(f"{'、'.join(_DAY_NAMES[day] for day in twice)}的时间重复了")
        return weekly

    def spans(self, day: date) -> tuple[Span, ...]:
        """The opening times of one day, in order."""
        if day in self.dates:
            return self.dates[day]
        if self.holidays is not None:
            kind = kind_of(day)
            if kind is DayKind.HOLIDAY:
                return self.holidays
            if kind is DayKind.MAKE_UP:
                return self._weekday(_MONDAY)
        return self._weekday(day.weekday())

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there ``at`` an aware time."""
        local = at.astimezone(SHOP_TIME)
        minute = local.hour * 60 + local.minute
        return any(span.start <= minute < span.end for span in self.spans(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """``at`` itself if it is open then, else when it opens next; ``None``: not for a year."""
        if self.is_open(at):
            return at
        return next((start for start in self._starts(at) if start > at), None)

    def text(self) -> str:
        """In Chinese: 「周一至周五 9:00-18:00，周六 10:00-16:00，周日和法定节假日休息」."""
        week = [self._weekday(day) for day in range(7)]
        runs = [list(run) for _, run in groupby(range(7), key=lambda day: week[day])]
        parts = [f"{_days_text(run)}{_times_text(week[run[0]])}" for run in runs]
        if self.holidays is not None and any(week):
            if self.holidays == week[-1] == ():
                parts[-1] = f"{_days_text(runs[-1])}和法定节假日休息"
            else:
                parts.append(f"法定节假日{_times_text(self.holidays)}")
        return "，".join(parts)

    def written(self) -> dict[str, Any]:
        """As a profile file has it."""
        return {
            "weekly": {key: _written(times) for key, times in self.weekly.items()},
            "holidays": None if self.holidays is None else _written(self.holidays),
            "dates": {day.isoformat(): _written(times) for day, times in self.dates.items()},
        }

    def _weekday(self, weekday: int) -> tuple[Span, ...]:
        return next((times for key, times in self.weekly.items() if weekday in days_of(key)), ())

    def _starts(self, at: datetime) -> Iterator[datetime]:
        today = at.astimezone(SHOP_TIME).date()
        for ahead in range(LOOK_AHEAD):
            day = today + timedelta(days=ahead)
            midnight = datetime.combine(day, time(), SHOP_TIME)
            for span in self.spans(day):
                yield midnight + timedelta(minutes=span.start)


def _days_text(run: list[int]) -> str:
    if len(run) == len(_DAYS):
        return "每天"
    first, last = _DAY_NAMES[run[0]], _DAY_NAMES[run[-1]]
    if len(run) == 1:
        return first
    return f"{first}、{last}" if len(run) == 2 else f"{first}至{last}"


def _times_text(spans: tuple[Span, ...]) -> str:
    if not spans:
        return "休息"
    if spans == (Span(0, _WHOLE_DAY),):
        return " 24 小时"
    return f" {'、'.join(span.text() for span in spans)}"


def _written(times: tuple[Span, ...]) -> str:
    return ", ".join(f"{_padded(span.start)}-{_padded(span.end)}" for span in times) or CLOSED


def _padded(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


ALWAYS = Hours(weekly={"mon-sun": (Span(0, _WHOLE_DAY),)})
