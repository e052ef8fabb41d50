"""Coupons, invoices, charges and price claims, as plain values. Money is in fen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kefu.shop.model import Order, Payment, Refund, Verdict


@dataclass(frozen=True, slots=True)
class Coupon:
    """``amount`` off from ``minimum`` on; an empty ``category`` holds for all goods."""

    coupon_id: str
    name: str
    amount: int
    minimum: int
    valid_from: datetime
    valid_until: datetime
    used_at: datetime | None
    category: str = ""


class InvoiceState(StrEnum):
    REQUESTED = "requested"
    ISSUED = "issued"
    REPLACED = "replaced"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Invoice:
    """``tax_number`` is empty for a person; ``email_masked`` is where it is sent."""

    invoice_id: str
    order_number: str
    title: str
    tax_number: str | None
    amount: int
    state: InvoiceState
    requested_at: datetime
    issued_at: datetime | None
    email_masked: str | None = None


class Charge(StrEnum):
    """What the payments of an order show."""

    FINE = "fine"
    DUPLICATE = "duplicate"
    NOT_BOOKED = "not_booked"
    PENDING = "pending"
    UNPAID = "unpaid"


@dataclass(frozen=True, slots=True)
class ChargeFinding:
    """``surplus``: what was taken too much; ``payments``: those that the finding rests on."""

    charge: Charge
    payments: tuple[Payment, ...]
    surplus: int = 0


@dataclass(frozen=True, slots=True)
class ChargeSettlement:
    """What was done about a finding: ``refund`` of a duplicate, or the order booked as paid."""

    finding: ChargeFinding
    order: Order
    refund: Refund | None


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """Price protection of one item: (paid - current) * quantity, per piece after discounts."""

    order_number: str
    item_id: str
    item_name: str
    quantity: int
    paid_each: int
    current_each: int | None
    difference: int
    deadline: datetime | None
    verdict: Verdict
