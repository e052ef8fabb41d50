"""The parts of the door to a shop, by what they are about; ``ShopGateway`` is all of them.

Every method that writes takes the turn, whose id is the idempotency key: the same turn asking for
the same again gets the stored result, with other arguments ``OperationConflict``. Each also raises
``RuleRefused`` (its verdict's sentence may be shown), ``ShopReadOnly`` where the shop lets nothing
be written, and ``ShopUnavailable``. The operation's name is the method's; its target is given.
"""

from __future__ import annotations

from datetime import date
from typing import Protocol

from kefu.shop.catalogue import Product, Seller
from kefu.shop.changes import Cancellation, DayPart, Installation, OrderChange, Urge
from kefu.shop.model import Account, Order, Refund, Return, TurnRef, Viewer
from kefu.shop.money import ChargeSettlement, Coupon, Invoice, PriceClaim
from kefu.shop.people import Contact, ContactChannel, Membership, ResetLink


class OrderChanges(Protocol):
    def urge_shipping(self, viewer: Viewer, turn: TurnRef, *, order_number: str) -> Urge:
        """Remind the seller, once per order and Beijing day. Target: the order's number."""
        ...

    def change_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, change: OrderChange
    ) -> Order:
        """Another address, recipient or note before shipping. Target: the order's number."""
        ...

    def cancel_order(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, reason: str
    ) -> Cancellation:
        """Cancel before shipping and refund what was paid. Target: the order's number."""
        ...

    def installations(self, viewer: Viewer, order_number: str) -> tuple[Installation, ...]: ...

    def book_installation(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        day: date,
        part: DayPart,
    ) -> Installation:
        """Book or move the visit for an item. Target: ``<order_number>/<item_id>``."""
        ...

    def cancel_installation(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Installation:
        """Call off the visit for an item. Target: ``<order_number>/<item_id>``."""
        ...


class Charges(Protocol):
    def settle_charge(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str
    ) -> ChargeSettlement:
        """Refund what was paid twice, or book a payment that succeeded beside an unpaid order.

        A finding with nothing to repair is answered as such. Target: the order's number.
        """
        ...

    def coupons(self, viewer: Viewer) -> tuple[Coupon, ...]:
        """The account's coupons, the next to expire first; a guest has none."""
        ...

    def invoices(self, viewer: Viewer, order_number: str) -> tuple[Invoice, ...]:
        """Newest first."""
        ...

    def request_invoice(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        title: str,
        tax_number: str | None,
        email: str | None,
    ) -> Invoice:
        """Ask for an invoice; one that stands is replaced. Target: the order's number."""
        ...

    def price_claim(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> PriceClaim | None:
        """What price protection would give now; reads only."""
        ...

    def claim_price(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Refund:
        """Refund the difference, once per item. Target: ``<order_number>/<item_id>``."""
        ...


class AfterSale(Protocol):
    def return_by_number(self, viewer: Viewer, rma_number: str) -> Return | None: ...

    def submit_return_tracking(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        rma_number: str,
        carrier_code: str,
        tracking_number: str,
    ) -> Return:
        """How the goods are on their way back. Target: the RMA's number."""
        ...

    def cancel_return(self, viewer: Viewer, turn: TurnRef, *, rma_number: str) -> Return:
        """Withdraw an RMA before the goods were sent back. Target: the RMA's number."""
        ...


class Accounts(Protocol):
    """``account_id`` is named only after the desk has checked a one-time code for it."""

    def membership(self, viewer: Viewer) -> Membership | None:
        """``None`` for a guest."""
        ...

    def contacts(self, profile: str, account_id: str) -> tuple[Contact, ...]:
        """Where codes for the account can be sent; empty if there is no such account."""
        ...

    def find_contact(self, profile: str, login: str) -> Contact | None:
        """The account behind a phone number, an e-mail address or an account id, for the desk
        alone: no shopper may learn whether it exists."""
        ...

    def send_notice(
        self,
        profile: str,
        account_id: str,
        *,
        notice_id: str,
        kind: str,
        channel: ContactChannel | None,
        payload: dict[str, str],
    ) -> None:
        """Put a message to the account into the outbox, once per ``notice_id``.

        ``kind`` names the text, ``payload`` its variables. Without a channel the shop chooses.
        ``payload["to"]`` is another phone than the account's, one that is to be bound.
        """
        ...

    def unlock_account(self, profile: str, account_id: str, turn: TurnRef) -> Account:
        """Target: the account."""
        ...

    def start_password_reset(self, profile: str, account_id: str, turn: TurnRef) -> ResetLink:
        """A link that the shop's own page takes. Target: the account."""
        ...

    def change_phone(self, profile: str, account_id: str, turn: TurnRef, *, phone: str) -> Account:
        """Bind another phone. Target: the account."""
        ...


class Catalogue(Protocol):
    def products(self, profile: str, words: str, limit: int = 5) -> tuple[Product, ...]:
        """Those whose name fits the words best; empty words give nothing."""
        ...

    def product(self, profile: str, sku: str) -> Product | None: ...

    def seller(self, profile: str, seller_id: str) -> Seller | None: ...
