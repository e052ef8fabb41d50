"""When the work comes: by hour of the day and by day of the week, in Beijing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from kefu.profiles.hours import SHOP_TIME
from kefu.reports import rows
from kefu.reports.days import Days
from kefu.reports.extent import Extent
from kefu.reports.overview import waited
from kefu.reports.rows import HandoffRow
from kefu.store.base import Document

Slot = tuple[int, int]


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """Questions to the bot are ``None`` where the figures are an agent's or a group's."""
    asked = rows.handoffs(session, extent, days.period)
    questions = rows.questions_by_hour(session, extent, days.period) if extent.whole else None
    return {"days": days.length, **load(asked, questions)}


def load(asked: Iterable[HandoffRow], questions: Mapping[str, int] | None) -> Document:
    """``hours``: each of 24; ``week``: each hour of each weekday, 1 is Monday."""
    turns: Counter[Slot] = Counter()
    for hour, number in (questions or {}).items():
        turns[_slot(datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=UTC))] += number
    handoffs: dict[int, list[HandoffRow]] = {}
    calls: Counter[Slot] = Counter()
    for row in asked:
        slot = _slot(row.asked_at)
        calls[slot] += 1
        handoffs.setdefault(slot[1], []).append(row)
    known = questions is not None
    return {
        "hours": [
            {
                "hour": hour,
                "questions": sum(turns[day, hour] for day in range(1, 8)) if known else None,
                "handoffs": len(handoffs.get(hour, [])),
                "wait": waited(handoffs.get(hour, [])).document(),
            }
            for hour in range(24)
        ],
        "week": [
            {
                "weekday": day,
                "hour": hour,
                "questions": turns[day, hour] if known else None,
                "handoffs": calls[day, hour],
            }
            for day in range(1, 8)
            for hour in range(24)
        ],
    }


def _slot(moment: datetime) -> Slot:
    there = moment.astimezone(SHOP_TIME)
    return there.isoweekday(), there.hour
