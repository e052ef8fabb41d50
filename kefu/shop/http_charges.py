"""Charges, coupons, invoices and price claims, over HTTP."""

from __future__ import annotations

from kefu.shop.http_door import HttpDoor
from kefu.shop.http_requests import ClaimPrice, RequestInvoice, SettleCharge
from kefu.shop.model import Refund, TurnRef, Viewer
from kefu.shop.money import ChargeSettlement, Coupon, Invoice, PriceClaim


class HttpCharges(HttpDoor):
    """The ``Charges`` of a shop behind HTTP."""

    def settle_charge(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str
    ) -> ChargeSettlement:
        return self._operate(viewer, SettleCharge(turn=turn, order_number=order_number))

    def coupons(self, viewer: Viewer) -> tuple[Coupon, ...]:
        return self._list(Coupon, viewer, "coupons")

    def invoices(self, viewer: Viewer, order_number: str) -> tuple[Invoice, ...]:
        return self._list(Invoice, viewer, "orders", order_number, "invoices")

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
        asked = RequestInvoice(
            turn=turn, order_number=order_number, title=title, tax_number=tax_number, email=email
        )
        return self._operate(viewer, asked)

    def price_claim(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> PriceClaim | None:
        path = ("orders", order_number, "items", item_id, "price-claim")
        query = (("turn_id", turn.turn_id), ("now", turn.now.isoformat()))
        return self._find(PriceClaim, viewer, *path, query=query)

    def claim_price(
        self, viewer: Viewer, turn: TurnRef, *, order_number: str, item_id: str
    ) -> Refund:
        asked = ClaimPrice(turn=turn, order_number=order_number, item_id=item_id)
        return self._operate(viewer, asked)
