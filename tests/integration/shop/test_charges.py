"""Repairing charges, price protection, invoices and coupons, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import InvoiceRow, RefundRow
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.model import OrderState, PaymentState, Refund, RefundState, ReturnReason, Viewer
from kefu.shop.money import Charge, ChargeSettlement, Invoice, InvoiceState
from kefu.shop.policy import ShopPolicy
from kefu.shop.schema import CouponRow, OrderRow, PaymentRow
from kefu.shop.service_tables import PriceClaimRow
from tests.shop_backends import OpenShop
from tests.shop_data import NOW, ShopData
from tests.shopper import Shopper, at_once


def settle(shopper: Shopper, name: str = "t", viewer: Viewer | None = None) -> ChargeSettlement:
    return shopper.shop.settle_charge(
        viewer or shopper.viewer, shopper.turn(name), order_number=shopper.number
    )


def claim(shopper: Shopper, name: str = "t", viewer: Viewer | None = None, **more: Any) -> Refund:
    asked = {"order_number": shopper.number, "item_id": shopper.item} | more
    return shopper.shop.claim_price(viewer or shopper.viewer, shopper.turn(name), **asked)


def bill(shopper: Shopper, name: str = "t", viewer: Viewer | None = None, **more: Any) -> Invoice:
    asked = {
        "order_number": shopper.number,
        "title": "青禾科技有限公司",
        "tax_number": "91330106MA2CFB1X0K",
        "email": "caiwu@example.com",
    }
    return shopper.shop.request_invoice(
        viewer or shopper.viewer, shopper.turn(name), **(asked | more)
    )


EFFECTS = pytest.mark.parametrize("ask", [settle, claim, bill])
Ask = Callable[..., Any]


def pay(shopper: Shopper, state: PaymentState = PaymentState.SUCCEEDED, **more: Any) -> None:
    """One more payment for the order."""
    nth = shopper.data.count(PaymentRow, order_number=shopper.number) + 1
    row = {
        "profile": "p",
        "payment_id": f"PAY{nth}-{shopper.number}",
        "order_number": shopper.number,
        "method": "alipay",
        "bank": None,
        "card_tail": None,
        "amount": 10000,
        "state": state,
        "failure_code": None,
        "created_at": NOW - timedelta(days=3),
        "finished_at": NOW - timedelta(days=3),
    }
    shopper.data.insert(PaymentRow, row | more)


def refunds(shopper: Shopper) -> list[RefundRow]:
    with Session(shopper.data.engine) as session:
        found = session.scalars(select(RefundRow).filter_by(order_number=shopper.number))
        return list(found)


@pytest.fixture
def shopper(shop: ShopGateway, data: ShopData) -> Shopper:
    """Paid 100.00 twice for what costs 80.00 now."""
    shopper = Shopper.with_order(shop, data, OrderState.PAID)
    pay(shopper)
    shopper.sells(price=8000)
    return shopper


@pytest.fixture
def unpaid(shop: ShopGateway, data: ShopData) -> Shopper:
    """An unpaid order whose only payment failed."""
    return Shopper.with_order(shop, data, OrderState.UNPAID, failure_code="INSUFFICIENT_BALANCE")


def test_what_was_paid_twice_goes_back(shopper: Shopper):
    settled = settle(shopper)
    assert (settled.finding.charge, settled.finding.surplus) == (Charge.DUPLICATE, 10000)
    assert settled.refund is not None
    assert (settled.refund.amount, settled.refund.channel) == (10000, "alipay")
    assert settled.refund.requested_at == NOW
    assert settled.order.state is OrderState.PAID
    assert [each.refund_id for each in refunds(shopper)] == [settled.refund.refund_id]
    assert shopper.effects() == (1, 1)
    assert shopper.shop.order(shopper.viewer, shopper.number) == settled.order


def test_the_surplus_goes_back_once(shopper: Shopper):
    settle(shopper)
    again = settle(shopper, "later")
    assert (again.finding.charge, again.refund) == (Charge.FINE, None)
    assert len(refunds(shopper)) == 1


def test_a_surplus_whose_refund_failed_goes_back_again(shopper: Shopper):
    settle(shopper)
    shopper.change(RefundRow, {"order_number": shopper.number}, state=RefundState.FAILED)
    assert settle(shopper, "later").refund is not None
    assert [each.amount for each in refunds(shopper)] == [10000, 10000]


@pytest.mark.parametrize("state", [OrderState.UNPAID, OrderState.CLOSED])
def test_a_payment_beside_an_unpaid_order_is_booked(unpaid: Shopper, state: OrderState):
    unpaid.change_order(state=state, cancelled_at=NOW)
    pay(unpaid)
    settled = settle(unpaid)
    assert (settled.finding.charge, settled.refund) == (Charge.NOT_BOOKED, None)
    booked = unpaid.shop.order(unpaid.viewer, unpaid.number)
    assert booked == settled.order
    assert booked is not None
    assert (booked.state, booked.cancelled_at) == (OrderState.PAID, None)
    assert booked.paid_at == NOW - timedelta(days=3)
    assert booked.promised_ship_at == NOW + timedelta(hours=48)
    assert unpaid.effects() == (1, 1)


def test_an_unpaid_order_paid_twice_is_booked_and_the_surplus_goes_back(unpaid: Shopper):
    pay(unpaid)
    pay(unpaid)
    settled = settle(unpaid)
    assert settled.finding.charge is Charge.NOT_BOOKED
    assert settled.order.state is OrderState.PAID
    assert settled.refund is not None
    assert settled.refund.amount == 10000
    assert settle(unpaid, "later").finding.charge is Charge.FINE


def test_a_payment_after_the_cancelling_goes_back_and_the_order_stays_cancelled(unpaid: Shopper):
    unpaid.change_order(state=OrderState.CANCELLED)
    pay(unpaid)
    settled = settle(unpaid)
    assert settled.order.state is OrderState.CANCELLED
    assert [each.amount for each in refunds(unpaid)] == [10000]


def test_too_little_is_left_to_a_person(unpaid: Shopper):
    pay(unpaid, amount=9999)
    with pytest.raises(RuleRefused) as refused:
        settle(unpaid)
    assert refused.value.verdict.code == "payment_short"
    assert unpaid.data.count(OrderRow, order_number=unpaid.number, state=OrderState.UNPAID) == 1
    assert unpaid.effects() == (0, 0)


@pytest.mark.parametrize(
    ("state", "charge"), [(PaymentState.PENDING, Charge.PENDING), (None, Charge.UNPAID)]
)
def test_nothing_to_repair_is_answered_and_changes_nothing(
    unpaid: Shopper, state: PaymentState | None, charge: Charge
):
    if state:
        pay(unpaid, state)
    settled = settle(unpaid)
    assert (settled.finding.charge, settled.refund) == (charge, None)
    assert settled.order.state is OrderState.UNPAID
    assert (refunds(unpaid), unpaid.effects()) == ([], (1, 0))


@EFFECTS
def test_the_same_turn_again_replays_though_the_order_has_moved_on(shopper: Shopper, ask: Ask):
    first = ask(shopper)
    shopper.change_order(state=OrderState.CLOSED)
    assert ask(shopper) == first


@EFFECTS
def test_someone_elses_order_is_refused_like_an_unknown_one(shopper: Shopper, ask: Ask):
    with pytest.raises(RuleRefused) as elses:
        ask(shopper, "a", viewer=shopper.stranger())
    with pytest.raises(RuleRefused) as foreign:
        ask(shopper, "b", viewer=Viewer("q", shopper.account))
    with pytest.raises(RuleRefused) as guest:
        ask(shopper, "c", viewer=Viewer("p", None, frozenset({"KF1"})))
    verdicts = {elses.value.verdict, foreign.value.verdict, guest.value.verdict}
    assert {each.code for each in verdicts} == {"order_not_found"}
    assert refunds(shopper) == []
    assert shopper.effects() == (0, 0)


@EFFECTS
def test_another_viewer_cannot_replay_a_turn(shopper: Shopper, ask: Ask):
    ask(shopper)
    with pytest.raises(OperationConflict):
        ask(shopper, viewer=shopper.stranger())


@EFFECTS
def test_a_guest_who_has_proved_the_order_may_ask(shopper: Shopper, ask: Ask):
    guest = Viewer("p", None, frozenset({shopper.number}))
    assert ask(shopper, viewer=guest) is not None


@EFFECTS
@pytest.mark.parametrize("round_", range(2))
def test_the_same_turn_twice_at_once_has_one_effect(shopper: Shopper, ask: Ask, round_: int):
    results = at_once(*[lambda: ask(shopper)] * 4)
    assert results == [results[0]] * 4
    made = len(refunds(shopper)) + shopper.data.count(InvoiceRow, order_number=shopper.number)
    assert made == 1


@pytest.mark.parametrize("round_", range(3))
def test_claims_of_many_turns_at_once_give_one_refund(shopper: Shopper, round_: int):
    settled = at_once(*(lambda n=n: settle(shopper, f"s{n}") for n in range(4)))
    assert sum(each.refund is not None for each in settled) == 1
    claimed = at_once(*(lambda n=n: claim(shopper, f"c{n}") for n in range(4)))
    assert sum(isinstance(each, Refund) for each in claimed) == 1
    refused = {each.verdict.code for each in claimed if isinstance(each, RuleRefused)}
    assert refused == {"already_claimed"}
    assert sorted(each.amount for each in refunds(shopper)) == [2000, 10000]


def test_price_protection_is_computed_and_then_paid_once(shopper: Shopper):
    asked = {"order_number": shopper.number, "item_id": shopper.item}
    offered = shopper.shop.price_claim(shopper.viewer, shopper.turn(), **asked)
    assert offered is not None
    assert (offered.paid_each, offered.current_each, offered.difference) == (10000, 8000, 2000)
    assert refunds(shopper) == []
    refund = claim(shopper)
    assert (refund.amount, refund.rma_number) == (2000, None)
    assert shopper.data.count(PriceClaimRow, item_id=shopper.item, amount=2000) == 1
    assert shopper.effects(f"{shopper.number}/{shopper.item}") == (1, 1)
    after = shopper.shop.price_claim(shopper.viewer, shopper.turn("later"), **asked)
    assert after is not None
    assert after.verdict.code == "already_claimed"
    assert refund in shopper.shop.refunds(shopper.viewer)


def test_price_protection_tells_nothing_of_someone_elses_order(shopper: Shopper):
    asked = {"order_number": shopper.number, "item_id": shopper.item}
    assert shopper.shop.price_claim(shopper.stranger(), shopper.turn(), **asked) is None
    other = shopper.data.order(shopper.account)
    asked["item_id"] = f"{other}-1"
    assert shopper.shop.price_claim(shopper.viewer, shopper.turn(), **asked) is None
    with pytest.raises(RuleRefused) as refused:
        claim(shopper, item_id=f"{other}-1")
    assert refused.value.verdict.code == "item_not_found"


@pytest.mark.parametrize("typed", ["", "\0", "x" * 65, " KF1", "'; --"])
def test_what_cannot_be_a_key_is_not_found(shopper: Shopper, typed: str):
    for ask in (settle, claim, bill):
        with pytest.raises(RuleRefused):
            ask(shopper, order_number=typed) if ask is not settle else settle_number(shopper, typed)
    with pytest.raises(RuleRefused):
        claim(shopper, item_id=typed)
    assert shopper.shop.invoices(shopper.viewer, typed) == ()


def settle_number(shopper: Shopper, number: str) -> ChargeSettlement:
    return shopper.shop.settle_charge(shopper.viewer, shopper.turn(), order_number=number)


def test_price_protection_ends_with_the_policy(shopper: Shopper, open_shop: OpenShop):
    strict = open_shop({"p": ShopPolicy(price_protection_days=1)})
    offered = strict.price_claim(
        shopper.viewer, shopper.turn(), order_number=shopper.number, item_id=shopper.item
    )
    assert offered is not None
    assert offered.verdict.code == "price_claim_expired"


def test_what_price_protection_gave_is_not_given_again_for_the_goods(shopper: Shopper):
    claim(shopper)
    shopper.change_order(state=OrderState.SIGNED, signed_at=NOW - timedelta(days=1))
    made = shopper.shop.request_return(
        shopper.viewer,
        shopper.turn("r"),
        order_number=shopper.number,
        item_id=shopper.item,
        reason=ReturnReason.NO_REASON,
    )
    assert made.refund_amount == 8000


def test_an_invoice_is_asked_for(shopper: Shopper):
    made = bill(shopper)
    assert (made.state, made.amount) == (InvoiceState.REQUESTED, 10000)
    assert (made.title, made.tax_number) == ("青禾科技有限公司", "91330106MA2CFB1X0K")
    assert made.email_masked == "c****@example.com"
    assert shopper.shop.invoices(shopper.viewer, shopper.number) == (made,)
    assert shopper.effects() == (1, 1)
    (operation,) = shopper.shop.operations(shopper.turn().turn_id)
    assert "caiwu" not in str(operation.result)


def test_another_invoice_replaces_the_one_that_stood(shopper: Shopper):
    first = bill(shopper)
    second = bill(shopper, "later", title="张三", tax_number=None, email=None)
    assert first.invoice_id != second.invoice_id
    listed = shopper.shop.invoices(shopper.viewer, shopper.number)
    assert {each.invoice_id: each.state for each in listed} == {
        first.invoice_id: InvoiceState.REPLACED,
        second.invoice_id: InvoiceState.REQUESTED,
    }


def test_the_same_invoice_is_not_asked_for_twice(shopper: Shopper):
    bill(shopper)
    with pytest.raises(RuleRefused) as refused:
        bill(shopper, "later", title=" 青禾科技有限公司 ")
    assert refused.value.verdict.code == "invoice_stands"
    shopper.change(InvoiceRow, {"order_number": shopper.number}, state=InvoiceState.REJECTED)
    assert bill(shopper, "last").state is InvoiceState.REQUESTED


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": ""}, "title_invalid"),
        ({"tax_number": "123"}, "tax_number_invalid"),
        ({"email": "not an address"}, "email_invalid"),
    ],
)
def test_wrong_details_leave_nothing_behind(shopper: Shopper, wrong: dict[str, str], code: str):
    with pytest.raises(RuleRefused) as refused:
        bill(shopper, **wrong)
    assert refused.value.verdict.code == code
    assert shopper.shop.invoices(shopper.viewer, shopper.number) == ()
    assert shopper.effects() == (0, 0)


def test_other_details_in_the_same_turn_conflict(shopper: Shopper):
    bill(shopper)
    with pytest.raises(OperationConflict):
        bill(shopper, title="另一家公司")


@pytest.mark.parametrize("round_", range(2))
def test_invoices_asked_for_at_once_leave_one_that_stands(shopper: Shopper, round_: int):
    at_once(*(lambda n=n: bill(shopper, f"i{n}", title=f"青禾{n}号店") for n in range(4)))
    listed = shopper.shop.invoices(shopper.viewer, shopper.number)
    assert sorted(each.state for each in listed) == ["replaced"] * 3 + ["requested"]


def test_invoices_are_ones_own(shopper: Shopper):
    bill(shopper)
    assert shopper.shop.invoices(shopper.stranger(), shopper.number) == ()
    assert shopper.shop.invoices(Viewer("q", shopper.account), shopper.number) == ()


def test_coupons_are_ones_own_and_the_next_to_expire_comes_first(shopper: Shopper):
    def coupon(account: str, days: int) -> dict[str, Any]:
        return {
            "profile": "p",
            "coupon_id": f"C{days}-{account}",
            "account_id": account,
            "name": "满199减20优惠券",
            "amount": 2000,
            "minimum": 19900,
            "category": "books",
            "valid_from": NOW - timedelta(days=10),
            "valid_until": NOW + timedelta(days=days),
            "used_at": NOW if days == 5 else None,
        }

    other = shopper.data.account()
    mine = [coupon(shopper.account, days) for days in (9, -1, 5)]
    shopper.data.insert(CouponRow, *mine, coupon(other, 1))
    listed = shopper.shop.coupons(shopper.viewer)
    assert [each.coupon_id for each in listed] == [
        f"C{days}-{shopper.account}" for days in (-1, 5, 9)
    ]
    assert [each.used_at for each in listed] == [None, NOW, None]
    assert {each.category for each in listed} == {"books"}
    assert shopper.shop.coupons(Viewer("p", None, frozenset({shopper.number}))) == ()
    assert shopper.shop.coupons(Viewer("q", shopper.account)) == ()
