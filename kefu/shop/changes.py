"""What can be asked of an order before and after it is shipped, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kefu.shop.model import Order, Refund


@dataclass(frozen=True, slots=True)
class Urge:
    """A reminder to ship, one per order and Beijing day; ``repeated``: that day had one before."""

    order_number: str
    at: datetime
    repeated: bool


@dataclass(frozen=True, slots=True)
class OrderChange:
    """What shall be different; ``None`` stays as it is. ``address`` is one line, as typed."""

    recipient_name: str | None = None
    recipient_phone: str | None = None
    address: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The cancelled order, and the refund of what had been paid."""

    order: Order
    reason: str
    refund: Refund | None


class InstallationState(StrEnum):
    BOOKED = "booked"
    DONE = "done"
    CANCELLED = "cancelled"


class DayPart(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


@dataclass(frozen=True, slots=True)
class Installation:
    """A visit to install goods at the shopper's address."""

    booking_id: str
    order_number: str
    item_id: str
    day: date
    part: DayPart
    state: InstallationState
