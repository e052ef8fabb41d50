"""The rows that the figures are made of, as the database has them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import starmap
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, null, select, union, union_all
from sqlalchemy.orm import Session

from kefu.reports.days import Period
from kefu.reports.extent import Extent
from kefu.reports.moments import shop_day, utc_hour
from kefu.reports.topics import SMALL_TALK
from kefu.store.desk_tables import Correction
from kefu.store.handoff_tables import Handoff, ToldWait
from kefu.store.service_tables import Rating
from kefu.store.tables import Audit, Staff, Turn

# A chat that an agent has longer than this after the range is left open.
AFTER = timedelta(days=1)


# Every step of a talk that may give it to an agent or take it from one.
MOVES = (
    "claim",
    "assign",
    "take_over",
    "transfer",
    "transfer_to",
    "move",
    "move_to",
    "give_back",
    "return_to_bot",
    "resolve",
    "leave",
)


class HandoffRow(NamedTuple):
    """One call for a person."""

    conversation_id: str
    profile: str
    agent_group: str | None
    outcome: str
    asked_at: datetime
    assigned_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    returns: int


class Talks(NamedTuple):
    """How many, and how many by day, ``YYYY-MM-DD`` in Beijing: one of two days counts on both."""

    number: int
    by_day: dict[str, int]


class TopicRow(NamedTuple):
    """A hand-off and what the talk was about then."""

    conversation_id: str
    intent: str | None


class ToldRow(NamedTuple):
    """A range that was told, and the wait from then on, in seconds."""

    profile: str
    agent_group: str | None
    low: int
    high: int
    had: int | None


class RatingRow(NamedTuple):
    """How many ratings were asked for and given alike. ``stars`` is empty where none was given."""

    served_by: str
    staff_id: int | None
    stars: int | None
    number: int


class MarkRow(NamedTuple):
    """How many messages an agent marked alike."""

    intent_given: str | None
    right: bool
    right_intent: str | None
    staff_id: int
    number: int


class MoveRow(NamedTuple):
    """A chat went from one agent to another; ``None``: to or from nobody."""

    conversation_id: str
    at: datetime
    action: str
    owner: int | None
    new_owner: int | None


def handoffs(session: Session, extent: Extent, period: Period) -> list[HandoffRow]:
    """Those asked for in the period."""
    query = select(
        Handoff.conversation_id,
        Handoff.profile,
        Handoff.agent_group,
        Handoff.outcome,
        Handoff.asked_at,
        Handoff.assigned_at,
        Handoff.answered_at,
        Handoff.ended_at,
        Handoff.returns,
    ).where(extent.within(Handoff, Handoff.asked_at, period))
    return list(starmap(HandoffRow, session.execute(query)))


def talks(session: Session, extent: Extent, period: Period) -> Talks:
    """In which a shopper wrote to the bot or was handed to a person."""
    came = union(
        select(shop_day(Turn.created_at).label("day"), Turn.conversation_id).where(
            _asked(extent, period)
        ),
        select(shop_day(Handoff.asked_at), Handoff.conversation_id).where(
            extent.of_profiles(Handoff, Handoff.asked_at, period)
        ),
    ).cte("came")
    # Read twice, gathered once.
    query = union_all(
        select(came.c.day, func.count()).group_by(came.c.day),
        select(null(), func.count(came.c.conversation_id.distinct())),
    )
    by_day: dict[str | None, int] = dict(session.execute(query).tuples().all())
    return Talks(by_day.pop(None), {str(day): number for day, number in by_day.items()})


def _asked(extent: Extent, period: Period) -> ColumnElement[bool]:
    return extent.of_profiles(Turn, Turn.created_at, period) & Turn.intent.is_not(None)


def talks_by_intent(session: Session, extent: Extent, period: Period) -> dict[str, int]:
    """In how many talks each intent was asked about; a talk counts for each of its intents."""
    once = (
        select(Turn.intent, Turn.conversation_id)
        .where(_asked(extent, period))
        .distinct()
        .subquery()
    )
    query = select(once.c.intent, func.count()).group_by(once.c.intent)
    return {intent: number for intent, number in session.execute(query).tuples() if intent}


def topics(session: Session, extent: Extent, period: Period) -> list[TopicRow]:
    """What each hand-off was about: the last question before it, in the period."""
    last = (
        select(Turn.intent)
        .where(
            Turn.conversation_id == Handoff.conversation_id,
            Turn.created_at <= Handoff.asked_at,
            Turn.created_at >= period.start,
            Turn.intent.not_in(SMALL_TALK),
        )
        .order_by(Turn.created_at.desc())
        .limit(1)
        .correlate(Handoff)
        .scalar_subquery()
    )
    query = select(Handoff.conversation_id, last).where(
        extent.of_groups(Handoff, Handoff.asked_at, period)
    )
    return list(starmap(TopicRow, session.execute(query)))


def questions_by_hour(session: Session, extent: Extent, period: Period) -> dict[str, int]:
    """Turns that shoppers wrote, by ``2026-11-30 16`` in UTC."""
    hour = utc_hour(Turn.created_at)
    query = select(hour, func.count()).where(_asked(extent, period)).group_by(hour)
    return dict(session.execute(query).tuples().all())


def told(session: Session, extent: Extent, period: Period) -> list[ToldRow]:
    """What shoppers were told of their wait; of an agent's own shoppers where it is one's own."""
    query = select(
        ToldWait.profile, ToldWait.agent_group, ToldWait.low, ToldWait.high, ToldWait.had
    ).where(extent.of_groups(ToldWait, ToldWait.told_at, period))
    if extent.own:
        query = query.join(Handoff, Handoff.handoff_id == ToldWait.handoff_id).where(
            Handoff.staff_id == extent.staff_id
        )
    return list(starmap(ToldRow, session.execute(query)))


def ratings(session: Session, extent: Extent, period: Period) -> list[RatingRow]:
    """Those asked for in the period."""
    key = (Rating.served_by, Rating.staff_id, Rating.stars)
    query = (
        select(*key, func.count())
        .where(extent.within(Rating, Rating.asked_at, period))
        .group_by(*key)
    )
    return list(starmap(RatingRow, session.execute(query)))


def ratings_by_day(session: Session, extent: Extent, period: Period) -> list[tuple[str, int, int]]:
    """Day, ratings given, and those of them with four or five stars."""
    day = shop_day(Rating.asked_at)
    good = func.sum(case((Rating.stars >= 4, 1), else_=0))
    query = (
        select(day, func.count(), good)
        .where(extent.within(Rating, Rating.asked_at, period), Rating.stars.is_not(None))
        .group_by(day)
    )
    return [(name, number, int(satisfied)) for name, number, satisfied in session.execute(query)]


def reasons(session: Session, extent: Extent, period: Period) -> Iterable[list[str]]:
    """The reasons that shoppers chose with their stars."""
    return session.scalars(
        select(Rating.reasons).where(
            extent.within(Rating, Rating.asked_at, period), Rating.stars.is_not(None)
        )
    )


def marks(session: Session, extent: Extent, period: Period) -> list[MarkRow]:
    """What agents said in the period of how the bot understood."""
    key = (Correction.intent_given, Correction.right, Correction.right_intent, Correction.staff_id)
    query = (
        select(*key, func.count())
        .where(
            extent.of_profiles(Correction, Correction.at, period),
            extent.of_staff(Correction),
            extent.during_handoff(Correction, Correction.conversation_id, Correction.at),
        )
        .group_by(*key)
    )
    return list(starmap(MarkRow, session.execute(query)))


def moves(session: Session, extent: Extent, period: Period) -> list[MoveRow]:
    """Every change of agent from the period's start until a day after its end, in order."""
    longer = Period(period.start, period.end + AFTER)
    owner = Audit.detail["owner"].as_integer()
    new_owner = Audit.detail["new_owner"].as_integer()
    query = (
        select(Audit.subject, Audit.at, Audit.action, owner, new_owner)
        .where(
            extent.of_profiles(Audit, Audit.at, longer),
            Audit.action.in_(MOVES),
            extent.during_handoff(Audit, Audit.subject, Audit.at),
        )
        .order_by(Audit.audit_id)
    )
    return list(starmap(MoveRow, session.execute(query)))


def names(session: Session, staff_ids: Iterable[int]) -> dict[int, str]:
    """What colleagues call each of these people."""
    query = select(Staff.staff_id, Staff.name).where(Staff.staff_id.in_(set(staff_ids)))
    return dict(session.execute(query).tuples().all())
