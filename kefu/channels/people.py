"""Whether a person would answer now, and when one does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from kefu.handoff import routing
from kefu.profiles import Profile


class People(BaseModel):
    """The agents whom this shopper would be given to. ``hours``: in Chinese words."""

    open: bool
    hours: str
    next_opening: datetime | None


def view(profile: Profile, context: Mapping[str, str], now: datetime) -> People:
    """For a chat that was opened from ``context`` and has no topic yet."""
    group = routing.group_for(profile, now, intents=(), context=context)
    hours = profile.hours_of(group)
    is_open = hours.is_open(now)
    opening = None if is_open else hours.next_opening(now)
    return People(open=is_open, hours=hours.text(), next_opening=opening)
