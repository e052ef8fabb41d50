"""A shop that lets nothing be written: every method is judged, none that writes gets through."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.shop import open_gateway
from kefu.shop.changes import DayPart, OrderChange
from kefu.shop.gateway import ShopGateway, ShopReadOnly
from kefu.shop.ledger import NoticeRow
from kefu.shop.model import ReturnReason
from kefu.shop.read_only import LOOKS, PASSES, LookingOnly, only_looking, without_writes
from kefu.shop.schema import Base
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import ShopData
from tests.shopper import Shopper

METHODS = {
    name
    for part in ShopGateway.__mro__
    for name, member in vars(part).items()
    if callable(member) and not name.startswith("_")
}


@pytest.fixture
def shopper(shop: ShopGateway, data: ShopData) -> Shopper:
    return Shopper.with_order(shop, data)


def writes(shopper: Shopper) -> dict[str, dict[str, Any]]:
    """A call of every method that changes the shop."""
    mine: dict[str, Any] = {"viewer": shopper.viewer, "turn": shopper.turn()}
    order = mine | {"order_number": shopper.number}
    item = order | {"item_id": shopper.item}
    account = {"profile": "p", "account_id": shopper.account, "turn": shopper.turn()}
    return {
        "urge_shipping": order,
        "change_order": order | {"change": OrderChange(note="请放驿站")},
        "cancel_order": order | {"reason": "不想要了"},
        "book_installation": item | {"day": date(2026, 11, 12), "part": DayPart.MORNING},
        "settle_charge": order,
        "request_invoice": order | {"title": "张三", "tax_number": None, "email": None},
        "claim_price": item,
        "request_return": item | {"reason": ReturnReason.NO_REASON},
        "submit_return_tracking": mine
        | {"rma_number": "RMA1", "carrier_code": "sf", "tracking_number": "SF123456"},
        "cancel_installation": item,
        "cancel_return": mine | {"rma_number": "RMA1"},
        "unlock_account": account,
        "start_password_reset": account,
        "change_phone": account | {"phone": "13800000000"},
    }


def test_every_method_of_the_gateway_either_passes_or_is_refused(shopper: Shopper):
    refused = set(writes(shopper))
    assert PASSES | refused == METHODS
    assert not PASSES & refused


def rows(data: ShopData) -> dict[str, int]:
    with Session(data.engine) as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_what_would_change_the_shop_changes_nothing(shopper: Shopper, data: ShopData):
    closed = without_writes(shopper.shop)
    before = rows(data)
    for name, arguments in writes(shopper).items():
        with pytest.raises(ShopReadOnly) as refused:
            getattr(closed, name)(**arguments)
        assert refused.value.code == "shop_read_only"
    assert rows(data) == before


def test_a_method_that_nobody_has_judged_is_refused(shop_url: str):
    class Newer(SqlGateway):
        def give_everything_away(self) -> None:
            raise AssertionError("reached the shop")

    newer = without_writes(Newer(shop_url))
    with pytest.raises(ShopReadOnly):
        newer.give_everything_away()  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(AttributeError):
        newer.no_such_method()  # pyright: ignore[reportAttributeAccessIssue]


def test_reading_goes_on(shopper: Shopper):
    closed = without_writes(shopper.shop)
    closed.ping()
    order = closed.order(shopper.viewer, shopper.number)
    assert order == shopper.shop.order(shopper.viewer, shopper.number)
    assert order is not None
    assert closed.orders(shopper.viewer).total == 1
    assert closed.account(shopper.viewer) == shopper.shop.account(shopper.viewer)
    assert closed.return_verdict(shopper.viewer, order, shopper.item, shopper.turn().now).allowed
    assert closed.operations("none") == ()


def test_guests_are_still_checked_and_notices_still_sent(shopper: Shopper, data: ShopData):
    closed = without_writes(shopper.shop)
    assert closed.check_guest("p", shopper.number, "0000", shopper.turn()).tries_left == 4
    closed.send_notice(
        "p",
        shopper.account,
        notice_id="n1" + shopper.account,
        kind="code",
        channel=None,
        payload={},
    )
    assert data.count(NoticeRow, account_id=shopper.account) == 1


def test_the_gateway_can_be_opened_so(shopper: Shopper, shop_url: str):
    for read_only in (True, False):
        gateway = open_gateway(shop_url, read_only=read_only)
        try:
            asked = {"order_number": shopper.number, "reason": "x"}
            with pytest.raises(ShopReadOnly if read_only else Exception) as refused:
                gateway.cancel_order(shopper.viewer, shopper.turn(), **asked)
            assert isinstance(refused.value, ShopReadOnly) is read_only
        finally:
            gateway.close()


def test_who_only_looks_can_count_no_try_and_send_no_notice_either(
    shopper: Shopper, shop: ShopGateway, data: ShopData
) -> None:
    looking = only_looking(shop)
    calls = writes(shopper)
    assert LOOKS | {"check_guest", "send_notice"} | set(calls) == METHODS
    before = rows(data)
    for name, given in calls.items():
        with pytest.raises(LookingOnly):
            getattr(looking, name)(**given)
    with pytest.raises(LookingOnly):
        looking.check_guest("p", shopper.number, "0000", shopper.turn())
    with pytest.raises(LookingOnly):
        looking.send_notice("p", shopper.account, notice_id="n", kind="k", channel=None, payload={})
    assert looking.order(shopper.viewer, shopper.number) == shop.order(
        shopper.viewer, shopper.number
    )
    assert rows(data) == before
