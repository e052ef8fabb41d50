"""Finds demo shoppers in the situation that a conversation needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderItem, OrderState, Viewer


def viewers() -> list[Viewer]:
    return [Viewer("demo", f"u{number:04d}") for number in range(1, 201)]


def owner_of(shop: ShopGateway, fits: Callable[[Order], bool], **limits: int) -> tuple[str, Order]:
    """The first demo account with an order that fits; ``at_most`` bounds how many orders it has."""
    at_most, skip = limits.get("at_most", 1000), limits.get("skip", 0)
    for viewer in viewers():
        page = shop.orders(viewer, limit=50)
        found = [order for order in page.orders if fits(order)]
        if found and page.total <= at_most:
            if skip == 0:
                assert viewer.account_id
                return viewer.account_id, found[0]
            skip -= 1
    raise AssertionError("the demo data have no such shopper")


def returnable_item(shop: ShopGateway, account: str, order: Order) -> OrderItem | None:
    viewer = Viewer("demo", account)
    for item in order.items:
        if shop.return_verdict(viewer, order, item.item_id, datetime.now(UTC)).allowed:
            return item
    return None


def with_returnable(shop: ShopGateway, skip: int = 0) -> tuple[str, Order, OrderItem]:
    """An account, its order and an item in it that may be returned now."""
    for viewer in viewers():
        assert viewer.account_id
        for order in shop.orders(viewer, states=[OrderState.SIGNED], limit=50).orders:
            item = returnable_item(shop, viewer.account_id, order)
            if item and not order.returns:
                if skip == 0:
                    return viewer.account_id, order, item
                skip -= 1
                break
    raise AssertionError("the demo data have no returnable item")
