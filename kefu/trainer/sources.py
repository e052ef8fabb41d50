"""Where the inbox's messages come from: turns, ratings, agents' corrections. Each is read once.

A row is read only when it is old enough that no open transaction can still write one before it, so
that a cursor over time skips nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, load_only

from kefu.profiles import Profiles
from kefu.store.database import shared_now
from kefu.store.desk_tables import Correction
from kefu.store.inbox_tables import InboxCursor
from kefu.store.service_tables import Rating
from kefu.store.tables import Turn
from kefu.trainer import gathering, reading
from kefu.trainer.gathering import Groups, Noticed

# Statements end after ten seconds, transactions soon after.
SETTLED = timedelta(seconds=30)
THUMBS_DOWN = 2
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def read_turns(session: Session, profiles: Profiles, groups: Groups, limit: int) -> int:
    """Take up the next turns; how many there were."""
    cursor, horizon = _cursor(session, "turns"), _horizon(session)
    turns = session.scalars(
        select(Turn)
        .options(load_only(*gathering.READ, raiseload=True))
        .where(
            Turn.finished_at <= horizon,
            Turn.status == "done",
            _after(Turn.finished_at, Turn.turn_id, cursor),
        )
        .order_by(Turn.finished_at, Turn.turn_id)
        .limit(limit)
    ).all()
    if not turns:
        return 0
    talks = gathering.talks_of(session, turns)
    noticed: list[Noticed] = []
    for turn in turns:
        noticed += gathering.of_turn(talks[turn.conversation_id], turn, reading.SAMPLED_SHARE)
    gathering.store(session, profiles, groups, noticed)
    last = turns[-1]
    _move(cursor, last.finished_at or horizon, last.turn_id)
    return len(turns)


def read_ratings(session: Session, profiles: Profiles, groups: Groups, limit: int) -> int:
    """Take up shoppers' opinions of the bot: the last thing asked before a bad one."""
    cursor, horizon = _cursor(session, "ratings"), _horizon(session)
    rows = session.scalars(
        select(Rating)
        .where(
            Rating.changed_at <= horizon, _after(Rating.changed_at, Rating.conversation_id, cursor)
        )
        .order_by(Rating.changed_at, Rating.conversation_id)
        .limit(limit)
    ).all()
    bad = [r for r in rows if r.served_by == "bot" and r.stars and r.stars <= THUMBS_DOWN]
    noticed: list[Noticed] = []
    for rating in bad:
        talk = gathering.talk_until(session, rating.conversation_id, rating.asked_at)
        asked = talk.asked_before(rating.asked_at)
        if asked:
            noticed.append(Noticed(*asked, reading.bit("thumbs_down")))
    gathering.store(session, profiles, groups, noticed)
    if rows:
        last = rows[-1]
        _move(cursor, last.changed_at or horizon, last.conversation_id)
    return len(rows)


def read_corrections(session: Session, profiles: Profiles, groups: Groups, limit: int) -> int:
    """Take up what agents marked as wrong, with the intent that they say it was."""
    cursor, horizon = _cursor(session, "corrections"), _horizon(session)
    rows = session.scalars(
        select(Correction)
        .where(Correction.at <= horizon, _after(Correction.at, Correction.turn_id, cursor))
        .order_by(Correction.at, Correction.turn_id)
        .limit(limit)
    ).all()
    wrong = [row for row in rows if not row.right]
    turns = {turn.turn_id: turn for turn in _turns(session, [row.turn_id for row in wrong])}
    noticed: list[Noticed] = []
    for row in wrong:
        turn = turns.get(row.turn_id)
        said = reading.readings(turn.parse) if turn else []
        if turn and said:
            suggested = (row.right_intent,) if row.right_intent else ()
            kinds = reading.bit("agent_wrong")
            noticed.append(Noticed(turn, said[0], kinds, suggested=suggested))
    gathering.store(session, profiles, groups, noticed)
    if rows:
        _move(cursor, rows[-1].at, rows[-1].turn_id)
    return len(rows)


def _turns(session: Session, turn_ids: Sequence[str]) -> Sequence[Turn]:
    return session.scalars(select(Turn).where(Turn.turn_id.in_(turn_ids))).all()


def _horizon(session: Session) -> datetime:
    return shared_now(session) - SETTLED


def _cursor(session: Session, source: str) -> InboxCursor:
    cursor = session.get(InboxCursor, source)
    if cursor is None:
        cursor = InboxCursor(source=source, at=BEGINNING, row="")
        session.add(cursor)
    return cursor


def _move(cursor: InboxCursor, at: datetime, row: str) -> None:
    cursor.at, cursor.row = at, row


def _after(at: Any, row: Any, cursor: InboxCursor) -> Any:
    return or_(at > cursor.at, and_(at == cursor.at, row > cursor.row))
