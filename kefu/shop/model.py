"""What a shop knows, as plain values. Money is in fen (integer), times are aware UTC datetimes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class OrderState(StrEnum):
    """Where an order stands, from placing to the end."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    SIGNED = "signed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class PaymentState(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUNDED = "refunded"


class ShipmentState(StrEnum):
    PACKED = "packed"
    IN_TRANSIT = "in_transit"
    DELIVERING = "delivering"
    SIGNED = "signed"
    EXCEPTION = "exception"
    RETURNED = "returned"


class ReturnState(StrEnum):
    """States of an RMA (return merchandise authorisation)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    SHIPPED_BACK = "shipped_back"
    INSPECTING = "inspecting"
    REFUNDED = "refunded"
    CLOSED = "closed"


class RefundState(StrEnum):
    REQUESTED = "requested"
    APPROVED = "approved"
    SENT_TO_BANK = "sent_to_bank"
    ARRIVED = "arrived"
    FAILED = "failed"


class ReturnReason(StrEnum):
    NO_REASON = "no_reason"
    WRONG_SIZE = "wrong_size"
    NOT_AS_DESCRIBED = "not_as_described"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    OTHER = "other"


class ReturnKind(StrEnum):
    """What becomes of the goods: all three are an RMA."""

    RETURN = "return"
    EXCHANGE = "exchange"
    REPAIR = "repair"


class FreightPayer(StrEnum):
    """Who pays for sending the goods back."""

    SHOPPER = "shopper"
    SELLER = "seller"
    INSURANCE = "insurance"


@dataclass(frozen=True, slots=True)
class Viewer:
    """For whom the shop is asked: an account, or the orders that a guest has proved to own."""

    profile: str
    account_id: str | None = None
    verified_orders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TurnRef:
    """The turn that causes an effect: its id is the idempotency key, ``now`` its frozen time."""

    turn_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    name: str
    phone_masked: str
    email_masked: str | None
    member_level: str
    locked: bool
    lock_reason: str | None
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class OrderItem:
    item_id: str
    sku: str
    name: str
    variant: str
    category: str
    quantity: int
    unit_price: int
    seller_id: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """``failure_code`` is the gateway's own code (for instance ``INSUFFICIENT_BALANCE``)."""

    payment_id: str
    order_number: str
    method: str
    bank: str | None
    card_tail: str | None
    amount: int
    state: PaymentState
    failure_code: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogisticsEvent:
    at: datetime
    text: str
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    shipment_id: str
    order_number: str
    carrier_code: str
    carrier_name: str
    tracking_number: str
    state: ShipmentState
    shipped_at: datetime
    expected_at: datetime | None
    signed_at: datetime | None
    recipient_phone_tail: str
    events: tuple[LogisticsEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Return:
    """An RMA; ``wanted_variant`` is what an exchange brings instead (``红色 XL``)."""

    rma_number: str
    order_number: str
    item_id: str
    item_name: str
    reason: ReturnReason
    note: str
    state: ReturnState
    refund_amount: int
    requested_at: datetime
    updated_at: datetime
    return_address: str | None
    tracking_number: str | None
    kind: ReturnKind = ReturnKind.RETURN
    freight_payer: FreightPayer = FreightPayer.SHOPPER
    wanted_variant: str | None = None
    carrier_code: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    refund_id: str
    order_number: str
    rma_number: str | None
    amount: int
    state: RefundState
    channel: str
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """One order with all that hangs on it; recipient and address are masked.

    ``urged_at``: when the seller was last reminded to ship, if anybody did.
    """

    order_number: str
    state: OrderState
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    signed_at: datetime | None
    cancelled_at: datetime | None
    promised_ship_at: datetime | None
    total: int
    freight: int
    discount: int
    recipient_masked: str
    address_masked: str
    note: str
    items: tuple[OrderItem, ...] = ()
    payments: tuple[Payment, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    returns: tuple[Return, ...] = ()
    refunds: tuple[Refund, ...] = ()
    seller_id: str | None = None
    freight_insured: bool = False
    urged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """Newest orders first; ``total`` counts all that match, not only this page."""

    orders: tuple[Order, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be done; ``code`` for programs, ``sentence`` for the shopper.

    An allowing verdict may carry a condition in its sentence.
    """

    allowed: bool
    code: str = "ok"
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class GuestCheck:
    """Outcome of order number + last four digits of the phone.

    ``order`` is set only when both fit. Unknown order and wrong digits are indistinguishable.
    """

    order: Order | None
    blocked_until: datetime | None = None
    tries_left: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One effect that a turn had in the shop, with its stored result (JSON-able)."""

    turn_id: str
    name: str
    target: str
    result: dict[str, object] = field(default_factory=dict[str, object])
    at: datetime | None = None
