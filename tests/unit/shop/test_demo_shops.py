"""The rows of the demo shops: sound, the same each time, with the cases that are promised."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kefu.shop import demo
from kefu.shop.model import OrderState, PaymentState, ReturnState
from kefu.shop.rules import Category
from kefu.shop.wording import PAYMENT_FAILURES, category_text

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)
NUMBERS = {
    "demo": r"KF\d{14}",
    "tp": r"TP\d{14}",
    "tpwallet": r"TW\d{16}",
    "tiktokshop": r"57\d{16}",
    "tmall": r"(?!62)\d{19}",
}
PREFIXES = {"demo": "u", "tp": "p", "tpwallet": "w", "tiktokshop": "k", "tmall": "m"}
SHOPS = [profile for profile in demo.PROFILES if profile != "tpwallet"]
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def shops() -> dict[str, Rows]:
    return {profile: demo.build(NOW, profile=profile) for profile in demo.PROFILES}


@pytest.fixture(params=demo.PROFILES)
def rows(request: pytest.FixtureRequest, shops: dict[str, Rows]) -> Rows:
    return shops[request.param]


def of(rows: Rows, table: str, **match: Any) -> list[dict[str, Any]]:
    return [row for row in rows[table] if all(row[name] == match[name] for name in match)]


@pytest.mark.parametrize("profile", demo.PROFILES)
def test_same_seed_and_now_give_the_same_shop(shops: dict[str, Rows], profile: str):
    rows = shops[profile]
    assert demo.build(NOW, profile=profile) == rows
    assert demo.build(NOW, seed=1, profile=profile) != rows
    assert demo.build(NOW + timedelta(days=1), profile=profile) != rows


def test_size_and_states(shops: dict[str, Rows]):
    assert {profile: len(rows["orders"]) for profile, rows in shops.items()} == {
        profile: 2000 if profile == "demo" else 200 for profile in shops
    }
    assert {profile: len(rows["accounts"]) for profile, rows in shops.items()} == {
        profile: 200 if profile == "demo" else 30 for profile in shops
    }
    states = Counter(row["state"] for row in shops["demo"]["orders"])
    assert all(states[state] >= 30 for state in OrderState)


@pytest.mark.parametrize("profile", demo.PROFILES)
def test_numbers_are_unique_and_as_the_profile_writes_them(shops: dict[str, Rows], profile: str):
    rows = shops[profile]
    numbers = [row["order_number"] for row in rows["orders"]]
    assert len(set(numbers)) == len(numbers)
    assert all(re.fullmatch(NUMBERS[profile], number) for number in numbers)
    assert all(
        re.fullmatch(PREFIXES[profile] + r"\d{4}", row["account_id"]) for row in rows["accounts"]
    )
    assert {row["profile"] for table in rows.values() for row in table} == {profile}


def test_order_numbers_carry_the_beijing_day(shops: dict[str, Rows]):
    for row in shops["demo"]["orders"]:
        day = (row["placed_at"] + timedelta(hours=8)).strftime("%Y%m%d")
        assert row["order_number"].startswith(f"KF{day}")


def test_time_runs_forward_and_never_past_now(rows: Rows):
    for order in rows["orders"]:
        steps = [order[k] for k in ("placed_at", "paid_at", "shipped_at", "signed_at")]
        happened = [step for step in steps if step]
        assert happened == sorted(happened)
        assert all(step <= NOW for step in [*happened, order["cancelled_at"] or NOW])
    assert all(event["at"] <= NOW for event in rows["logistics_events"])
    for row in [*rows["returns"], *rows["refunds"]]:
        assert row["requested_at"] <= row["updated_at"] <= NOW
    for row in rows["invoices"]:
        assert row["requested_at"] <= row["issued_at"] <= NOW


def test_parcels_have_a_history_that_ends_where_they_are(rows: Rows):
    last: dict[str, datetime] = {}
    for event in rows["logistics_events"]:
        last[event["shipment_id"]] = max(last.get(event["shipment_id"], event["at"]), event["at"])
    for parcel in rows["shipments"]:
        if parcel["signed_at"]:
            assert last[parcel["shipment_id"]] == parcel["signed_at"]
        else:
            assert parcel["shipped_at"] <= last[parcel["shipment_id"]] <= NOW


def test_money_adds_up(rows: Rows):
    goods: Counter[str] = Counter()
    for item in rows["order_items"]:
        goods[item["order_number"]] += item["unit_price"] * item["quantity"]
    for order in rows["orders"]:
        assert order["total"] == goods[order["order_number"]] + order["freight"] - order["discount"]
        assert order["total"] > 0


def test_every_failure_code_can_be_explained(rows: Rows):
    codes = {row["failure_code"] for row in rows["payments"]} - {None}
    assert codes
    assert codes <= set(PAYMENT_FAILURES)


def test_every_item_is_on_the_shelf_of_its_seller(rows: Rows):
    products = {row["sku"]: row for row in rows["products"]}
    for item in rows["order_items"]:
        product = products[item["sku"]]
        assert (item["name"], item["seller_id"]) == (product["name"], product["seller_id"])
    for product in rows["products"]:
        assert category_text(product["category"]) != "商品"
        assert len(product["specs"]) >= 4
        assert all(product["specs"].values())
        assert (product["restock_at"] is not None) or product["stock"] > 0
    sellers = {row["seller_id"] for row in rows["sellers"]}
    assert {product["seller_id"] for product in rows["products"]} - {None} == sellers


@pytest.mark.parametrize("profile", demo.PROFILES)
def test_picker_names_the_accounts_as_the_shop_does(shops: dict[str, Rows], profile: str):
    names = {row["account_id"]: row["name"] for row in shops[profile]["accounts"]}
    shoppers = demo.demo_shoppers(profile)
    assert len(shoppers) >= 12
    assert all(names[account_id] == name and hint for account_id, name, hint in shoppers)
    assert len({hint for _, _, hint in shoppers}) == len(shoppers)


def test_an_unknown_profile_has_no_shoppers():
    assert demo.demo_shoppers("nobody") == []


def test_each_shop_has_the_common_cases(rows: Rows):
    offered = {a for a, _, _ in demo.demo_shoppers(rows["accounts"][0]["profile"])}
    placed = Counter(row["account_id"] for row in rows["orders"])
    assert any(placed[account] == 0 for account in offered)
    assert any(placed[account] == 40 for account in offered)
    assert any(row["locked"] for row in rows["accounts"] if row["account_id"] in offered)
    orders = {row["order_number"]: row for row in rows["orders"]}
    taken = Counter[str]()
    for payment in rows["payments"]:
        if payment["state"] is PaymentState.SUCCEEDED:
            taken[payment["order_number"]] += payment["amount"]
    assert any(taken[number] > row["total"] for number, row in orders.items())
    assert any(
        taken[number] and row["state"] is OrderState.UNPAID for number, row in orders.items()
    )
    assert any(orders[row["order_number"]]["account_id"] in offered for row in rows["invoices"])
    now_valid = [row for row in rows["coupons"] if row["account_id"] in offered]
    assert any(row["valid_until"] < NOW for row in now_valid)
    assert any(row["valid_until"] > NOW and row["minimum"] <= 4900 for row in now_valid)
    assert any(row["minimum"] > 100000 for row in now_valid)


@pytest.mark.parametrize("profile", SHOPS)
def test_each_shop_of_goods_has_the_cases_of_goods(shops: dict[str, Rows], profile: str):
    rows = shops[profile]
    signed = {row["order_number"] for row in of(rows, "orders", state=OrderState.SIGNED)}
    installable = {row["sku"] for row in of(rows, "products", installable=True)}
    items = [row for row in rows["order_items"] if row["order_number"] in signed]
    assert any(item["category"] == Category.SHOES for item in items)
    assert any(item["sku"] in installable for item in items)
    prices = {row["sku"]: row["price"] for row in rows["products"]}
    assert any(item["unit_price"] > prices[item["sku"]] for item in items)
    waiting = of(rows, "returns", state=ReturnState.APPROVED)
    assert any(row["tracking_number"] is None for row in waiting)
    assert any(row["freight_insured"] for row in rows["orders"])
    assert (
        any(row["promised_ship_at"] < NOW for row in of(rows, "orders", state=OrderState.PAID))
        or profile == "demo"
    )


def test_the_wallet_has_no_parcels(shops: dict[str, Rows]):
    rows = shops["tpwallet"]
    assert rows["shipments"] == []
    assert {row["category"] for row in rows["order_items"]} == {"virtual"}
    assert all(row["signed_at"] is row["shipped_at"] is None for row in rows["orders"])
    assert {row["name"] for row in rows["order_items"]} >= {"余额充值", "电费缴纳", "信用卡还款"}
    assert any(row["failure_code"] for row in rows["payments"])


def test_in_the_mall_every_order_has_one_seller(shops: dict[str, Rows]):
    rows = shops["tmall"]
    addresses = {row["seller_id"]: row["return_address"] for row in rows["sellers"]}
    assert len(addresses) == 4
    sellers = {row["order_number"]: row["seller_id"] for row in rows["orders"]}
    assert {*sellers.values()} == {*addresses}
    for item in rows["order_items"]:
        assert item["seller_id"] == sellers[item["order_number"]]
    assert all(row["return_address"] in addresses.values() for row in rows["returns"])
