"""The main figures of a range, beside those of the days before, and day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from kefu.reports import rows, satisfaction, waits
from kefu.reports.days import Days, Period, day_of
from kefu.reports.extent import Extent
from kefu.reports.quantities import Share, Spread, seconds_between, spread
from kefu.reports.rows import HandoffRow, MarkRow, Talks
from kefu.store.base import Document

# A talk that ended so was an agent's to end.
ENDED = frozenset({"closed", "bot"})


@dataclass(frozen=True, slots=True)
class Figures:
    """``None``: not for the one who asks."""

    talks: int | None
    contained: Share | None
    handoff_rate: Share | None
    handoffs: int
    left: Share
    returned: int
    wait: Spread
    first_response: Spread
    resolution: Spread
    satisfied: Share
    told_right: Share
    wrong: Share

    def document(self) -> Document:
        return {
            "talks": self.talks,
            "contained": self.contained and self.contained.document(),
            "handoff_rate": self.handoff_rate and self.handoff_rate.document(),
            "handoffs": self.handoffs,
            "left": self.left.document(),
            "returned": self.returned,
            "wait": self.wait.document(),
            "first_response": self.first_response.document(),
            "resolution": self.resolution.document(),
            "satisfied": self.satisfied.document(),
            "told_right": self.told_right.document(),
            "wrong": self.wrong.document(),
        }


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """The figures, the same of the days before, and the range day by day."""
    asked, talks = _what_came(session, extent, days.period)
    before = days.before(now)
    rated = rows.ratings_by_day(session, extent, days.period)
    return {
        "figures": _figures(session, extent, days.period, asked, talks).document(),
        "before": _figures(
            session, extent, before, *_what_came(session, extent, before)
        ).document(),
        "days": daily(days.each(), asked, talks and talks.by_day, rated),
    }


def _what_came(
    session: Session, extent: Extent, period: Period
) -> tuple[list[HandoffRow], Talks | None]:
    """Hand-offs, and the talks where all of these are asked for."""
    talks = rows.talks(session, extent, period) if extent.whole else None
    return rows.handoffs(session, extent, period), talks


def _figures(
    session: Session,
    extent: Extent,
    period: Period,
    asked: Sequence[HandoffRow],
    came: Talks | None,
) -> Figures:
    talks = came and came.number
    handed = len({row.conversation_id for row in asked})
    return Figures(
        talks=talks,
        contained=None if talks is None else Share(talks - handed, talks),
        handoff_rate=None if talks is None else Share(handed, talks),
        handoffs=len(asked),
        left=left(asked),
        returned=sum(row.returns for row in asked),
        wait=waited(asked),
        first_response=first_response(asked),
        resolution=resolution(asked),
        satisfied=satisfaction.satisfied(rows.ratings(session, extent, period)),
        told_right=waits.told_right(rows.told(session, extent, period)),
        wrong=wrong(rows.marks(session, extent, period)),
    )


def left(asked: Sequence[HandoffRow]) -> Share:
    """Who went away unserved, of those whose wait is over."""
    over = [row for row in asked if row.assigned_at is not None or row.ended_at is not None]
    return Share(sum(row.outcome == "left" for row in over), len(over))


def waited(asked: Iterable[HandoffRow]) -> Spread:
    """From asking until an agent had the talk."""
    return spread(
        seconds_between(row.asked_at, row.assigned_at)
        for row in asked
        if row.assigned_at is not None
    )


def first_response(asked: Iterable[HandoffRow]) -> Spread:
    """From asking until an agent wrote."""
    return spread(
        seconds_between(row.asked_at, row.answered_at)
        for row in asked
        if row.answered_at is not None
    )


def resolution(asked: Iterable[HandoffRow]) -> Spread:
    """From asking until an agent's talk was ended, or the bot's again."""
    return spread(
        seconds_between(row.asked_at, row.ended_at)
        for row in asked
        if row.ended_at is not None and row.outcome in ENDED
    )


def wrong(marks: Iterable[MarkRow]) -> Share:
    """Marks that say the bot understood wrongly, of all marks."""
    found = list(marks)
    return Share(
        sum(row.number for row in found if not row.right), sum(row.number for row in found)
    )


def daily(
    days: Iterable[date],
    asked: Iterable[HandoffRow],
    talks: Mapping[str, int] | None,
    rated: Iterable[tuple[str, int, int]],
) -> list[Document]:
    """One row a day, also where nothing happened; a hand-off counts on the day it was asked."""
    by_day: dict[date, list[HandoffRow]] = {}
    for row in asked:
        by_day.setdefault(day_of(row.asked_at), []).append(row)
    stars = {day: Share(good, number) for day, number, good in rated}
    return [
        _day(day, by_day.get(day, []), talks, stars.get(day.isoformat(), Share(0, 0)))
        for day in days
    ]


def _day(
    day: date, asked: Sequence[HandoffRow], talks: Mapping[str, int] | None, stars: Share
) -> Document:
    number = None if talks is None else talks.get(day.isoformat(), 0)
    handed = len({row.conversation_id for row in asked})
    return {
        "day": day.isoformat(),
        "talks": number,
        "contained": None if number is None else Share(number - handed, number).document(),
        "handoffs": len(asked),
        "first_response": first_response(asked).document(),
        "satisfied": stars.document(),
    }
