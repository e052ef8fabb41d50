"""Dates and times in running Chinese text, as ISO 8601 against today."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kefu_engine.numerals import number_of

_N = r"(?:\d{1,2}|[一二三四五六七八九十两]{1,3})"
_DAY_WORDS = {
    "大前天": -3, "大前儿": -3, "前天": -2, "前儿": -2, "前日": -2, "前晚": -2, "昨天": -1,
    "昨儿": -1, "昨日": -1, "昨晚": -1, "昨夜": -1, "今天": 0, "今儿": 0, "今日": 0, "今早": 0,
    "今晚": 0, "今晨": 0, "明天": 1, "明儿": 1, "明日": 1, "明早": 1, "明晚": 1,
    "大后天": 3, "后天": 2, "后儿": 2,
}  # fmt: skip
_WEEKDAYS = (
    {c: i for i, c in enumerate("一二三四五六")}
    | {"日": 6, "天": 6, "末": 5}
    | {str(i + 1): i for i in range(7)}
)
_WEEKS = {
    "上上": -2,
    "上": -1,
    "这": 0,
    "本": 0,
    "这个": 0,
    "上个": -1,
    "下": 1,
    "下个": 1,
    "下下": 2,
}
_AFTERNOON = ("下午", "晚上", "傍晚", "夜里", "晚")
_DATE = re.compile(
    rf"""
    (?P<year>(?<!\d)(?:20)?\d{{2}})\s*[年./-]\s*(?P<month>\d{{1,2}})\s*[月./-]\s*(?P<day>\d{{1,2}})(?!\d)\s*[日号]?
    |(?P<compact>(?<!\d)20[0-4]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))
    |(?P<relative_year>去年|今年|明年)?(?P<month2>(?<!\d){_N})\s*月\s*(?:份\s*)?(?P<day2>{_N})\s*[日号]?
    |(?P<short>(?<![\d./-])(?:1[0-2]|0?[1-9])(?:/(?:3[01]|[12]\d|0?[1-9])(?![\d./-])[日号]?|\.(?:3[01]|[12]\d|0?[1-9])[日号])
        |(?<![\w./-])(?:1[0-2]|0[1-9])-(?:3[01]|[12]\d|0[1-9])(?![a-z0-9./-]|[元块个件天岁斤寸码%])(?=[^\d]))
    |(?:(?P<which>上个?月|这个?月|本月|下个?月)|(?<![\d月大小]))(?P<day3>(?<!\d){_N})[号日](?!楼|店|线|院|仓|柜|门|机|码|员|单|以)
    |(?P<week>上上|下下|上个?|这个?|本|下个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-7])(?!\d)
    |(?P<ago>(?<!\d){_N})\s*(?P<unit>天|个?星期|周|个?礼拜|个?月)(?:之)?(?P<direction>前|后)(?!\d)
    |(?P<word>{"|".join(sorted(_DAY_WORDS, key=len, reverse=True))})
    """,
    re.VERBOSE,
)
_PART = re.compile(r"\s*(?:凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里)")
_TIME = re.compile(
    rf"""\s*(?P<part>凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里|早|晚)?\s*
    (?:(?P<hour>\d{{1,2}})\s*[:点时]\s*(?P<minute>\d{{1,2}}|半|一刻|三刻)?\s*分?
      |(?P<hour2>[一二三四五六七八九十两]{{1,2}})\s*[点时](?P<minute2>半|一刻|三刻|{_N}分)?)(?!\d)""",
    re.VERBOSE,
)
# 「1号买的」 has been, 「1号要用」 has not.
_HAPPENED = re.compile(
    r"[^,。!? ]{0,2}?(?:买|下的?单|拍|付|订|签收|收到|到货|发的|申请的|退的|寄的|就)"
)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text: its span and its ISO value, with ``THH:MM`` if a time was said."""

    start: int
    end: int
    value: str


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(candidates: list[date | None], today: date) -> date | None:
    """The candidate closest to today, where what lies ahead counts as twice as far: a shopper
    speaks of what is at hand, and more often of what has been."""
    real = [c for c in candidates if c is not None]
    return min(real, key=lambda c: (c - today) * 2 if c > today else today - c, default=None)


def _day_of_month(day: int, which: str | None, past: bool, today: date) -> date | None:
    first = today.replace(day=1)
    previous, following = first - timedelta(days=1), first + timedelta(days=31)
    if which:
        base = {"上": previous, "下": following}.get(which[0], first)
        return _safe(base.year, base.month, day)
    days = [_safe(b.year, b.month, day) for b in (previous, first, following)]
    return _nearest([d for d in days if d is None or not past or d <= today], today)


def _weekday(week: str | None, name: str, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    shift = _WEEKS.get(week or "", 0)
    return monday + timedelta(days=_WEEKDAYS[name], weeks=shift)


def _ago(match: re.Match[str], today: date) -> date:
    count = int(number_of(match["ago"])) * (-1 if match["direction"] == "前" else 1)
    unit = match["unit"].removeprefix("个")
    days = {"天": 1, "月": 30}.get(unit, 7)
    return today + timedelta(days=days * count)


def _calendar_day(match: re.Match[str], today: date) -> date | None:
    """A day named by its numbers."""
    if match["year"]:
        return _safe(2000 + int(match["year"]) % 100, int(match["month"]), int(match["day"]))
    if compact := match["compact"]:
        return _safe(int(compact[:4]), int(compact[4:6]), int(compact[6:]))
    if match["day3"]:
        past = _HAPPENED.match(match.string, match.end()) is not None
        return _day_of_month(int(number_of(match["day3"])), match["which"], past, today)
    if match["month2"]:
        month, day = int(number_of(match["month2"])), int(number_of(match["day2"]))
        if said := match["relative_year"]:
            return _safe(today.year + {"去": -1, "今": 0, "明": 1}[said[0]], month, day)
    else:
        month, day = map(int, re.findall(r"\d+", match["short"]))
    return _nearest([_safe(today.year + shift, month, day) for shift in (-1, 0, 1)], today)


def _date_of(match: re.Match[str], today: date) -> date | None:
    if match["word"]:
        return today + timedelta(days=_DAY_WORDS[match["word"]])
    if match["weekday"]:
        return _weekday(match["week"], match["weekday"], today)
    if match["ago"]:
        return _ago(match, today)
    return _calendar_day(match, today)


def _clock(match: re.Match[str], said: str) -> str | None:
    hour = int(match["hour"] or number_of(match["hour2"]))
    spoken = match["minute"] or match["minute2"] or "0"
    minutes = {"半": 30, "一刻": 15, "三刻": 45}.get(spoken)
    minute = minutes if minutes is not None else int(number_of(spoken.removesuffix("分")))
    part = match["part"] or ("晚" if said.endswith(("晚", "夜")) else "")
    if (part in _AFTERNOON and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    return f"T{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None


def find_dates(text: str, today: date) -> Iterator[FoundDate]:
    """The dates in normal text, from left to right; impossible ones (2月30号) are left out."""
    for match in _DATE.finditer(text):
        value = _date_of(match, today)
        if value is None:
            continue
        end, iso = match.end(), value.isoformat()
        time = _TIME.match(text, end)
        if time and (clock := _clock(time, match.group())):
            end, iso = time.end(), iso + clock
        elif part := _PART.match(text, end):
            end = part.end()
        yield FoundDate(match.start(), end, iso)
