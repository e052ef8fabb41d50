"""What is asked of a shop's own service: the bodies of its POST requests.

An operation changes the shop once per turn. Its class names the path (``/v1/operations/<NAME>``),
the target, which with the turn makes the idempotency key, and the value that comes of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import quote

from kefu.shop.changes import Cancellation, DayPart, Installation, OrderChange, Urge
from kefu.shop.model import (
    Account,
    Order,
    Refund,
    Return,
    ReturnKind,
    ReturnReason,
    TurnRef,
    Viewer,
)
from kefu.shop.money import ChargeSettlement, Invoice
from kefu.shop.people import ContactChannel, ResetLink


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationRequest:
    """``turn`` is the turn of the talk that causes it: everything is judged at its ``now``."""

    NAME: ClassVar[str]
    RESULT: ClassVar[type[Any]]

    turn: TurnRef

    def target(self, viewer: Viewer) -> str:
        raise NotImplementedError

    def idempotency_key(self, viewer: Viewer) -> str:
        return idempotency_key(self.turn.turn_id, self.NAME, self.target(viewer))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequest(OperationRequest):
    order_number: str

    def target(self, viewer: Viewer) -> str:
        return self.order_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRequest(OperationRequest):
    order_number: str
    item_id: str

    def target(self, viewer: Viewer) -> str:
        return f"{self.order_number}/{self.item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RmaRequest(OperationRequest):
    rma_number: str

    def target(self, viewer: Viewer) -> str:
        return self.rma_number


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRequest(OperationRequest):
    """For the account that ``Kefu-Account`` names."""

    def target(self, viewer: Viewer) -> str:
        return viewer.account_id or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UrgeShipping(OrderRequest):
    NAME = "urge_shipping"
    RESULT = Urge


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrder(OrderRequest):
    NAME = "change_order"
    RESULT = Order
    change: OrderChange


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder(OrderRequest):
    NAME = "cancel_order"
    RESULT = Cancellation
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCharge(OrderRequest):
    NAME = "settle_charge"
    RESULT = ChargeSettlement


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestInvoice(OrderRequest):
    NAME = "request_invoice"
    RESULT = Invoice
    title: str
    tax_number: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookInstallation(ItemRequest):
    NAME = "book_installation"
    RESULT = Installation
    day: date
    part: DayPart


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInstallation(ItemRequest):
    NAME = "cancel_installation"
    RESULT = Installation


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPrice(ItemRequest):
    NAME = "claim_price"
    RESULT = Refund


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturn(ItemRequest):
    NAME = "request_return"
    RESULT = Return
    reason: ReturnReason
    note: str = ""
    kind: ReturnKind = ReturnKind.RETURN
    wanted_variant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReturnTracking(RmaRequest):
    NAME = "submit_return_tracking"
    RESULT = Return
    carrier_code: str
    tracking_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelReturn(RmaRequest):
    NAME = "cancel_return"
    RESULT = Return


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockAccount(AccountRequest):
    NAME = "unlock_account"
    RESULT = Account


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPasswordReset(AccountRequest):
    NAME = "start_password_reset"
    RESULT = ResetLink


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePhone(AccountRequest):
    NAME = "change_phone"
    RESULT = Account
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckGuest:
    """Counted once per turn."""

    turn: TurnRef
    order_number: str
    phone_tail: str

    def idempotency_key(self) -> str:
        return idempotency_key(self.turn.turn_id, "check_guest", self.order_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class SendNotice:
    """A message to the account that ``Kefu-Account`` names, sent once per ``notice_id``.

    ``kind`` names the text, ``payload`` its variables; without a channel the shop chooses.
    """

    notice_id: str
    kind: str
    channel: ContactChannel | None
    payload: dict[str, str]

    def idempotency_key(self, viewer: Viewer) -> str:
        return idempotency_key(self.notice_id, "send_notice", viewer.account_id or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindContact:
    """``login`` is a phone number, an e-mail address or an account id, as typed."""

    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindProducts:
    words: str
    limit: int = 5


def idempotency_key(cause: str, name: str, target: str) -> str:
    """The ``Idempotency-Key``, a string in quotes; ``cause`` is the turn or the notice."""
    digest = hashlib.sha256(target.encode()).hexdigest()[:16]
    kept = cause if len(cause) <= 64 and cause.isprintable() else _short(cause)
    return f'"{quote(kept, safe="")}:{name}:{digest}"'


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
