"""What each agent did: chats had, first answers, chats passed on, ratings, marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from kefu.reports import rows, satisfaction
from kefu.reports.days import Days, Period
from kefu.reports.extent import Extent
from kefu.reports.overview import wrong
from kefu.reports.quantities import seconds_between, spread
from kefu.reports.rows import HandoffRow, MarkRow, MoveRow, RatingRow
from kefu.store.base import Document

T = TypeVar("T")

# A wait that began longer before the range is left out of the first answers.
EARLIER = timedelta(days=1)

PASSED_ON = frozenset({"transfer", "transfer_to", "move", "move_to", "take_over"})
GIVEN_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class Holding:
    """One agent had one chat from ``since`` until ``until``; ``ended_by`` is what took it."""

    conversation_id: str
    staff_id: int
    since: datetime
    until: datetime | None = None
    ended_by: str | None = None


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """One row an agent, the busiest first."""
    period = days.period
    asked = rows.handoffs(
        session,
        replace(extent, staff_id=None),
        Period(period.start - EARLIER, period.end),
    )
    had = [
        each
        for each in holdings(rows.moves(session, extent, period))
        if each.since < period.end and extent.staff_id in {None, each.staff_id}
    ]
    found = by_agent(
        had,
        asked,
        rows.ratings(session, extent, period),
        rows.marks(session, extent, period),
    )
    names = rows.names(session, [row["staff_id"] for row in found])
    return {"agents": [{"name": names.get(row["staff_id"], ""), **row} for row in found]}


def holdings(moves: Iterable[MoveRow]) -> list[Holding]:
    """Who had which chat when, from every change of agent in order."""
    now_with: dict[str, Holding] = {}
    found: list[Holding] = []
    for move in moves:
        if move.owner is None and move.new_owner is None:
            continue
        held = now_with.pop(move.conversation_id, None)
        if held is not None:
            found.append(replace(held, until=move.at, ended_by=move.action))
        if move.new_owner is not None:
            now_with[move.conversation_id] = Holding(move.conversation_id, move.new_owner, move.at)
    return [*found, *now_with.values()]


def first_answers(
    had: Iterable[Holding], asked: Iterable[HandoffRow]
) -> dict[int, list[tuple[Holding, datetime]]]:
    """Whose answer was the first in each hand-off: who had the chat when it was written."""
    by_talk: dict[str, list[datetime]] = {}
    for row in asked:
        if row.answered_at is not None:
            by_talk.setdefault(row.conversation_id, []).append(row.answered_at)
    found: dict[int, list[tuple[Holding, datetime]]] = {}
    for each in had:
        for answered in by_talk.get(each.conversation_id, ()):
            if each.since <= answered and (each.until is None or answered < each.until):
                found.setdefault(each.staff_id, []).append((each, answered))
    return found


def by_agent(
    had: Sequence[Holding],
    asked: Iterable[HandoffRow],
    ratings: Iterable[RatingRow],
    marks: Iterable[MarkRow],
) -> list[Document]:
    """A chat that somebody had twice counts twice: each time it had to be taken up anew."""
    answers = first_answers(had, asked)
    held = _by_staff((each.staff_id, each) for each in had)
    rated = _by_staff((row.staff_id, row) for row in ratings if row.staff_id is not None)
    marked = _by_staff((row.staff_id, row) for row in marks)
    found: list[Document] = []
    for staff_id in {*held, *rated, *marked}:
        chats = held.get(staff_id, [])
        firsts = answers.get(staff_id, [])
        found.append(
            {
                "staff_id": staff_id,
                "chats": len(chats),
                "passed_on": sum(each.ended_by in PASSED_ON for each in chats),
                "given_back": sum(each.ended_by == GIVEN_BACK for each in chats),
                "response": spread(
                    seconds_between(each.since, at) for each, at in firsts
                ).document(),
                "held": spread(
                    seconds_between(each.since, each.until) for each in chats if each.until
                ).document(),
                "satisfied": satisfaction.satisfied(rated.get(staff_id, [])).document(),
                "wrong": wrong(marked.get(staff_id, [])).document(),
            }
        )
    return sorted(found, key=lambda row: (-row["chats"], row["staff_id"]))


def _by_staff(pairs: Iterable[tuple[int, T]]) -> Mapping[int, list[T]]:
    found: dict[int, list[T]] = {}
    for staff_id, row in pairs:
        found.setdefault(staff_id, []).append(row)
    return found
