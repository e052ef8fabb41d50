"""How far each talk is delivered: the transactions around the POSTs, none of which is open in one.

One desk at a time works on a talk, by a lease. The cursor moves after the server has taken an
event, so that a desk that dies in between has it sent once more, under the same id.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.store.channel_tables import WebhookDelivery
from kefu.store.database import shared_now
from kefu.store.tables import Audit

PAUSED = "webhook_paused"
SKIPPED = "webhook_event_skipped"


@dataclass(frozen=True, slots=True)
class Held:
    """A talk that this desk works on."""

    conversation_id: str
    user_id: str
    delivered_seq: int


@dataclass(frozen=True, slots=True)
class Missed:
    """What becomes of an event that was not taken ``tries`` times.

    ``lost``: another desk has the talk.
    """

    outcome: Literal["again", "paused", "skipped", "lost"]
    tries: int


def due(session: Session, profile: str, holder: str, busy: Collection[str]) -> bool:
    """Whether there is a talk to take up."""
    found = select(WebhookDelivery.conversation_id).where(*_free(session, profile, holder, busy))
    return session.scalar(found.limit(1)) is not None


def take(
    session: Session,
    profile: str,
    holder: str,
    busy: Collection[str],
    *,
    lease: timedelta,
    limit: int,
) -> list[Held]:
    """Take up talks that nobody works on, those first that have waited longest.

    ``busy``: talks this desk works on. Others that it holds were interrupted and are taken again.
    """
    rows = session.scalars(
        select(WebhookDelivery)
        .where(*_free(session, profile, holder, busy))
        .order_by(WebhookDelivery.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    until = shared_now(session) + lease
    for row in rows:
        row.holder, row.lease_until = holder, until
    return [Held(row.conversation_id, row.user_id, row.delivered_seq) for row in rows]


def taken(session: Session, held: Held, holder: str, seq: int, lease: timedelta) -> bool:
    """The server has taken event ``seq``; ``False``: another desk has the talk meanwhile."""
    now = shared_now(session)
    return _change(
        session,
        held.conversation_id,
        holder,
        delivered_seq=seq,
        delivered_at=now,
        lease_until=now + lease,
        tries=0,
        failing_since=None,
        paused_at=None,
    )


def finish(session: Session, held: Held, holder: str, seen: int) -> bool:
    """Give back a talk whose events up to ``seen`` are dealt with; ``True``: there are more.

    Whoever writes an event locks the row too: it is either seen here, or makes the row due again.
    """
    row = _locked(session, held.conversation_id)
    if row.holder != holder:
        return False
    row.delivered_seq = max(row.delivered_seq, seen)
    if events.newest(session, [held.conversation_id])[held.conversation_id] > row.delivered_seq:
        return True
    row.due_at = row.holder = row.lease_until = None
    return False


def missed(
    session: Session,
    held: Held,
    holder: str,
    seq: int,
    reason: str,
    *,
    pause: Callable[[int], timedelta],
    patience: timedelta,
    alive: timedelta,
) -> Missed:
    """The server has not taken event ``seq``: try again after a ``pause``, or give it up.

    After ``patience`` a talk is paused, with its cursor where it is. Only where the server took
    other talks' events within ``alive`` is this one left out: it is the event, not the server.
    """
    row = _locked(session, held.conversation_id)
    if row.holder != holder:
        return Missed("lost", row.tries)
    now = shared_now(session)
    row.holder = row.lease_until = None
    row.tries += 1
    since = row.failing_since = row.failing_since or now
    if row.paused_at:
        row.due_at, row.paused_at = None, now
        return Missed("paused", row.tries)
    if now - since < patience:
        row.due_at = now + pause(row.tries)
        return Missed("again", row.tries)
    missed = Missed("skipped" if _is_alive(session, row, now - alive) else "paused", row.tries)
    detail = {"seq": seq, "tries": row.tries, "reason": reason}
    if missed.outcome == "skipped":
        row.delivered_seq, row.tries, row.failing_since = seq, 0, None
        row.due_at = now
        _audit(session, row, SKIPPED, now, **detail)
    else:
        row.due_at, row.paused_at = None, now
        _audit(session, row, PAUSED, now, **detail)
    return missed


def revive(session: Session, profile: str) -> int:
    """Take up paused talks again if the server took another's event since; how many."""
    latest = (
        select(func.max(WebhookDelivery.delivered_at))
        .where(WebhookDelivery.profile == profile)
        .scalar_subquery()
    )
    return _begin_anew(session, profile, WebhookDelivery.paused_at < latest)


def begin_anew(session: Session, profile: str) -> int:
    """Try at once whatever the server has not taken; how many talks."""
    return _begin_anew(session, profile)


def has_paused(session: Session, profile: str) -> bool:
    paused = select(WebhookDelivery.conversation_id).where(
        WebhookDelivery.profile == profile,
        WebhookDelivery.failing_since.is_not(None),
        WebhookDelivery.paused_at.is_not(None),
    )
    return session.scalar(paused.limit(1)) is not None


def holders(session: Session) -> set[str]:
    """The desks that work on a talk now."""
    held = select(WebhookDelivery.holder).where(
        WebhookDelivery.due_at.is_not(None), WebhookDelivery.holder.is_not(None)
    )
    return {holder for holder in session.scalars(held.distinct()) if holder}


def give_back(session: Session, holder: str) -> None:
    """Let other desks go on with what one holds that has stopped or died."""
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.due_at.is_not(None), WebhookDelivery.holder == holder)
        .values(holder=None, lease_until=None)
    )


def _free(
    session: Session, profile: str, holder: str, busy: Collection[str]
) -> list[ColumnElement[bool]]:
    now = shared_now(session)
    return [
        WebhookDelivery.profile == profile,
        WebhookDelivery.due_at <= now,
        or_(
            WebhookDelivery.holder.is_(None),
            WebhookDelivery.holder == holder,
            WebhookDelivery.lease_until <= now,
        ),
        WebhookDelivery.conversation_id.not_in(busy),
    ]


def _change(session: Session, conversation_id: str, holder: str, **values: Any) -> bool:
    result = session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.conversation_id == conversation_id, WebhookDelivery.holder == holder)
        .values(**values)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _locked(session: Session, conversation_id: str) -> WebhookDelivery:
    return session.get_one(
        WebhookDelivery, conversation_id, with_for_update=True, populate_existing=True
    )


def _begin_anew(session: Session, profile: str, *more: ColumnElement[bool]) -> int:
    result = session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.profile == profile, WebhookDelivery.failing_since.is_not(None), *more
        )
        .values(due_at=shared_now(session), tries=0, failing_since=None, paused_at=None),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


def _is_alive(session: Session, row: WebhookDelivery, since: datetime) -> bool:
    others = select(WebhookDelivery.conversation_id).where(
        WebhookDelivery.profile == row.profile,
        WebhookDelivery.delivered_at > since,
        WebhookDelivery.conversation_id != row.conversation_id,
    )
    return session.scalar(others.limit(1)) is not None


def _audit(
    session: Session, row: WebhookDelivery, action: str, at: datetime, **detail: object
) -> None:
    session.add(
        Audit(
            profile=row.profile,
            at=at,
            actor="system",
            action=action,
            subject=row.conversation_id,
            detail=detail,
        )
    )
