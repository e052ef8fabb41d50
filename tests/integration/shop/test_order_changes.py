"""Urging, changing and cancelling orders: once per turn, one's own alone, before shipping alone."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import RefundRow
from kefu.shop.changes import Cancellation, OrderChange, Urge
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import Order, OrderState, RefundState, TurnRef, Viewer
from kefu.shop.schema import CouponRow, OrderRow, PaymentRow, UrgeRow
from tests.shop_data import NOW, ShopData

NEW_ADDRESS = "江苏省苏州市昆山市前进西路1801号6幢"
CHANGE = OrderChange("王小红", "186 0000 4321", NEW_ADDRESS, "请放驿站")


@dataclass
class Asking:
    """One shopper with one order, whom three services can be asked for."""

    shop: ShopGateway
    data: ShopData
    number: str
    viewer: Viewer

    def turn(self, name: str = "t", hours: float = 0) -> TurnRef:
        return TurnRef(f"{name}-{self.number}", NOW + timedelta(hours=hours))

    def urge(self, turn: TurnRef, viewer: Viewer | None = None, **more: Any) -> Urge:
        asked = {"order_number": self.number} | more
        return self.shop.urge_shipping(viewer or self.viewer, turn, **asked)

    def change(
        self, turn: TurnRef, viewer: Viewer | None = None, change: OrderChange = CHANGE, **more: Any
    ) -> Order:
        asked = {"order_number": self.number} | more
        return self.shop.change_order(viewer or self.viewer, turn, change=change, **asked)

    def cancel(
        self, turn: TurnRef, viewer: Viewer | None = None, reason: str = "不想要了", **more: Any
    ) -> Cancellation:
        asked = {"order_number": self.number} | more
        return self.shop.cancel_order(viewer or self.viewer, turn, reason=reason, **asked)

    def row(self) -> OrderRow:
        with Session(self.data.engine) as session:
            return session.scalars(select(OrderRow).filter_by(order_number=self.number)).one()

    def effects(self) -> tuple[int, int]:
        """Operations and notices."""
        return (
            self.data.count(OperationRow, target=self.number),
            self.data.count(NoticeRow, order_number=self.number),
        )


Ask = Callable[..., Any]
EFFECTS = pytest.mark.parametrize("ask", [Asking.urge, Asking.change, Asking.cancel])


def asking_for(shop: ShopGateway, data: ShopData, state: OrderState, **more: Any) -> Asking:
    account = data.account()
    return Asking(shop, data, data.order(account, state, **more), Viewer("p", account))


@pytest.fixture
def paid(shop: ShopGateway, data: ShopData) -> Asking:
    return asking_for(shop, data, OrderState.PAID)


@EFFECTS
def test_the_same_turn_again_replays_though_the_order_has_moved_on(paid: Asking, ask: Ask):
    first = ask(paid, paid.turn())
    with Session(paid.data.engine) as session, session.begin():
        session.execute(
            update(OrderRow)
            .where(OrderRow.order_number == paid.number)
            .values(state=OrderState.COMPLETED)
        )
    assert ask(paid, paid.turn(hours=200)) == first
    assert paid.effects() == (1, 1)


@EFFECTS
def test_someone_elses_order_is_refused_like_an_unknown_one(paid: Asking, ask: Ask):
    stranger = Viewer("p", paid.data.account())
    refusals: list[RuleRefused] = []
    for name, viewer, number in (
        ("a", stranger, paid.number),
        ("b", stranger, "KF20261101999999"),
        ("c", Viewer("q", paid.viewer.account_id), paid.number),
        ("d", Viewer("p"), paid.number),
        ("e", paid.viewer, "K\0F"),
    ):
        with pytest.raises(RuleRefused) as refused:
            ask(paid, paid.turn(name), viewer, order_number=number)
        refusals.append(refused.value)
    assert {each.verdict.code for each in refusals} == {"order_not_found"}
    assert paid.effects() == (0, 0)
    assert paid.row().state is OrderState.PAID


@EFFECTS
def test_another_viewer_cannot_replay_a_turn(paid: Asking, ask: Ask):
    ask(paid, paid.turn())
    with pytest.raises(OperationConflict):
        ask(paid, paid.turn(), Viewer("p", paid.data.account()))


@EFFECTS
@pytest.mark.parametrize("state", [OrderState.SHIPPED, OrderState.SIGNED, OrderState.CLOSED])
def test_after_shipping_nothing_is_done(
    shop: ShopGateway, data: ShopData, ask: Ask, state: OrderState
):
    asking = asking_for(shop, data, state)
    before = shop.order(asking.viewer, asking.number)
    with pytest.raises(RuleRefused) as refused:
        ask(asking, asking.turn())
    assert refused.value.sentence.endswith("。")
    assert asking.effects() == (0, 0)
    assert shop.order(asking.viewer, asking.number) == before


@EFFECTS
def test_the_same_turn_at_once_gives_one_result(paid: Asking, ask: Ask):
    results = at_once(*[lambda: ask(paid, paid.turn())] * 4)
    assert results == [results[0]] * 4
    assert paid.effects() == (1, 1)


def test_a_guest_who_has_proved_the_order_may_urge_it(paid: Asking):
    guest = Viewer("p", verified_orders=frozenset({paid.number}))
    paid.urge(paid.turn(), guest)
    assert paid.effects() == (1, 1)


@pytest.mark.parametrize("ask", [Asking.change, Asking.cancel])
def test_a_guest_who_has_proved_the_order_must_sign_in_for_more(paid: Asking, ask: Ask):
    guest = Viewer("p", verified_orders=frozenset({paid.number}))
    with pytest.raises(RuleRefused) as refused:
        ask(paid, paid.turn(), guest)
    assert refused.value.verdict.code == "sign_in_first"
    assert paid.effects() == (0, 0)


def test_a_seller_is_reminded_once_a_beijing_day(paid: Asking):
    first = paid.urge(paid.turn("one"))
    assert first == Urge(paid.number, NOW, repeated=False)
    order = paid.shop.order(paid.viewer, paid.number)
    assert order
    assert order.urged_at == NOW
    again = paid.urge(paid.turn("two", hours=11.9))
    assert again == Urge(paid.number, NOW, repeated=True)
    assert paid.effects() == (2, 1)
    # NOW is noon in Beijing: twelve hours on it is tomorrow there, though not in UTC.
    tomorrow = paid.urge(paid.turn("three", hours=12))
    assert not tomorrow.repeated
    assert paid.data.count(UrgeRow, order_number=paid.number) == 2
    assert paid.effects() == (3, 2)


def test_two_turns_at_once_remind_once(paid: Asking):
    turns = [paid.turn(f"turn{n}") for n in range(4)]
    results = at_once(*(lambda turn=turn: paid.urge(turn) for turn in turns))
    assert sorted(each.repeated for each in results) == [False, True, True, True]
    assert paid.effects() == (4, 1)


def test_a_change_is_stored_in_full_and_answered_masked(paid: Asking):
    changed = paid.change(paid.turn())
    assert changed.recipient_masked == "王** 186****4321"
    assert changed.address_masked == "江苏省苏州市昆山市****"
    assert changed.note == "请放驿站"
    assert paid.shop.order(paid.viewer, paid.number) == changed
    row = paid.row()
    assert (row.recipient_name, row.recipient_phone) == ("王小红", "18600004321")
    assert (row.city, row.district, row.street) == ("苏州市", "昆山市", "前进西路1801号6幢")


def test_neither_ledger_nor_notice_hold_what_is_personal(paid: Asking):
    paid.change(paid.turn())
    with Session(paid.data.engine) as session:
        (operation,) = session.scalars(select(OperationRow).filter_by(target=paid.number))
        (notice,) = session.scalars(select(NoticeRow).filter_by(order_number=paid.number))
    kept = f"{operation.result}{notice.payload}"
    assert not any(word in kept for word in ("王小红", "18600004321", "前进西路"))


def test_what_is_not_named_stays(paid: Asking):
    before = paid.row()
    paid.change(paid.turn(), change=OrderChange(note="周末送"))
    after = paid.row()
    assert after.note == "周末送"
    assert (after.recipient_name, after.street) == (before.recipient_name, before.street)


@pytest.mark.parametrize(
    "other", [OrderChange(note="别的"), OrderChange("王小红", "18600004321", NEW_ADDRESS)]
)
def test_another_change_in_the_same_turn_conflicts(paid: Asking, other: OrderChange):
    paid.change(paid.turn())
    with pytest.raises(OperationConflict):
        paid.change(paid.turn(), change=other)
    assert paid.row().note == "请放驿站"


def test_the_same_change_typed_otherwise_is_the_same(paid: Asking):
    first = paid.change(paid.turn(), change=OrderChange(recipient_phone="186 0000 4321"))
    again = paid.change(paid.turn(), change=OrderChange(recipient_phone="+8618600004321"))
    assert first == again


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (OrderChange(), "nothing_to_change"),
        (OrderChange(recipient_phone="123"), "bad_phone"),
        (OrderChange(address="学校门口"), "bad_address"),
        (OrderChange(note="好", recipient_name="9"), "bad_recipient"),
    ],
)
def test_a_change_that_cannot_be_delivered_to_changes_nothing(
    paid: Asking, change: OrderChange, code: str
):
    with pytest.raises(RuleRefused) as refused:
        paid.change(paid.turn(), change=change)
    assert refused.value.verdict.code == code
    assert paid.row().note == ""
    assert paid.effects() == (0, 0)


def test_a_cancelled_order_is_refunded_the_way_it_was_paid(paid: Asking):
    done = paid.cancel(paid.turn())
    assert (done.order.state, done.order.cancelled_at) == (OrderState.CANCELLED, NOW)
    assert done.refund is not None
    assert (done.refund.amount, done.refund.state) == (10000, RefundState.REQUESTED)
    assert done.refund.channel == "bank_card"
    assert done.order.refunds == (done.refund,)
    assert paid.shop.order(paid.viewer, paid.number) == done.order
    assert paid.shop.refunds(paid.viewer) == (done.refund,)


def test_an_unpaid_order_is_cancelled_without_a_refund(shop: ShopGateway, data: ShopData):
    unpaid = asking_for(shop, data, OrderState.UNPAID, failure_code="TIMEOUT")
    done = unpaid.cancel(unpaid.turn())
    assert (done.order.state, done.refund) == (OrderState.CANCELLED, None)
    assert data.count(RefundRow, order_number=unpaid.number) == 0


def test_what_was_paid_twice_is_given_back_twice_less_what_went_back(paid: Asking):
    with Session(paid.data.engine) as session, session.begin():
        (payment,) = session.scalars(select(PaymentRow).filter_by(order_number=paid.number))
        columns = {c.key: getattr(payment, c.key) for c in PaymentRow.__table__.columns}
        session.add(PaymentRow(**columns | {"payment_id": f"PAY2{paid.number}"}))
        session.add(
            RefundRow(
                profile="p",
                refund_id=f"RF{paid.number}",
                order_number=paid.number,
                amount=2500,
                state=RefundState.ARRIVED,
                channel="bank_card",
                requested_at=NOW,
                updated_at=NOW,
            )
        )
    refund = paid.cancel(paid.turn()).refund
    assert refund is not None
    assert refund.amount == 17500


def test_the_coupon_of_a_cancelled_order_can_be_used_again(paid: Asking):
    coupon = {"profile": "p", "coupon_id": f"C{paid.number}"}
    paid.data.insert(
        CouponRow,
        coupon
        | {
            "account_id": paid.viewer.account_id,
            "name": "满49减5",
            "amount": 500,
            "minimum": 4900,
            "category": "",
            "valid_from": NOW,
            "valid_until": NOW + timedelta(days=9),
            "used_at": NOW,
        },
    )
    with Session(paid.data.engine) as session, session.begin():
        session.execute(
            update(OrderRow)
            .where(OrderRow.order_number == paid.number)
            .values(coupon_id=coupon["coupon_id"])
        )
    paid.cancel(paid.turn())
    assert paid.data.count(CouponRow, **coupon, used_at=None) == 1


def test_another_reason_in_the_same_turn_conflicts(paid: Asking):
    paid.cancel(paid.turn())
    with pytest.raises(OperationConflict):
        paid.cancel(paid.turn(), reason="地址错了")


def test_a_later_turn_is_told_that_it_is_cancelled(paid: Asking):
    paid.cancel(paid.turn())
    with pytest.raises(RuleRefused) as refused:
        paid.cancel(paid.turn("later"))
    assert refused.value.verdict.code == "already_cancelled"
    assert paid.data.count(RefundRow, order_number=paid.number) == 1


@pytest.mark.parametrize("round_", range(3))
def test_two_turns_at_once_refund_once(paid: Asking, round_: int):
    turns = [paid.turn(f"turn{n}") for n in range(4)]
    results = at_once(*(lambda turn=turn: paid.cancel(turn) for turn in turns))
    refused = [each for each in results if isinstance(each, RuleRefused)]
    assert {each.verdict.code for each in refused} == {"already_cancelled"}
    assert len(refused) == 3
    assert paid.data.count(RefundRow, order_number=paid.number) == 1


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run ``calls`` in threads that start together."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except RuleRefused as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
