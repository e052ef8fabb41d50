"""A guest proves to own an order: its number and the last four digits of the recipient's phone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kefu.shop.ledger import GuestCheckRow
from kefu.shop.model import GuestCheck, TurnRef, Viewer
from kefu.shop.queries import find_order, is_key
from kefu.shop.schema import OrderRow

TRIES = 5
WINDOW = timedelta(hours=1)
BLOCK = timedelta(hours=1)
_KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Try:
    """One counted try, oldest first in a sequence."""

    at: datetime
    passed: bool
    blocked_until: datetime | None = None


def blocked_until(tries: Sequence[Try], now: datetime) -> datetime | None:
    """Until when the number is blocked, ``None`` if it is not."""
    ends = [each.blocked_until for each in tries if each.blocked_until]
    return max((end for end in ends if end > now), default=None)


def wrong_tries(tries: Sequence[Try], now: datetime) -> int:
    """How many wrong tries count at ``now``: a right one and a served block both start anew."""
    count = 0
    for each in tries:
        if each.passed or each.blocked_until:
            count = 0
        elif each.at > now - WINDOW:
            count += 1
    return count


def check_guest(
    session: Session, profile: str, order_number: str, phone_tail: str, turn: TurnRef
) -> GuestCheck:
    """Check and count a try inside one write transaction.

    An ``IntegrityError`` means that another try took the same number: begin again.
    """
    key = _key(order_number)
    fits = _fits(session, profile, order_number, phone_tail)
    rows = session.scalars(
        select(GuestCheckRow)
        .where(GuestCheckRow.profile == profile, GuestCheckRow.order_key == key)
        .order_by(GuestCheckRow.number)
    ).all()
    row = next((each for each in rows if each.turn_id == turn.turn_id), None)
    if row is None:
        tries = [Try(each.at, each.passed, each.blocked_until) for each in rows]
        blocked = blocked_until(tries, turn.now)
        if blocked:
            return GuestCheck(None, blocked_until=blocked)
        wrong = 0 if fits else wrong_tries(tries, turn.now) + 1
        row = GuestCheckRow(
            profile=profile,
            order_key=key,
            number=rows[-1].number + 1 if rows else 1,
            turn_id=turn.turn_id,
            passed=fits,
            tries_left=TRIES - wrong,
            blocked_until=turn.now + BLOCK if wrong >= TRIES else None,
            at=turn.now,
        )
        session.add(row)
        session.execute(delete(GuestCheckRow).where(GuestCheckRow.at < turn.now - _KEEP))
    if row.passed and fits:
        viewer = Viewer(profile, verified_orders=frozenset({order_number}))
        return GuestCheck(find_order(session, viewer, order_number), tries_left=row.tries_left)
    return GuestCheck(None, blocked_until=row.blocked_until, tries_left=row.tries_left)


def _fits(session: Session, profile: str, order_number: str, phone_tail: str) -> bool:
    phone = None
    if is_key(order_number) and is_key(profile):
        phone = session.scalar(
            select(OrderRow.recipient_phone).where(
                OrderRow.profile == profile, OrderRow.order_number == order_number
            )
        )
    expected = phone[-4:] if phone else "none"
    same = hmac.compare_digest(expected.encode(), phone_tail.encode())
    return same and phone is not None


def _key(order_number: str) -> str:
    """What is counted under; what cannot be an order number is counted all the same."""
    if is_key(order_number):
        return order_number
    return hashlib.sha256(order_number.encode()).hexdigest()
