"""A shop's own service behind ``ShopGateway``; ``docs/shop-api.yaml`` describes what it serves."""

from __future__ import annotations

from collections.abc import Collection

from kefu.shop.http_accounts import HttpAccounts
from kefu.shop.http_after_sale import HttpAfterSale
from kefu.shop.http_catalogue import HttpCatalogue
from kefu.shop.http_charges import HttpCharges
from kefu.shop.http_order_changes import HttpOrderChanges
from kefu.shop.http_requests import CheckGuest
from kefu.shop.model import (
    Account,
    GuestCheck,
    Operation,
    Order,
    OrderPage,
    OrderState,
    Payment,
    Refund,
    Return,
    TurnRef,
    Viewer,
)

_NOBODY = Viewer("")


class HttpGateway(HttpOrderChanges, HttpCharges, HttpAfterSale, HttpAccounts, HttpCatalogue):
    """A ``ShopGateway`` on ``requests``. Connects when first asked; ``close`` when done."""

    def ping(self) -> None:
        self._knock("/v1/ping")

    def account(self, viewer: Viewer) -> Account | None:
        return self._find(Account, viewer, "account")

    def orders(
        self,
        viewer: Viewer,
        *,
        states: Collection[OrderState] | None = None,
        limit: int = 5,
        offset: int = 0,
    ) -> OrderPage:
        nothing = OrderPage((), 0)
        if states is not None and not states:
            return nothing
        wanted = [("state", str(state)) for state in states or ()]
        query = (*wanted, ("limit", limit), ("offset", offset))
        return self._find(OrderPage, viewer, "orders", query=query) or nothing

    def order(self, viewer: Viewer, order_number: str) -> Order | None:
        return self._find(Order, viewer, "orders", order_number)

    def failed_payments(self, viewer: Viewer, limit: int = 5) -> tuple[Payment, ...]:
        return self._list(Payment, viewer, "failed-payments", query=[("limit", limit)])

    def returns(self, viewer: Viewer, limit: int = 5) -> tuple[Return, ...]:
        return self._list(Return, viewer, "returns", query=[("limit", limit)])

    def refunds(self, viewer: Viewer, limit: int = 5) -> tuple[Refund, ...]:
        return self._list(Refund, viewer, "refunds", query=[("limit", limit)])

    def check_guest(
        self, profile: str, order_number: str, phone_tail: str, turn: TurnRef
    ) -> GuestCheck:
        asked = CheckGuest(turn=turn, order_number=order_number, phone_tail=phone_tail)
        return self._post(
            GuestCheck, Viewer(profile), "/v1/guest-checks", asked, asked.idempotency_key()
        )

    def operation(self, turn: TurnRef, name: str, target: str) -> Operation | None:
        done = self.operations(turn.turn_id)
        return next((each for each in done if (each.name, each.target) == (name, target)), None)

    def operations(self, turn_id: str) -> tuple[Operation, ...]:
        return self._list(Operation, _NOBODY, "operations", query=[("turn_id", turn_id)])
