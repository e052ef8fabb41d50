"""What is sold and by whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kefu.shop.catalogue import Product, Seller
from kefu.shop.gateway import ShopGateway
from kefu.shop.service_tables import ProductRow
from tests.shop_data import NOW, ShopData
from tests.shopper import product_row

NAMES = {
    "A1": "316不锈钢保温杯",
    "A2": "儿童保温杯",
    "A3": "不粘炒锅",
    "A4": "纯棉圆领短袖T恤",
    "A5": "100%棉四件套",
    "A6": "保温壶",
}


@pytest.fixture(scope="module")
def shelves(data: ShopData) -> ShopData:
    data.insert(
        ProductRow,
        *(product_row(sku, name=name) for sku, name in NAMES.items()),
        product_row("A1", "q", name="别家的保温杯"),
    )
    return data


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("保温杯", ["A2", "A1", "A6"]),
        ("请问你们那个不锈钢的保温杯还有货吗？", ["A1", "A2", "A6"]),
        ("t恤", ["A4"]),
        ("Ｔ恤", ["A4"]),
        ("锅", ["A3"]),
        ("100%棉", ["A5", "A4"]),
        ("洗衣机", []),
        ("%", []),
        ("_", []),
        ("", []),
        ("？！", []),
        ("\0", []),
    ],
)
def test_the_name_that_fits_best_comes_first(
    shop: ShopGateway, shelves: ShopData, words: str, found: list[str]
):
    assert [each.sku for each in shop.products("p", words)] == found


def test_only_so_many_are_given(shop: ShopGateway, shelves: ShopData):
    assert [each.sku for each in shop.products("p", "保温杯", limit=1)] == ["A2"]
    assert shop.products("p", "保温杯", limit=0) == ()


def test_each_profile_has_its_own_shelves(shop: ShopGateway, shelves: ShopData):
    assert [each.name for each in shop.products("q", "保温杯")] == ["别家的保温杯"]
    assert shop.products("r", "保温杯") == ()
    mine, theirs = shop.product("p", "A1"), shop.product("q", "A1")
    assert mine is not None
    assert theirs is not None
    assert mine.name != theirs.name


def test_a_very_long_question_is_searched_too(shop: ShopGateway, shelves: ShopData):
    assert [each.sku for each in shop.products("p", "不粘炒锅" + "好" * 5000)] == ["A3"]


def test_a_product_has_all_that_is_known(shop: ShopGateway, data: ShopData):
    seller = data.seller()
    data.insert(
        ProductRow,
        product_row(
            "B1",
            name="智能手表",
            specs={"续航": "14天", "防水": "50米"},
            restock_at=NOW + timedelta(days=3),
            stock=0,
            free_freight_from=None,
            warranty_months=12,
            installable=True,
            seller_id=seller,
        ),
    )
    assert shop.product("p", "B1") == Product(
        sku="B1",
        name="智能手表",
        category="clothing",
        price=8000,
        stock=0,
        specs={"续航": "14天", "防水": "50米"},
        restock_at=NOW + timedelta(days=3),
        ships_from="杭州",
        ships_within_hours=48,
        freight=800,
        free_freight_from=None,
        warranty_months=12,
        installable=True,
        seller_id=seller,
    )
    assert shop.seller("p", seller) == Seller(seller, "云裳服饰", "杭州市退货仓")


@pytest.mark.parametrize("key", ["none", "", "\0", "b1", "x" * 65])
def test_unknown_keys_give_nothing(shop: ShopGateway, shelves: ShopData, key: str):
    assert shop.product("p", key) is None
    assert shop.seller("p", key) is None
