"""In what the orders of the demo shops differ, and what an order shall look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kefu.shop.demo.goods import Good, Seller
from kefu.shop.model import OrderState
from kefu.shop.rules import BEIJING

_SHARES = {
    OrderState.COMPLETED: 50,
    OrderState.SIGNED: 14,
    OrderState.SHIPPED: 13,
    OrderState.PAID: 8,
    OrderState.CANCELLED: 6,
    OrderState.CLOSED: 5,
    OrderState.UNPAID: 4,
}


@dataclass(frozen=True, slots=True)
class Numbering:
    """Order numbers: ``prefix``, the Beijing day by ``day`` and a counter of so many ``digits``.

    ``step`` shares no factor with 10, so that no number comes twice.
    """

    prefix: str
    digits: int
    day: str = "%Y%m%d"
    step: int = 7919

    def number(self, count: int, placed_at: datetime) -> str:
        counter = (count * self.step + 4217) % 10**self.digits
        return f"{self.prefix}{placed_at.astimezone(BEIJING):{self.day}}{counter:0{self.digits}d}"


@dataclass(frozen=True, slots=True)
class Trade:
    """In what a profile's orders differ from those of another.

    ``delivers``: whether there are parcels; ``one_seller``: whether an order has goods of one
    seller alone; ``insured_every``: of so many orders one has freight insurance (0: none);
    ``shares``: the states of orders by weight; ``lines``, ``quantities``: what is drawn from.
    """

    profile: str
    numbering: Numbering
    goods: tuple[Good, ...]
    sellers: tuple[Seller, ...] = ()
    methods: tuple[str, ...] = ("wechat_pay", "alipay")
    delivers: bool = True
    one_seller: bool = False
    insured_every: int = 0
    shares: Mapping[OrderState, int] = field(default_factory=lambda: dict(_SHARES))
    lines: tuple[int, ...] = (1, 1, 1, 2, 2, 3)
    quantities: tuple[int, ...] = (1, 1, 1, 2)

    def good(self, sku: str) -> Good:
        return next(good for good in self.goods if good.sku == sku)

    def seller(self, seller_id: str | None) -> Seller | None:
        return next((each for each in self.sellers if each.seller_id == seller_id), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an order shall look like. ``age`` counts back from now to the last change of state.

    ``failures`` are the codes of payments that failed before; ``charged``: money was taken, though
    the order is unpaid; ``silent`` is how long the parcel has not moved (it is then overdue);
    ``dearer``: so many fen a piece cost more than it does now.
    """

    state: OrderState
    age: timedelta
    lines: tuple[tuple[Good, str, int], ...]
    failures: tuple[str, ...] = ()
    paid_twice: bool = False
    was_paid: bool = False
    charged: bool = False
    pending: bool = False
    silent: timedelta | None = None
    delivering: bool = False
    dearer: int = 0
    insured: bool = False
