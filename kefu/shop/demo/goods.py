"""What the demo shops sell, and who sells it. The goods stand in the tables beside this module."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from kefu.shop.rules import Category


@dataclass(frozen=True, slots=True)
class Good:
    """``prices`` in fen, one for each of ``variants``; ``seller`` is ``None`` for own goods.

    ``restock_days`` count from today, ``warranty`` in months.
    """

    sku: str
    name: str
    category: Category
    variants: tuple[str, ...]
    prices: tuple[int, ...]
    specs: dict[str, str]
    seller: str | None
    stock: int
    restock_days: int | None
    warranty: int
    installable: bool

    @property
    def price(self) -> int:
        """What it costs from."""
        return min(self.prices)

    def price_of(self, variant: str) -> int:
        return self.prices[self.variants.index(variant)]


@dataclass(frozen=True, slots=True)
class Seller:
    """``centre``: where its parcels set out."""

    seller_id: str
    name: str
    phone: str
    return_address: str
    centre: str


def read_goods(name: str) -> tuple[Good, ...]:
    """The goods of ``<name>.csv``; ``|`` stands between variants, and between their prices."""
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_good(row) for row in csv.DictReader(file))


def _good(row: dict[str, str]) -> Good:
    variants = tuple(row["variants"].split("|"))
    prices = tuple(int(price) for price in row["price"].split("|"))
    return Good(
        sku=row["sku"],
        name=row["name"],
        category=Category(row["category"]),
        variants=variants,
        prices=prices if len(prices) > 1 else prices * len(variants),
        specs=dict(_pair(each) for each in row["specs"].split("；")),
        seller=row["seller"] or None,
        stock=int(row["stock"]),
        restock_days=int(row["restock_days"]) if row["restock_days"] else None,
        warranty=int(row["warranty"] or 0),
        installable=bool(row["installable"]),
    )


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def sold_by_sellers(goods: tuple[Good, ...]) -> tuple[Good, ...]:
    """The goods of a mall: what has no seller yet goes to the one whose kind it is."""
    kinds = {Category.SHOES: "s01", Category.SNACKS: "s03"}
    return tuple(
        replace(good, seller=good.seller or kinds[good.category])
        for good in goods
        if good.seller or good.category in kinds
    )


SELLERS = (
    Seller(
        "s01",
        "云裳服饰旗舰店",
        "057188010001",
        "浙江省杭州市余杭区良渚街道网商路12号退货仓",
        "杭州转运中心",
    ),
    Seller(
        "s02",
        "极光数码专营店",
        "075588010002",
        "广东省深圳市龙华区民治大道168号售后部",
        "深圳转运中心",
    ),
    Seller(
        "s03", "果然鲜生鲜店", "087188010003", "云南省昆明市官渡区果品市场B区21号", "昆明转运中心"
    ),
    Seller(
        "s04", "暖居家居生活馆", "051288010004", "江苏省苏州市相城区家居路66号3号库", "苏州转运中心"
    ),
)
STREAMING_SELLERS = (
    Seller(
        "k01",
        "小鹿衣橱直播间",
        "020388010005",
        "广东省广州市白云区石井街道服装城6栋退货点",
        "广州转运中心",
    ),
    Seller("k02", "馋嘴研究所", "059188010006", "福建省福州市仓山区食品园12号仓", "福州转运中心"),
    Seller("k03", "透光美妆铺", "057988010007", "浙江省金华市义乌市电商大道58号", "金华转运中心"),
)
GOODS = read_goods("goods")
STREAMED_GOODS = read_goods("tiktokshop")
TRANSACTIONS = read_goods("tpwallet")
