from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from kefu.shop import demo
from kefu.shop.model import OrderState
from kefu.shop.wording import PAYMENT_FAILURES

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def rows():
    return demo.build(NOW)


def test_same_seed_and_now_give_the_same_shop(rows):
    assert demo.build(NOW) == rows
    assert demo.build(NOW, seed=1) != rows
    assert demo.build(NOW + timedelta(days=1)) != rows


def test_size_and_states(rows):
    assert len(rows["accounts"]) == 200
    assert len(rows["orders"]) == 2000
    states = Counter(row["state"] for row in rows["orders"])
    assert all(states[state] >= 30 for state in OrderState)


def test_numbers_are_unique_and_carry_the_beijing_day(rows):
    numbers = [row["order_number"] for row in rows["orders"]]
    assert len(set(numbers)) == 2000
    for row in rows["orders"]:
        day = (row["placed_at"] + timedelta(hours=8)).strftime("%Y%m%d")
        assert row["order_number"].startswith(f"KF{day}")
        assert len(row["order_number"]) == 16


def test_time_runs_forward_and_never_past_now(rows):
    for order in rows["orders"]:
        steps = [order[k] for k in ("placed_at", "paid_at", "shipped_at", "signed_at")]
        happened = [step for step in steps if step]
        assert happened == sorted(happened)
        assert all(step <= NOW for step in [*happened, order["cancelled_at"] or NOW])
    assert all(event["at"] <= NOW for event in rows["logistics_events"])
    for row in [*rows["returns"], *rows["refunds"]]:
        assert row["requested_at"] <= row["updated_at"] <= NOW


def test_parcels_have_a_history_that_ends_where_they_are(rows):
    last = {}
    for event in rows["logistics_events"]:
        last[event["shipment_id"]] = max(last.get(event["shipment_id"], event["at"]), event["at"])
    for parcel in rows["shipments"]:
        if parcel["signed_at"]:
            assert last[parcel["shipment_id"]] == parcel["signed_at"]
        else:
            assert parcel["shipped_at"] <= last[parcel["shipment_id"]] <= NOW


def test_money_adds_up(rows):
    goods = Counter()
    for item in rows["order_items"]:
        goods[item["order_number"]] += item["unit_price"] * item["quantity"]
    for order in rows["orders"]:
        assert order["total"] == goods[order["order_number"]] + order["freight"] - order["discount"]
        assert order["total"] > 0


def test_every_failure_code_can_be_explained(rows):
    codes = {row["failure_code"] for row in rows["payments"]} - {None}
    assert len(codes) == 8
    assert codes <= set(PAYMENT_FAILURES)


def test_picker_names_the_accounts_as_the_shop_does(rows):
    names = {row["account_id"]: row["name"] for row in rows["accounts"]}
    shoppers = demo.demo_shoppers()
    assert len(shoppers) == 12
    assert all(names[account_id] == name and hint for account_id, name, hint in shoppers)
