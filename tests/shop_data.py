"""Orders made to measure for tests of the shop."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert
from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import ReturnRow
from kefu.shop.connection import open_engine
from kefu.shop.model import (
    Order,
    OrderItem,
    OrderState,
    PaymentState,
    Return,
    ReturnReason,
    ReturnState,
)
from kefu.shop.schema import (
    AccountRow,
    Base,
    EventRow,
    ItemRow,
    OrderRow,
    PaymentRow,
    SellerRow,
    ShipmentRow,
)

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def order_value(
    state: OrderState = OrderState.SIGNED,
    *,
    signed_at: datetime | None = None,
    categories: tuple[str, ...] = ("clothing",),
    discount: int = 0,
    returns: tuple[Return, ...] = (),
    **more: Any,
) -> Order:
    """An order as the gateway gives it; items are numbered i1, i2 … and cost 100.00 yuan."""
    items = tuple(
        OrderItem(f"i{n}", f"sku{n}", f"商品{n}", "红色", category, 1, 10000)
        for n, category in enumerate(categories, 1)
    )
    values: dict[str, Any] = {
        "order_number": "KF20261108004217",
        "state": state,
        "placed_at": NOW - timedelta(days=5),
        "paid_at": None,
        "shipped_at": None,
        "signed_at": signed_at,
        "cancelled_at": None,
        "promised_ship_at": None,
        "total": 10000 * len(items) - discount,
        "freight": 0,
        "discount": discount,
        "recipient_masked": "张** 138****1234",
        "address_masked": "浙江省杭州市西湖区****",
        "note": "",
        "items": items,
        "returns": returns,
    }
    return Order(**(values | more))


def return_value(state: ReturnState, item_id: str = "i1") -> Return:
    return Return(
        rma_number="RMA0000000001",
        order_number="KF20261108004217",
        item_id=item_id,
        item_name="商品",
        reason=ReturnReason.NO_REASON,
        note="",
        state=state,
        refund_amount=10000,
        requested_at=NOW,
        updated_at=NOW,
        return_address=None,
        tracking_number=None,
    )


@dataclass
class ShopData:
    """Writes rows into a migrated shop; each order has numbers of its own."""

    url: str
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url, patience=30).execution_options(writes=True)

    def insert(self, table: type[Base], *rows: dict[str, Any]) -> None:
        with Session(self.engine) as session, session.begin():
            session.execute(insert(table), list(rows))

    def account(self, profile: str = "p", **more: Any) -> str:
        account_id = f"acc{next(_numbers)}"
        row = {
            "profile": profile,
            "account_id": account_id,
            "name": "张小明",
            "phone": "13812345678",
            "email": "xiaoming@example.com",
            "member_level": "金卡会员",
            "locked": False,
            "lock_reason": None,
            "locked_until": None,
            "registered_at": NOW - timedelta(days=100),
        }
        self.insert(AccountRow, row | more)
        return account_id

    def seller(self, profile: str = "p") -> str:
        seller_id = f"seller{next(_numbers)}"
        self.insert(
            SellerRow,
            {
                "profile": profile,
                "seller_id": seller_id,
                "name": "云裳服饰",
                "phone": "057188010001",
                "return_address": "杭州市退货仓",
            },
        )
        return seller_id

    def order(
        self,
        account_id: str,
        state: OrderState = OrderState.SIGNED,
        *,
        profile: str = "p",
        phone: str = "13900005678",
        signed_at: datetime | None = None,
        placed_at: datetime | None = None,
        items: int = 1,
        seller_id: str | None = None,
        failure_code: str | None = None,
        order_number: str | None = None,
    ) -> str:
        """Insert an order with ``items`` items, one payment and, once shipped, one parcel."""
        number = order_number or f"KF20261101{next(_numbers):06d}"
        placed = placed_at or NOW - timedelta(days=4)
        received = state in (OrderState.SIGNED, OrderState.COMPLETED)
        key = {"profile": profile, "order_number": number}
        self.insert(
            OrderRow,
            key
            | {
                "account_id": account_id,
                "seller_id": seller_id,
                "coupon_id": None,
                "state": state,
                "placed_at": placed,
                "paid_at": None,
                "shipped_at": None,
                "signed_at": signed_at or (NOW - timedelta(days=1) if received else None),
                "cancelled_at": None,
                "promised_ship_at": None,
                "total": 10000 * items,
                "freight": 0,
                "discount": 0,
                "recipient_name": "李四",
                "recipient_phone": phone,
                "province": "浙江省",
                "city": "杭州市",
                "district": "西湖区",
                "street": "文一西路88号",
                "note": "",
            },
        )
        self.insert(
            ItemRow,
            *(
                key
                | {
                    "item_id": f"{number}-{n}",
                    "sku": f"sku{n}",
                    "name": f"商品{n}",
                    "variant": "红色",
                    "category": "clothing",
                    "quantity": 1,
                    "unit_price": 10000,
                    "seller_id": seller_id,
                }
                for n in range(1, items + 1)
            ),
        )
        self.insert(
            PaymentRow,
            key
            | {
                "payment_id": f"PAY{number}",
                "method": "bank_card",
                "bank": "招商银行",
                "card_tail": "6688",
                "amount": 10000 * items,
                "state": PaymentState.FAILED if failure_code else PaymentState.SUCCEEDED,
                "failure_code": failure_code,
                "created_at": placed,
                "finished_at": placed,
            },
        )
        if received or state is OrderState.SHIPPED:
            self._parcel(key, placed)
        return number

    def _parcel(self, key: dict[str, str], placed: datetime) -> None:
        shipment_id = f"SP{key['order_number']}"
        self.insert(
            ShipmentRow,
            key
            | {
                "shipment_id": shipment_id,
                "carrier_code": "shunfeng",
                "carrier_name": "顺丰速运",
                "tracking_number": f"SF{key['order_number']}",
                "state": "in_transit",
                "shipped_at": placed + timedelta(days=1),
                "expected_at": None,
                "signed_at": None,
            },
        )
        self.insert(
            EventRow,
            *(
                {
                    "profile": key["profile"],
                    "shipment_id": shipment_id,
                    "number": n,
                    "at": placed + timedelta(days=1, hours=n),
                    "text": f"第{n}站",
                    "place": None,
                }
                for n in (1, 2)
            ),
        )

    def rma_rows(self, order_number: str) -> list[ReturnRow]:
        with Session(self.engine) as session:
            return list(session.query(ReturnRow).filter_by(order_number=order_number))

    def count(self, table: type[Base], **match: Any) -> int:
        with Session(self.engine) as session:
            return session.query(table).filter_by(**match).count()

    def close(self) -> None:
        self.engine.dispose()
