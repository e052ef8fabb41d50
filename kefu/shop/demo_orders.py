"""Builds the rows of demo orders: an order in a given state with all that happened to it before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kefu.shop import demo_goods as goods
from kefu.shop.demo_goods import Good
from kefu.shop.model import (
    OrderState,
    PaymentState,
    RefundState,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.shop.rules import BEIJING, Category, paid_for_lines
from kefu.shop.schema import active_item

PROFILE = "demo"
Row = dict[str, Any]
_PAID = (OrderState.PAID, OrderState.SHIPPED, OrderState.SIGNED, OrderState.COMPLETED)
_SENT = (OrderState.SHIPPED, OrderState.SIGNED, OrderState.COMPLETED)
_RECEIVED = (OrderState.SIGNED, OrderState.COMPLETED)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order shall look like. ``age`` counts back from now to the last change of state.

    ``failures`` are the codes of payments that failed before; ``silent`` is how long the parcel
    has not moved (it is then overdue).
    """

    state: OrderState
    age: timedelta
    lines: tuple[tuple[Good, str, int], ...]
    failures: tuple[str, ...] = ()
    paid_twice: bool = False
    was_paid: bool = False
    silent: timedelta | None = None
    delivering: bool = False


@dataclass(slots=True)
class OrderBook:
    """Gathers rows per table; the same ``random`` and ``now`` give the same rows."""

    random: Random
    now: datetime
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _items: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, table: str, **columns: Any) -> Row:
        row: Row = {"profile": PROFILE, **columns}
        self.rows[table].append(row)
        return row

    def place(self, account: Row, wish: Wish) -> Row:
        """Add an order of ``account`` with items, payments, parcel and refund; return its row."""
        self._count += 1
        moments = self._moments(wish)
        amount = sum(good.price * quantity for good, _, quantity in wish.lines)
        discount = self.random.choice((0, 0, 0, 500, 1000, 2000)) if amount > 8000 else 0
        freight = 0 if amount >= 9900 else 800
        sellers = {good.seller for good, _, _ in wish.lines}
        order = self.add(
            "orders",
            order_number=self._number(moments["placed_at"]),
            account_id=account["account_id"],
            seller_id=sellers.pop() if len(sellers) == 1 else None,
            coupon_id=None,
            state=wish.state,
            total=amount + freight - discount,
            freight=freight,
            discount=discount,
            recipient_name=account["name"],
            recipient_phone=account["phone"],
            note=self.random.choice(("", "", "", "请放门口", "工作日送货", "周末送，谢谢")),
            **self._address(),
            **moments,
        )
        for line, (good, variant, quantity) in enumerate(wish.lines, 1):
            self._item(order, line, good, variant, quantity)
        self._payments(order, wish)
        if wish.state in _SENT and any(g.category != Category.VIRTUAL for g, _, _ in wish.lines):
            self._parcel(order, wish)
        if wish.state is OrderState.CANCELLED and wish.was_paid:
            self.refund(order, order["total"], RefundState.ARRIVED, order["cancelled_at"])
        return order

    def items_of(self, order: Row) -> list[Row]:
        """The item rows of an order, in their order."""
        return self._items[order["order_number"]]

    def send_back(
        self,
        order: Row,
        item: Row,
        state: ReturnState,
        reason: ReturnReason,
        requested_at: datetime,
    ) -> Row:
        """Add an RMA for ``item`` and, where it is through, its refund."""
        items = self.items_of(order)
        lines = [row["unit_price"] * row["quantity"] for row in items]
        amount = paid_for_lines(lines, order["discount"])[items.index(item)]
        number = f"RMA{self.random.randrange(10**10):010d}"
        sent = state not in (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.REJECTED)
        address = next((s[3] for s in goods.SELLERS if s[0] == item["seller_id"]), None)
        row = self.add(
            "returns",
            rma_number=number,
            order_number=order["order_number"],
            item_id=item["item_id"],
            active_item_id=active_item(state, item["item_id"]),
            reason=reason,
            note="",
            state=state,
            refund_amount=amount,
            requested_at=requested_at,
            updated_at=min(requested_at + timedelta(hours=30), self.now),
            return_address=address,
            tracking_number=self._tracking(goods.CARRIERS[1]) if sent else None,
        )
        if state is ReturnState.REFUNDED:
            self.refund(order, amount, RefundState.ARRIVED, row["updated_at"], number)
        return row

    def refund(
        self,
        order: Row,
        amount: int,
        state: RefundState,
        requested_at: datetime,
        rma_number: str | None = None,
    ) -> Row:
        """Add a refund by the way in which the order was paid."""
        methods = [
            row["method"]
            for row in self.rows["payments"][-8:]
            if row["order_number"] == order["order_number"]
        ]
        return self.add(
            "refunds",
            refund_id=f"RF{len(self.rows['refunds']) + 1:08d}",
            order_number=order["order_number"],
            rma_number=rma_number,
            amount=amount,
            state=state,
            channel=methods[-1] if methods else "wechat_pay",
            requested_at=requested_at,
            updated_at=min(requested_at + timedelta(hours=20), self.now),
            expected_at=requested_at + timedelta(days=5),
        )

    def _moments(self, wish: Wish) -> dict[str, datetime | None]:
        """The times of an order, walked back from its last change of state."""
        last = self.now - wish.age
        minutes, hours = self.random.randrange(2, 12), self.random.randrange(6, 40)
        transit = timedelta(hours=self.random.randrange(36, 90))
        signed = last if wish.state in _RECEIVED else None
        shipped = last if wish.state is OrderState.SHIPPED else signed and signed - transit
        if wish.state is OrderState.PAID:
            paid: datetime | None = last
        elif wish.was_paid:
            paid = last - timedelta(hours=hours)
        else:
            paid = shipped and shipped - timedelta(hours=hours)
        ended = last if wish.state in (OrderState.CANCELLED, OrderState.CLOSED) else None
        if paid:
            placed = paid - timedelta(minutes=minutes)
        else:
            placed = ended - timedelta(hours=24) if ended else last
        return {
            "placed_at": placed,
            "paid_at": paid,
            "shipped_at": shipped,
            "signed_at": signed,
            "cancelled_at": ended,
            "promised_ship_at": paid + timedelta(hours=48) if paid else None,
        }

    def _number(self, placed_at: datetime | None) -> str:
        day = (placed_at or self.now).astimezone(BEIJING)
        # 7919 shares no factor with 10**6, so no number comes twice.
        return f"KF{day:%Y%m%d}{(self._count * 7919 + 4217) % 10**6:06d}"

    def _address(self) -> Row:
        province, city, district = self.random.choice(goods.PLACES)
        street = self.random.choice(goods.STREETS)
        house = (self.random.randrange(1, 300), self.random.randrange(1, 20))
        return {
            "province": province,
            "city": city,
            "district": district,
            "street": f"{street}{house[0]}号{house[1]}幢{self.random.randrange(101, 2805)}室",
        }

    def _item(self, order: Row, line: int, good: Good, variant: str, quantity: int) -> None:
        row = self.add(
            "order_items",
            item_id=f"{order['order_number']}-{line}",
            order_number=order["order_number"],
            sku=f"{good.sku}-{good.variants.index(variant) + 1}",
            name=good.name,
            variant=variant,
            category=str(good.category),
            quantity=quantity,
            unit_price=good.price,
            seller_id=good.seller,
        )
        self._items[order["order_number"]].append(row)

    def _payments(self, order: Row, wish: Wish) -> None:
        at = order["placed_at"] + timedelta(seconds=40)
        for code in wish.failures:
            self._payment(order, at, PaymentState.FAILED, code)
            at += timedelta(seconds=50)
        if order["paid_at"]:
            refunded = wish.state is OrderState.CANCELLED
            state = PaymentState.REFUNDED if refunded else PaymentState.SUCCEEDED
            for _ in range(1 + wish.paid_twice):
                self._payment(order, order["paid_at"], state, None)

    def _payment(self, order: Row, at: datetime, state: PaymentState, code: str | None) -> None:
        by_card = code is not None or self.random.random() < 0.3
        other = self.random.choice(("wechat_pay", "alipay"))
        self.add(
            "payments",
            payment_id=f"PAY{len(self.rows['payments']) + 1:010d}",
            order_number=order["order_number"],
            method="bank_card" if by_card else other,
            bank=self.random.choice(goods.BANKS) if by_card else None,
            card_tail=f"{self.random.randrange(10**4):04d}" if by_card else None,
            amount=order["total"],
            state=state,
            failure_code=code,
            created_at=at - timedelta(seconds=20),
            finished_at=at,
        )

    def _tracking(self, carrier: goods.Carrier) -> str:
        return f"{carrier.prefix}{self.random.randrange(10**carrier.digits):0{carrier.digits}d}"

    def _parcel(self, order: Row, wish: Wish) -> None:
        carrier = self.random.choice(goods.CARRIERS)
        shipped, signed = order["shipped_at"], order["signed_at"]
        events = list(self._route(order, carrier.name))
        until = self.now - wish.silent if wish.silent else self.now
        travel = (signed or shipped + timedelta(hours=66)) - shipped
        happened = [
            (at, text, place)
            for share, text, place in events
            if (at := shipped + travel * share) <= until and (signed or share < 0.8)
        ]
        if wish.delivering:
            happened = [(at, t, p) for (at, t, p) in happened if at < self.now - timedelta(hours=1)]
            _, text, place = events[-2]
            happened.append((self.now - timedelta(minutes=50), text, place))
        state = ShipmentState.SIGNED if signed else ShipmentState.IN_TRANSIT
        if wish.delivering:
            state = ShipmentState.DELIVERING
        shipment_id = f"SP{len(self.rows['shipments']) + 1:08d}"
        self.add(
            "shipments",
            shipment_id=shipment_id,
            order_number=order["order_number"],
            carrier_code=carrier.code,
            carrier_name=carrier.name,
            tracking_number=self._tracking(carrier),
            state=state,
            shipped_at=shipped,
            expected_at=shipped + timedelta(hours=72),
            signed_at=signed,
        )
        for number, (at, text, place) in enumerate(happened, 1):
            self.add(
                "logistics_events",
                shipment_id=shipment_id,
                number=number,
                at=at,
                text=text,
                place=place,
            )

    def _route(self, order: Row, carrier: str) -> list[tuple[float, str, str]]:
        """Share of the way, what happened, where."""
        start = goods.SORTING_CENTRES.get(order["seller_id"] or "", goods.OWN_CENTRE)
        city, district = order["city"], order["district"]
        station = f"{city}{district}营业点"
        courier = self.random.choice(goods.FAMILY_NAMES) + "师傅"
        left = self.random.choice(("已放入小区快递柜", "本人签收", "家门口代收", "已放至驿站"))
        return [
            (0.0, f"【{carrier}】已揽收您的包裹", start),
            (0.06, f"包裹已到达【{start}】", start),
            (0.12, f"包裹已从【{start}】发出，下一站【{city}转运中心】", start),
            (0.62, f"包裹已到达【{city}转运中心】", city),
            (0.74, f"包裹已从【{city}转运中心】发出，下一站【{station}】", city),
            (0.88, f"包裹已到达【{station}】", station),
            (0.92, f"【{station}】的快递员{courier}正在为您派送，请保持电话畅通", station),
            (1.0, f"您的包裹已签收：{left}，感谢使用{carrier}", station),
        ]
