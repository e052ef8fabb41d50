"""Builds the rows of demo orders: an order in a given state with all that happened to it before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kefu.shop.after_sale_tables import active_item
from kefu.shop.demo import parcels, people
from kefu.shop.demo.goods import Good
from kefu.shop.demo.trade import Trade, Wish
from kefu.shop.model import (
    FreightPayer,
    OrderState,
    PaymentState,
    RefundState,
    ReturnKind,
    ReturnReason,
    ReturnState,
)
from kefu.shop.rules import QUALITY_REASONS, Category, paid_for_lines

FREIGHT = 800
FREE_FREIGHT_FROM = 9900
Row = dict[str, Any]
_SENT = (OrderState.SHIPPED, OrderState.SIGNED, OrderState.COMPLETED)
_RECEIVED = (OrderState.SIGNED, OrderState.COMPLETED)


@dataclass(slots=True)
class OrderBook:
    """Gathers rows per table; the same ``random`` and ``now`` give the same rows."""

    trade: Trade
    random: Random
    now: datetime
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _items: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _payments_of: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, table: str, **columns: Any) -> Row:
        row: Row = {"profile": self.trade.profile, **columns}
        self.rows[table].append(row)
        return row

    def place(self, account: Row, wish: Wish) -> Row:
        """Add an order of ``account`` with items, payments, parcel and refund; return its row."""
        self._count += 1
        moments = self._moments(wish)
        amount = sum(
            (good.price_of(variant) + wish.dearer) * quantity
            for good, variant, quantity in wish.lines
        )
        discount, freight = self._extras(amount)
        sellers = {good.seller for good, _, _ in wish.lines}
        order = self.add(
            "orders",
            order_number=self.trade.numbering.number(self._count, moments["placed_at"]),
            account_id=account["account_id"],
            seller_id=sellers.pop() if len(sellers) == 1 else None,
            coupon_id=None,
            state=wish.state,
            total=amount + freight - discount,
            freight=freight,
            freight_insured=wish.insured,
            discount=discount,
            recipient_name=account["name"],
            recipient_phone=account["phone"],
            **self._destination(),
            **moments,
        )
        for number, line in enumerate(wish.lines, 1):
            self._item(order, number, line, wish.dearer)
        self._payments(order, wish)
        if wish.state in _SENT and any(g.category != Category.VIRTUAL for g, _, _ in wish.lines):
            self._parcel(order, wish)
        if wish.state is OrderState.CANCELLED and wish.was_paid:
            self.refund(order, order["total"], RefundState.ARRIVED, order["cancelled_at"])
        return order

    def insured(self) -> bool:
        """Whether the next usual order has freight insurance."""
        every = self.trade.insured_every
        return every > 0 and self._count % every == 0

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
        *,
        kind: ReturnKind = ReturnKind.RETURN,
        wanted_variant: str | None = None,
    ) -> Row:
        """Add an RMA for ``item`` and, where it is through, its refund."""
        items = self.items_of(order)
        lines = [row["unit_price"] * row["quantity"] for row in items]
        amount = paid_for_lines(lines, order["discount"])[items.index(item)]
        number = f"RMA{self.random.randrange(10**10):010d}"
        sent = state not in (ReturnState.REQUESTED, ReturnState.APPROVED, ReturnState.REJECTED)
        seller = self.trade.seller(item["seller_id"])
        carrier = people.CARRIERS[1]
        row = self.add(
            "returns",
            rma_number=number,
            order_number=order["order_number"],
            item_id=item["item_id"],
            active_item_id=active_item(state, item["item_id"]),
            reason=reason,
            note="",
            state=state,
            refund_amount=amount if kind is ReturnKind.RETURN else 0,
            requested_at=requested_at,
            updated_at=min(requested_at + timedelta(hours=30), self.now),
            return_address=seller.return_address if seller else None,
            tracking_number=parcels.tracking_number(self.random, carrier) if sent else None,
            kind=kind,
            freight_payer=_freight_payer(order, reason),
            wanted_variant=wanted_variant,
            carrier_code=carrier.code if sent else None,
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
        payments = self._payments_of[order["order_number"]]
        return self.add(
            "refunds",
            refund_id=f"RF{len(self.rows['refunds']) + 1:08d}",
            order_number=order["order_number"],
            rma_number=rma_number,
            amount=amount,
            state=state,
            channel=payments[-1]["method"] if payments else self.trade.methods[0],
            requested_at=requested_at,
            updated_at=min(requested_at + timedelta(hours=20), self.now),
            expected_at=requested_at + timedelta(days=5),
        )

    def pay(self, order: Row, at: datetime, state: PaymentState, code: str | None = None) -> Row:
        """Add a payment of the whole order that ended ``at``."""
        by_card = code is not None or self.random.random() < 0.3
        other = self.random.choice(self.trade.methods)
        row = self.add(
            "payments",
            payment_id=f"PAY{len(self.rows['payments']) + 1:010d}",
            order_number=order["order_number"],
            method="bank_card" if by_card else other,
            bank=self.random.choice(people.BANKS) if by_card else None,
            card_tail=f"{self.random.randrange(10**4):04d}" if by_card else None,
            amount=order["total"],
            state=state,
            failure_code=code,
            created_at=at - timedelta(seconds=20),
            finished_at=None if state is PaymentState.PENDING else at,
        )
        self._payments_of[order["order_number"]].append(row)
        return row

    def _extras(self, amount: int) -> tuple[int, int]:
        """Discount and freight, in fen."""
        if not self.trade.delivers:
            return 0, 0
        discount = self.random.choice((0, 0, 0, 500, 1000, 2000)) if amount > 8000 else 0
        return discount, 0 if amount >= FREE_FREIGHT_FROM else FREIGHT

    def _moments(self, wish: Wish) -> dict[str, Any]:
        """The times of an order, walked back from its last change of state."""
        last = self.now - wish.age
        minutes, hours = self.random.randrange(2, 12), self.random.randrange(6, 40)
        transit = timedelta(hours=self.random.randrange(36, 90))
        delivers = self.trade.delivers
        signed = last if wish.state in _RECEIVED and delivers else None
        shipped = last if wish.state is OrderState.SHIPPED else signed and signed - transit
        if wish.state is OrderState.PAID or (wish.state in _RECEIVED and not delivers):
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
            "promised_ship_at": paid + timedelta(hours=48) if paid and delivers else None,
        }

    def _destination(self) -> Row:
        if not self.trade.delivers:
            return dict.fromkeys(("province", "city", "district", "street", "note"), "")
        note = self.random.choice(("", "", "", "请放门口", "工作日送货", "周末送，谢谢"))
        province, city, district = self.random.choice(people.PLACES)
        street = self.random.choice(people.STREETS)
        house = (self.random.randrange(1, 300), self.random.randrange(1, 20))
        return {
            "province": province,
            "city": city,
            "district": district,
            "street": f"{street}{house[0]}号{house[1]}幢{self.random.randrange(101, 2805)}室",
            "note": note,
        }

    def _item(self, order: Row, number: int, line: tuple[Good, str, int], dearer: int) -> None:
        good, variant, quantity = line
        row = self.add(
            "order_items",
            item_id=f"{order['order_number']}-{number}",
            order_number=order["order_number"],
            sku=good.sku,
            name=good.name,
            variant=variant,
            category=str(good.category),
            quantity=quantity,
            unit_price=good.price_of(variant) + dearer,
            seller_id=good.seller,
        )
        self._items[order["order_number"]].append(row)

    def _payments(self, order: Row, wish: Wish) -> None:
        at = order["placed_at"] + timedelta(seconds=40)
        for code in wish.failures:
            self.pay(order, at, PaymentState.FAILED, code)
            at += timedelta(seconds=50)
        if wish.charged:
            self.pay(order, at, PaymentState.SUCCEEDED)
        if wish.pending:
            self.pay(order, at, PaymentState.PENDING)
        if order["paid_at"]:
            refunded = wish.state is OrderState.CANCELLED
            state = PaymentState.REFUNDED if refunded else PaymentState.SUCCEEDED
            for _ in range(1 + wish.paid_twice):
                self.pay(order, order["paid_at"], state)

    def _parcel(self, order: Row, wish: Wish) -> None:
        seller = self.trade.seller(order["seller_id"])
        parcel = parcels.Parcel(
            order=order,
            number=len(self.rows["shipments"]) + 1,
            centre=seller.centre if seller else parcels.OWN_CENTRE,
            silent=wish.silent,
            delivering=wish.delivering,
        )
        shipment, events = parcels.rows(parcel, self.random, self.now)
        self.add("shipments", **shipment)
        for event in events:
            self.add("logistics_events", **event)


def _freight_payer(order: Row, reason: ReturnReason) -> FreightPayer:
    if reason in QUALITY_REASONS:
        return FreightPayer.SELLER
    return FreightPayer.INSURANCE if order["freight_insured"] else FreightPayer.SHOPPER
