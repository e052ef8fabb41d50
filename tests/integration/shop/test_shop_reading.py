"""What a viewer is told, and that nobody is told of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kefu.shop.gateway import RuleRefused, ShopGateway
from kefu.shop.model import OrderState, ReturnReason, TurnRef, Viewer
from tests.shop_data import NOW, ShopData


def see_everything(shop: ShopGateway, viewer: Viewer, order_number: str) -> list[object]:
    return [
        shop.order(viewer, order_number),
        shop.orders(viewer).orders,
        shop.orders(viewer).total,
        shop.failed_payments(viewer),
        shop.returns(viewer),
        shop.refunds(viewer),
    ]


NOTHING = [None, (), 0, (), (), ()]


def test_a_whole_order_comes_back_masked_and_in_utc(shop: ShopGateway, data: ShopData):
    me = data.account()
    signed = datetime(2026, 11, 9, 1, 2, 3, 456789, tzinfo=UTC)
    number = data.order(me, signed_at=signed, items=2)
    order = shop.order(Viewer("p", me), number)
    assert order is not None
    assert order.signed_at == signed
    assert order.signed_at.tzinfo is UTC
    assert [item.item_id for item in order.items] == [f"{number}-1", f"{number}-2"]
    assert (order.recipient_masked, order.address_masked) == (
        "李* 139****5678",
        "浙江省杭州市西湖区****",
    )
    (parcel,) = order.shipments
    assert [event.text for event in parcel.events] == ["第2站", "第1站"]
    assert parcel.recipient_phone_tail == "5678"
    assert "13900005678" not in repr(order)
    assert "文一西路" not in repr(order)
    account = shop.account(Viewer("p", me))
    assert account is not None
    assert (account.phone_masked, account.email_masked) == ("138****5678", "x****@example.com")


def test_someone_elses_order_is_as_unknown_as_one_that_does_not_exist(
    shop: ShopGateway, data: ShopData
):
    owner, other = data.account(), data.account()
    number = data.order(owner, OrderState.UNPAID, failure_code="TIMEOUT")
    assert shop.order(Viewer("p", owner), number) is not None
    assert shop.failed_payments(Viewer("p", owner))
    assert see_everything(shop, Viewer("p", other), number) == NOTHING
    assert see_everything(shop, Viewer("p", other), "KF20261101999999") == NOTHING


def test_the_same_account_id_in_another_profile_is_another_person(
    shop: ShopGateway, data: ShopData
):
    me = data.account()
    number = data.order(me, OrderState.UNPAID, failure_code="TIMEOUT")
    assert see_everything(shop, Viewer("q", me), number) == NOTHING
    assert shop.account(Viewer("q", me)) is None


def test_a_guest_sees_the_proved_orders_alone(shop: ShopGateway, data: ShopData):
    me = data.account()
    proved, other = data.order(me), data.order(me)
    guest = Viewer("p", verified_orders=frozenset({proved}))
    assert shop.order(guest, proved) is not None
    assert shop.order(guest, other) is None
    assert [order.order_number for order in shop.orders(guest).orders] == [proved]
    assert shop.account(guest) is None
    assert see_everything(shop, Viewer("q", verified_orders=frozenset({proved})), proved) == NOTHING
    assert see_everything(shop, Viewer("p"), proved) == NOTHING


@pytest.mark.parametrize("disguise", ["{}".format, "{} ".format, " {}".format, "{}\0".format])
def test_a_similar_account_id_is_not_the_same(shop: ShopGateway, data: ShopData, disguise):
    me = data.account()
    number = data.order(me)
    lookalike = disguise(me)
    if lookalike == me:
        lookalike = me.upper()
    assert see_everything(shop, Viewer("p", lookalike), number) == NOTHING
    assert shop.account(Viewer("p", lookalike)) is None


@pytest.mark.parametrize(
    "typed", ["", "'; DROP TABLE orders; --", "KF\0", "订单😀", "9" * 10_000, "%"]
)
def test_anything_may_be_typed_as_an_order_number(shop: ShopGateway, data: ShopData, typed: str):
    me = data.account()
    data.order(me)
    assert shop.order(Viewer("p", me), typed) is None
    check = shop.check_guest(me, typed, "5678", TurnRef(f"typed-{me}", NOW))
    assert (check.order, check.tries_left) == (None, 4)
    turn = TurnRef(f"return-{me}", NOW)
    with pytest.raises(RuleRefused) as refused:
        shop.request_return(
            Viewer("p", me),
            turn,
            order_number=typed,
            item_id=typed,
            reason=ReturnReason.OTHER,
            note=typed,
        )
    assert refused.value.verdict.code == "order_not_found"
    assert shop.operation(turn, "request_return", f"{typed}/{typed}") is None
    guest = Viewer("p", verified_orders=frozenset({typed}))
    assert shop.orders(guest).total == 0


def test_pages_are_newest_first_and_count_all(shop: ShopGateway, data: ShopData):
    me = data.account()
    viewer = Viewer("p", me)
    numbers = [data.order(me, placed_at=NOW - timedelta(days=age)) for age in (3, 1, 2)]
    unpaid = data.order(me, OrderState.UNPAID, placed_at=NOW - timedelta(days=9))
    first = shop.orders(viewer, limit=2)
    assert [order.order_number for order in first.orders] == [numbers[1], numbers[2]]
    assert first.total == 4
    rest = shop.orders(viewer, limit=2, offset=2)
    assert [order.order_number for order in rest.orders] == [numbers[0], unpaid]
    page = shop.orders(viewer, states=[OrderState.UNPAID])
    assert ([order.order_number for order in page.orders], page.total) == ([unpaid], 1)


def test_failed_payments_of_orders_that_got_paid_are_history(shop: ShopGateway, data: ShopData):
    me = data.account()
    data.order(me, OrderState.PAID, failure_code="TIMEOUT")
    old = data.order(
        me, OrderState.CLOSED, failure_code="CARD_EXPIRED", placed_at=NOW - timedelta(days=9)
    )
    new = data.order(me, OrderState.UNPAID, failure_code="TIMEOUT")
    payments = shop.failed_payments(Viewer("p", me))
    assert [payment.order_number for payment in payments] == [new, old]
