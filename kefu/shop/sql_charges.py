"""Charges, coupons, invoices and price claims, on SQL."""

from __future__ import annotations

from kefu.shop import charges, coupons, invoices, price_claims
from kefu.shop.invoice_rules import InvoiceDetails
from kefu.shop.model import Refund, TurnRef, Viewer
from kefu.shop.money import ChargeSettlement, Coupon, Invoice, PriceClaim
from kefu.shop.sql_door import SqlDoor


class SqlCharges(SqlDoor):
    """The ``Charges`` of the bundled shop."""

    def settle_charge(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str
    ) -> ChargeSettlement:
        return self._write(
            lambda session: charges.settle_charge(session, viewer, turn, order_number)
        )

    def coupons(self, viewer: Viewer) -> tuple[Coupon, ...]:
        with self._reading() as session:
            return coupons.list_coupons(session, viewer)

    def invoices(self, viewer: Viewer, order_number: str) -> tuple[Invoice, ...]:
        with self._reading() as session:
            return invoices.list_invoices(session, viewer, order_number)

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
        details = InvoiceDetails.tidied(title, tax_number, email)
        policy = self._policy(viewer.profile)
        return self._write(
            lambda session: invoices.request_invoice(
                session, viewer, turn, order_number, details, policy=policy
            )
        )

    def price_claim(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> PriceClaim | None:
        policy = self._policy(viewer.profile)
        with self._reading() as session:
            return price_claims.find_claim(
                session, viewer, turn, order_number, item_id, policy=policy
            )

    def claim_price(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Refund:
        policy = self._policy(viewer.profile)
        return self._write(
            lambda session: price_claims.claim_price(
                session, viewer, turn, order_number, item_id, policy=policy
            )
        )
