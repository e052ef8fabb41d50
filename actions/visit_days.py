"""Days and parts of a day as shoppers name them, for a visit at home."""

from __future__ import annotations

import re
from datetime import date, timedelta

from kefu.shop.changes import DayPart

PARTS = {DayPart.MORNING: "上午", DayPart.AFTERNOON: "下午", DayPart.EVENING: "晚上"}

_NEAR = (("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0))
_WEEKDAYS = "一二三四五六日"
_WEEKDAY = re.compile(r"(?P<next>下+个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末])")
_FULL = re.compile(r"(?<!\d)(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})")
_MONTH_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:月|[-/.])(\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:号|日)")
_PARTS = (
    (DayPart.EVENING, re.compile(r"晚上|晚间|傍晚|夜里|下班后")),
    (DayPart.AFTERNOON, re.compile(r"下午|午后|(?<!上)中午")),
    (DayPart.MORNING, re.compile(r"上午|早上|早晨|一早|清早")),
)


def told_day(text: str, today: date) -> date | None:
    """The day that is named, the next one of that name: 「明天」, 「周六」, 「25号」, 「12月3日」.

    A shopper who corrects the day names the right one last.
    """
    return told_days(text, today)[-1] if told_days(text, today) else None


def told_days(text: str, today: date) -> list[date]:
    """All days named, in the order in which they stand in the text."""
    found: dict[int, date | None] = {}
    for word, ahead in _NEAR:
        for hit in re.finditer(word, text):
            if all(hit.start() not in range(at, at + 3) for at in found):
                found[hit.start()] = today + timedelta(days=ahead)
    for hit in _WEEKDAY.finditer(text):
        found[hit.start()] = _weekday(hit, today)
    rest = text
    for pattern in (_FULL, _MONTH_DAY, _DAY):
        for hit in pattern.finditer(rest):
            found[hit.start()] = _calendar_day([int(part) for part in hit.groups()], today)
        rest = pattern.sub(lambda hit: " " * len(hit.group()), rest)
    return [day for _, day in sorted(found.items()) if day is not None]


def told_part(text: str) -> DayPart | None:
    """The part of the day that is named last."""
    places = {hit.start(): part for part, words in _PARTS for hit in words.finditer(text)}
    return places[max(places)] if places else None


def day_title(day: date, today: date) -> str:
    """明天（11月23日 周一）"""
    near = {1: "明天", 2: "后天"}.get((day - today).days)
    text = f"{day.month}月{day.day}日 周{_WEEKDAYS[day.weekday()]}"
    return f"{near}（{text}）" if near else text


def visit_text(day: date, part: DayPart, today: date) -> str:
    return f"{day_title(day, today)} {PARTS[part]}"


def _weekday(hit: re.Match[str], today: date) -> date:
    """「周六」 is the next Saturday after today; 「下周六」 lies in the week after this one."""
    name = hit.group("day").replace("天", "日").replace("末", "六")
    wanted = _WEEKDAYS.index(name)
    weeks = len((hit.group("next") or "").rstrip("个"))
    if weeks:
        return today + timedelta(days=7 * weeks - today.weekday() + wanted)
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)


def _calendar_day(parts: list[int], today: date) -> date | None:
    """A day without a month or a year is the next of that name; ``None``: there is no such day."""
    if len(parts) == 3:
        return _made(*parts)
    if len(parts) == 2:
        day = _made(today.year, *parts)
        return day if day is None or day >= today else _made(today.year + 1, *parts)
    day = _made(today.year, today.month, parts[0])
    if day is not None and day >= today:
        return day
    month = today.replace(day=1) + timedelta(days=32)
    return _made(month.year, month.month, parts[0])


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
