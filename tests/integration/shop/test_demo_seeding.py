"""The demo shops in real databases: seeded once, and read through the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kefu.shop import demo, migrate
from kefu.shop.connection import open_engine
from kefu.shop.model import OrderState, TurnRef, Viewer
from kefu.shop.schema import AccountRow, ItemRow, OrderRow
from kefu.shop.service_tables import Base, MembershipRow, ProductRow
from kefu.shop.sql_gateway import SqlGateway

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def seeded(module_database_url: str) -> str:
    migrate(module_database_url)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(demo.seed, module_database_url, NOW) for _ in range(2)]:
            done.result()
    return module_database_url


@pytest.fixture(scope="module")
def shop(seeded: str) -> Iterator[SqlGateway]:
    with closing(SqlGateway(seeded)) as gateway:
        yield gateway


def sizes(url: str, table: type[Base]) -> dict[str, int]:
    engine = open_engine(url, patience=30)
    with engine.connect() as connection:
        counted = select(table.profile, func.count()).group_by(table.profile)
        found = dict(connection.execute(counted).tuples().all())
    engine.dispose()
    return found


def test_every_shop_is_seeded_once_even_by_two_at_a_time(seeded: str):
    others = dict.fromkeys(("tp", "tpwallet", "tiktokshop", "tmall"), 30)
    assert sizes(seeded, AccountRow) == {"demo": 200} | others
    assert sizes(seeded, OrderRow) == {"demo": 2000} | dict.fromkeys(others, 200)
    assert sizes(seeded, MembershipRow) == {"demo": 200} | others


def test_what_is_written_is_what_was_built(seeded: str):
    engine = open_engine(seeded, patience=30)
    with engine.connect() as connection:
        names = connection.execute(
            select(ItemRow.name, ItemRow.variant).where(ItemRow.profile == "demo")
        ).all()
    engine.dispose()
    assert ("轻薄羽绒服", "黑色 L") in [tuple(row) for row in names]


def test_the_demo_cases_are_there(shop: SqlGateway):
    assert shop.orders(Viewer("demo", "u0002")).total == 0
    (failed,) = shop.failed_payments(Viewer("demo", "u0003"), limit=1)
    assert failed.failure_code == "INSUFFICIENT_BALANCE"
    page = shop.orders(Viewer("demo", "u0001"), limit=50)
    assert {order.state for order in page.orders} == {*OrderState}
    account = shop.account(Viewer("demo", "u0007"))
    assert account is not None
    assert account.locked


@pytest.mark.parametrize("profile", demo.PROFILES)
def test_each_offered_shopper_can_be_looked_up(shop: SqlGateway, profile: str):
    for account_id, _, _ in demo.demo_shoppers(profile):
        viewer = Viewer(profile, account_id)
        assert shop.account(viewer) is not None
        assert shop.membership(viewer) is not None
        page = shop.orders(viewer, limit=50)
        assert page.total == len(page.orders)


def test_installable_goods_can_be_booked_and_moved(shop: SqlGateway):
    viewer = Viewer("tmall", "m0017")
    (order,) = shop.orders(viewer).orders
    (booked,) = shop.installations(viewer, order.order_number)
    moved = shop.book_installation(
        viewer,
        TurnRef("move", NOW),
        order_number=order.order_number,
        item_id=booked.item_id,
        day=booked.day + timedelta(days=1),
        part=booked.part,
    )
    assert moved.booking_id == booked.booking_id


@pytest.mark.parametrize(
    ("profile", "account_id"),
    [("demo", "u0016"), ("tp", "p0015"), ("tiktokshop", "k0013"), ("tmall", "m0015")],
)
def test_a_price_drop_can_be_claimed(shop: SqlGateway, profile: str, account_id: str):
    viewer = Viewer(profile, account_id)
    (order,) = shop.orders(viewer).orders
    claim = shop.price_claim(
        viewer,
        TurnRef("claim", NOW),
        order_number=order.order_number,
        item_id=order.items[0].item_id,
    )
    assert claim is not None
    assert claim.verdict.allowed, claim.verdict
    assert 0 < claim.difference <= 10000


def test_a_shop_of_an_earlier_release_gets_what_it_lacks(database_url: str):
    migrate(database_url)
    demo.seed(database_url, NOW, profiles=["demo"])
    engine = open_engine(database_url, patience=30).execution_options(writes=True)
    with Session(engine) as session, session.begin():
        session.execute(delete(MembershipRow))
        session.execute(delete(ProductRow))
    engine.dispose()
    demo.seed(database_url, NOW + timedelta(days=40))
    assert sizes(database_url, OrderRow)["demo"] == 2000
    assert set(sizes(database_url, OrderRow)) == {*demo.PROFILES}
    assert set(sizes(database_url, ProductRow)) == {*demo.PROFILES}
    assert sizes(database_url, MembershipRow)["demo"] == 200


def test_a_seeded_shop_is_left_alone_at_once(seeded: str):
    begun = monotonic()
    before = sizes(seeded, OrderRow)
    demo.seed(seeded, NOW + timedelta(days=9))
    assert sizes(seeded, OrderRow) == before
    assert monotonic() - begun < 2
