"""A shopper with one order, and calls that start together."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.shop.gateway import RuleRefused, ShopGateway
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import OrderState, TurnRef, Viewer
from kefu.shop.schema import Base, ItemRow, OrderRow
from kefu.shop.service_tables import ProductRow
from tests.shop_data import NOW, ShopData


@dataclass
class Shopper:
    """Owns the order ``number``, whose first item is ``item``."""

    shop: ShopGateway
    data: ShopData
    account: str
    number: str

    @classmethod
    def with_order(
        cls, shop: ShopGateway, data: ShopData, state: OrderState = OrderState.SIGNED, **more: Any
    ) -> Shopper:
        account = data.account()
        return cls(shop, data, account, data.order(account, state, **more))

    @property
    def item(self) -> str:
        return f"{self.number}-1"

    @property
    def viewer(self) -> Viewer:
        return Viewer("p", self.account)

    def turn(self, name: str = "t", **more: Any) -> TurnRef:
        return TurnRef(f"{name}-{self.number}", more.get("now", NOW))

    def stranger(self) -> Viewer:
        return Viewer("p", self.data.account())

    def change(self, table: type[Base], match: dict[str, Any], **columns: Any) -> None:
        """Another process changes rows behind the gateway."""
        with Session(self.data.engine) as session, session.begin():
            session.execute(update(table).filter_by(**match).values(**columns))

    def change_order(self, **columns: Any) -> None:
        self.change(OrderRow, {"order_number": self.number}, **columns)

    def sells(self, item: str | None = None, **more: Any) -> None:
        """Put the product of an item (the first) into the catalogue, under a sku of its own."""
        item_id = item or self.item
        self.change(ItemRow, {"item_id": item_id}, sku=f"sku-{item_id}")
        self.data.insert(ProductRow, product_row(f"sku-{item_id}", **more))

    def effects(self, target: str | None = None) -> tuple[int, int]:
        """Operations on a target (the order) and notices about the order."""
        return (
            self.data.count(OperationRow, target=target or self.number),
            self.data.count(NoticeRow, order_number=self.number),
        )


def product_row(sku: str, profile: str = "p", **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "profile": profile,
        "sku": sku,
        "name": "商品1",
        "category": "clothing",
        "price": 8000,
        "stock": 5,
        "specs": {"材质": "纯棉"},
        "restock_at": None,
        "ships_from": "杭州",
        "ships_within_hours": 48,
        "freight": 800,
        "free_freight_from": 9900,
        "warranty_months": 0,
        "installable": False,
        "seller_id": None,
    }
    return row | more


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run ``calls`` in threads that start together; a refusal is a result."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except RuleRefused as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
