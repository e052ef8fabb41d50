"""RMAs, over HTTP."""

from __future__ import annotations

from datetime import datetime

from kefu.shop import return_rules
from kefu.shop.catalogue import Product
from kefu.shop.http_door import HttpDoor
from kefu.shop.http_requests import CancelReturn, RequestReturn, SubmitReturnTracking
from kefu.shop.model import (
    Order,
    Return,
    ReturnKind,
    ReturnReason,
    TurnRef,
    Verdict,
    Viewer,
)


class HttpAfterSale(HttpDoor):
    """The ``AfterSale`` of a shop behind HTTP, and the opening of RMAs."""

    def return_verdict(
        self,
        viewer: Viewer,
        order: Order,
        item_id: str,
        now: datetime,
        reason: ReturnReason | None = None,
        *,
        kind: ReturnKind = ReturnKind.RETURN,
    ) -> Verdict:
        """Computed here, from the order and the profile's policy, to offer what is possible.

        The shop judges again when the RMA is asked for, and its word holds.
        """
        months = self._warranty_months(viewer, order, item_id) if kind is ReturnKind.REPAIR else 0
        policy = self._policy(viewer.profile)
        return return_rules.verdict_for(
            kind, order, item_id, now, reason, policy=policy, warranty_months=months
        )

    def request_return(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        reason: ReturnReason,
        note: str = "",
        kind: ReturnKind = ReturnKind.RETURN,
        wanted_variant: str | None = None,
    ) -> Return:
        asked = RequestReturn(
            turn=turn,
            order_number=order_number,
            item_id=item_id,
            reason=reason,
            note=note,
            kind=kind,
            wanted_variant=wanted_variant,
        )
        return self._operate(viewer, asked)

    def return_by_number(self, viewer: Viewer, rma_number: str) -> Return | None:
        return self._find(Return, viewer, "returns", rma_number)

    def submit_return_tracking(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        rma_number: str,
        carrier_code: str,
        tracking_number: str,
    ) -> Return:
        asked = SubmitReturnTracking(
            turn=turn,
            rma_number=rma_number,
            carrier_code=carrier_code,
            tracking_number=tracking_number,
        )
        return self._operate(viewer, asked)

    def cancel_return(self, viewer: Viewer, turn: TurnRef, *, rma_number: str) -> Return:
        return self._operate(viewer, CancelReturn(turn=turn, rma_number=rma_number))

    def _warranty_months(self, viewer: Viewer, order: Order, item_id: str) -> int:
        item = next((each for each in order.items if each.item_id == item_id), None)
        catalogue = Viewer(viewer.profile)
        product = self._find(Product, catalogue, "products", item.sku) if item else None
        return product.warranty_months if product else 0
