"""Take a rating, and let the shopper change it for a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.privacy.mask import mask_export
from kefu.profiles import Profile
from kefu.ratings.errors import RatingNotAsked, RatingOver
from kefu.store.database import utc_now
from kefu.store.service_tables import Rating
from kefu.store.tables import Event

CHANGEABLE = timedelta(hours=24)
# Who answers a week later rates something else.
ASKED_FOR = timedelta(days=7)

Reason = Literal[
    "solved",
    "quick",
    "friendly",
    "clear",
    "unsolved",
    "slow",
    "impolite",
    "unclear",
    "complicated",
]


@dataclass(frozen=True, slots=True)
class Opinion:
    """``stars``: 1 to 5. ``text``: in the shopper's own words, or empty."""

    stars: int
    reasons: Sequence[Reason]
    text: str


def rate(
    session: Session, conversation_id: str, profile: Profile, seq: int, opinion: Opinion
) -> int:
    """Store the answer to the ``rating_request`` with this ``seq``; the ``seq`` of its own event.

    The same opinion again changes nothing. Raises ``RatingNotAsked``, ``RatingOver``.
    """
    conversation = events.lock(session, conversation_id)
    rating = session.get(Rating, (conversation_id, seq), populate_existing=True)
    if rating is None:
        raise RatingNotAsked(f"event {seq} asks for no rating")
    now = utc_now()
    reasons: list[str] = sorted(set(opinion.reasons))
    text = mask_export(opinion.text, profile.known_numbers)
    if (rating.stars, rating.reasons, rating.text) == (opinion.stars, reasons, text):
        return _event_of(session, conversation_id, seq)
    if now > _until(rating):
        raise RatingOver("the time to rate is over")
    rating.stars, rating.reasons, rating.text = opinion.stars, reasons, text
    rating.rated_at = rating.rated_at or now
    rating.changed_at = now
    body = {"request": seq, "stars": opinion.stars, "reasons": reasons, "text": text}
    return events.append(session, conversation, "rating", body)


def _until(rating: Rating) -> datetime:
    return rating.rated_at + CHANGEABLE if rating.rated_at else rating.asked_at + ASKED_FOR


def _event_of(session: Session, conversation_id: str, seq: int) -> int:
    """The newest answer to this request; it exists, since the rating has stars."""
    newest = session.scalars(
        select(Event)
        .where(
            Event.conversation_id == conversation_id,
            Event.type == "rating",
            Event.seq > seq,
        )
        .order_by(Event.seq.desc())
    )
    return next(event.seq for event in newest if event.body["request"] == seq)
