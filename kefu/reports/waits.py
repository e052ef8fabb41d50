"""The waits that shoppers were told, beside those they had."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from kefu.profiles import Profiles
from kefu.reports import rows
from kefu.reports.days import Days
from kefu.reports.extent import Extent
from kefu.reports.quantities import Share, seconds_between, spread
from kefu.reports.rows import HandoffRow, ToldRow
from kefu.store.base import Document

Skill = tuple[str, str | None]
T = TypeVar("T")

# Upper ends in seconds; the last step has none.
STEPS = (60, 180, 300, 600, 1800, None)


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """How long shoppers waited, by steps; one row a group, the busiest first."""
    asked = rows.handoffs(session, extent, days.period)
    told = rows.told(session, extent, days.period)
    return {"steps": by_step(asked), "told": compared(told), "groups": by_group(asked, told)}


def named(found: Document, profiles: Profiles) -> Document:
    """The same with what people call each group."""
    for row in found["groups"]:
        profile = profiles.get(row["profile"])
        group = profile.group(row["group"]) if profile and row["group"] else None
        row["brand"] = profile.brand if profile else row["profile"]
        row["name"] = group.name if group else (row["group"] or "未分组")
    return found


def told_right(told: Iterable[ToldRow]) -> Share:
    """Waits inside the range that was told, of all that can be compared."""
    had = [(row.low, row.had, row.high) for row in told if row.had is not None]
    return Share(sum(low <= wait <= high for low, wait, high in had), len(had))


def compared(told: Sequence[ToldRow]) -> Document:
    """Every range that was told counts; those of shoppers who left cannot be compared."""
    had = [(row.low, row.had, row.high) for row in told if row.had is not None]
    return {
        "told": len(told),
        "right": told_right(told).document(),
        "shorter": sum(wait < low for low, wait, _ in had),
        "longer": sum(wait > high for _, wait, high in had),
        "low": spread(low for low, _, _ in had).median,
        "high": spread(high for _, _, high in had).median,
        "had": spread(wait for _, wait, _ in had).document(),
    }


def by_step(asked: Iterable[HandoffRow]) -> list[Document]:
    """How many waited up to so many seconds and were served, and how many left by then."""
    served, left = [0] * len(STEPS), [0] * len(STEPS)
    for row in asked:
        if row.assigned_at is not None:
            served[_step(seconds_between(row.asked_at, row.assigned_at))] += 1
        elif row.ended_at is not None:
            left[_step(seconds_between(row.asked_at, row.ended_at))] += 1
    return [
        {"up_to": end, "served": served[step], "left": left[step]} for step, end in enumerate(STEPS)
    ]


def _step(seconds: float) -> int:
    return next(step for step, end in enumerate(STEPS) if end is None or seconds <= end)


def by_group(asked: Iterable[HandoffRow], told: Iterable[ToldRow]) -> list[Document]:
    """A hand-off counts for the group that has it last, a told range for the one it was of."""
    handoffs, ranges = _grouped(asked, _skill), _grouped(told, _skill)
    found: list[Document] = []
    for profile, group in {*handoffs, *ranges}:
        mine = handoffs.get((profile, group), [])
        waits = [
            seconds_between(row.asked_at, row.assigned_at)
            for row in mine
            if row.assigned_at is not None
        ]
        found.append(
            {
                "profile": profile,
                "group": group,
                "handoffs": len(mine),
                "left": sum(row.outcome == "left" for row in mine),
                "returned": sum(row.returns for row in mine),
                "wait": spread(waits).document(),
                **compared(ranges.get((profile, group), [])),
            }
        )
    return sorted(found, key=lambda row: (-row["handoffs"], row["profile"], row["group"] or ""))


def _skill(row: HandoffRow | ToldRow) -> Skill:
    return row.profile, row.agent_group


def _grouped(found: Iterable[T], key: Callable[[T], Skill]) -> dict[Skill, list[T]]:
    groups: dict[Skill, list[T]] = {}
    for row in found:
        groups.setdefault(key(row), []).append(row)
    return groups
