"""A range of days as the shop counts them: midnight is Beijing's. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from kefu.profiles.hours import SHOP_TIME
from kefu.reports.errors import RangeRefused

LONGEST = 366
USUAL = 7
# The days before those at the beginning of the calendar cannot be told.
EARLIEST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` until before ``end``, both aware."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Days:
    """From ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def period(self) -> Period:
        return Period(_midnight(self.first), _midnight(self.last + timedelta(days=1)))

    def before(self, now: datetime) -> Period:
        """As many days right before, and no more of the last one than has passed of today."""
        shift = timedelta(days=self.length)
        whole = self.period
        return Period(whole.start - shift, min(whole.end, now) - shift)

    def each(self) -> list[date]:
        return [self.first + timedelta(days=day) for day in range(self.length)]


def read(first: str | None, last: str | None, now: datetime) -> Days:
    """What was asked for, ``YYYY-MM-DD``; the last seven days where nothing was.

    Raises ``RangeRefused``.
    """
    today = day_of(now)
    end = _day(last, "结束日期") if last else today
    start = _day(first, "开始日期") if first else end - timedelta(days=USUAL - 1)
    days = Days(start, end)
    if start.year < EARLIEST_YEAR:
        raise RangeRefused("there was no desk then")
    if start > end:
        raise RangeRefused("from is after to", title="开始日期不能晚于结束日期，请重新选择。")
    if end > today:
        raise RangeRefused("to is in the future", title="结束日期不能晚于今天，请重新选择。")
    if days.length > LONGEST:
        raise RangeRefused(
            f"more than {LONGEST} days", title=f"一次最多查看 {LONGEST} 天，请缩短日期范围。"
        )
    return days


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHOP_TIME).date()


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RangeRefused(
            "this is no date", title=f"{name}应写成 2026-11-30 这样的年-月-日，请修改后重试。"
        ) from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHOP_TIME).astimezone(UTC)
