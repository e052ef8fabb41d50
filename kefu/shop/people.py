"""What belongs to an account beside its orders, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Membership:
    """``growth`` counts up to ``next_growth``, which brings ``next_level`` (none at the top)."""

    level: str
    growth: int
    next_level: str | None
    next_growth: int | None
    points: int
    benefits: tuple[str, ...] = ()
    renews_at: datetime | None = None
    auto_renew: bool = False


class ContactChannel(StrEnum):
    SMS = "sms"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a code can be sent. The full address never leaves the shop."""

    account_id: str
    channel: ContactChannel
    address_masked: str


@dataclass(frozen=True, slots=True)
class ResetLink:
    """The shop's own page for a new password."""

    url: str
    expires_at: datetime
