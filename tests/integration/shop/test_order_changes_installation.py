"""Booking and moving a visit to install goods."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.shop.changes import DayPart, Installation, InstallationState
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import OrderState, TurnRef, Viewer
from kefu.shop.service_tables import InstallationRow, ProductRow
from tests.shop_data import NOW, ShopData

TOMORROW = date(2026, 11, 11)


@dataclass
class Owner:
    """A shopper who has received two items, the first of which has to be installed."""

    shop: ShopGateway
    data: ShopData
    number: str
    viewer: Viewer

    def turn(self, name: str = "t") -> TurnRef:
        return TurnRef(f"{name}-{self.number}", NOW)

    def book(self, turn: TurnRef, item: int = 1, **more: Any) -> Installation:
        asked: dict[str, Any] = {
            "viewer": self.viewer,
            "order_number": self.number,
            "item_id": f"{self.number}-{item}",
            "day": TOMORROW,
            "part": DayPart.MORNING,
        } | more
        viewer = asked.pop("viewer")
        return self.shop.book_installation(viewer, turn, **asked)

    def cancel(self, turn: TurnRef, **more: Any) -> Installation:
        item = f"{self.number}-1"
        asked: dict[str, Any] = {"viewer": self.viewer, "item_id": item} | more
        return self.shop.cancel_installation(turn=turn, order_number=self.number, **asked)


@pytest.fixture(scope="module")
def products(data: ShopData) -> None:
    common: dict[str, Any] = {
        "profile": "p",
        "name": "滚筒洗衣机",
        "category": "appliances",
        "price": 199900,
        "stock": 3,
        "specs": {},
        "restock_at": None,
        "ships_from": "苏州",
        "ships_within_hours": 48,
        "freight": 0,
        "free_freight_from": 0,
        "warranty_months": 12,
        "seller_id": None,
    }
    data.insert(
        ProductRow,
        common | {"sku": "sku1", "installable": True},
        common | {"sku": "sku2", "installable": False},
    )


@pytest.fixture
def owner(shop: ShopGateway, data: ShopData, products: None) -> Owner:
    account = data.account()
    return Owner(shop, data, data.order(account, items=2), Viewer("p", account))


def test_a_visit_is_booked_with_operation_and_notice(owner: Owner):
    made = owner.book(owner.turn())
    assert made.booking_id.startswith("AZ")
    assert (made.day, made.part, made.state) == (
        TOMORROW,
        DayPart.MORNING,
        InstallationState.BOOKED,
    )
    assert owner.shop.installations(owner.viewer, owner.number) == (made,)
    (operation,) = owner.shop.operations(owner.turn().turn_id)
    assert operation.name == "book_installation"
    assert operation.target == f"{owner.number}/{owner.number}-1"
    assert owner.data.count(NoticeRow, order_number=owner.number) == 1


def test_the_same_turn_again_replays(owner: Owner):
    assert owner.book(owner.turn()) == owner.book(owner.turn())
    assert owner.data.count(OperationRow, turn_id=owner.turn().turn_id) == 1


@pytest.mark.parametrize("other", [{"day": date(2026, 11, 12)}, {"part": DayPart.EVENING}])
def test_another_time_in_the_same_turn_conflicts(owner: Owner, other: dict[str, Any]):
    owner.book(owner.turn())
    with pytest.raises(OperationConflict):
        owner.book(owner.turn(), **other)


def test_a_later_turn_moves_the_visit_under_the_same_number(owner: Owner):
    first = owner.book(owner.turn())
    moved = owner.book(owner.turn("later"), day=date(2026, 11, 20), part=DayPart.AFTERNOON)
    assert moved.booking_id == first.booking_id
    assert owner.shop.installations(owner.viewer, owner.number) == (moved,)


def test_a_visit_that_was_made_is_not_moved(owner: Owner):
    made = owner.book(owner.turn())
    with Session(owner.data.engine) as session, session.begin():
        session.execute(
            update(InstallationRow)
            .where(InstallationRow.booking_id == made.booking_id)
            .values(state=InstallationState.DONE)
        )
    with pytest.raises(RuleRefused) as refused:
        owner.book(owner.turn("later"))
    assert refused.value.verdict.code == "already_installed"


def test_a_visit_is_called_off_once_and_may_be_booked_again(owner: Owner):
    made = owner.book(owner.turn())
    gone = owner.cancel(owner.turn("off"))
    assert gone == owner.cancel(owner.turn("off"))
    assert (gone.booking_id, gone.state) == (made.booking_id, InstallationState.CANCELLED)
    assert owner.data.count(NoticeRow, kind="installation_cancelled") == 1
    with pytest.raises(RuleRefused) as refused:
        owner.cancel(owner.turn("again"))
    assert refused.value.verdict.code == "not_booked"
    assert owner.book(owner.turn("anew")).state is InstallationState.BOOKED


def test_a_visit_of_the_same_day_is_not_called_off(owner: Owner):
    owner.book(owner.turn())
    late = TurnRef("late", NOW + timedelta(days=1))
    with pytest.raises(RuleRefused) as refused:
        owner.cancel(late)
    assert refused.value.verdict.code == "visit_too_near"


def test_nobody_calls_off_the_visit_of_another(owner: Owner):
    made = owner.book(owner.turn())
    with pytest.raises(RuleRefused) as refused:
        owner.cancel(owner.turn("off"), viewer=Viewer("p", "somebody"))
    assert refused.value.verdict.code == "order_not_found"
    assert owner.shop.installations(owner.viewer, owner.number) == (made,)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"day": date(2026, 11, 10)}, "bad_day"),
        ({"item": 2}, "not_installable"),
        ({"item": 3}, "item_not_found"),
        ({"item_id": "\0"}, "order_not_found"),
    ],
)
def test_a_refused_visit_leaves_nothing_behind(owner: Owner, asked: dict[str, Any], code: str):
    with pytest.raises(RuleRefused) as refused:
        owner.book(owner.turn(), **asked)
    assert refused.value.verdict.code == code
    assert owner.shop.installations(owner.viewer, owner.number) == ()
    assert owner.shop.operations(owner.turn().turn_id) == ()


def test_goods_on_their_way_cannot_be_installed(shop: ShopGateway, data: ShopData, products: None):
    account = data.account()
    waiting = Owner(shop, data, data.order(account, OrderState.SHIPPED), Viewer("p", account))
    with pytest.raises(RuleRefused) as refused:
        waiting.book(waiting.turn())
    assert refused.value.verdict.code == "not_signed"


def test_others_neither_see_nor_book(owner: Owner):
    owner.book(owner.turn())
    stranger = Viewer("p", owner.data.account())
    assert owner.shop.installations(stranger, owner.number) == ()
    assert owner.shop.installations(Viewer("q", owner.viewer.account_id), owner.number) == ()
    with pytest.raises(RuleRefused) as refused:
        owner.book(owner.turn("other"), viewer=stranger)
    assert refused.value.verdict.code == "order_not_found"


@pytest.mark.parametrize("same_turn", [True, False])
def test_asked_at_once_there_is_one_visit(owner: Owner, same_turn: bool):
    turns = [owner.turn("t" if same_turn else f"t{n}") for n in range(4)]
    results = at_once(*(lambda turn=turn: owner.book(turn) for turn in turns))
    assert len({each.booking_id for each in results}) == 1
    assert owner.data.count(InstallationRow, order_number=owner.number) == 1


def at_once(*calls: Callable[[], Installation]) -> list[Installation]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Installation]) -> Installation:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
