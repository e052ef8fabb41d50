"""Returns, exchanges and repairs after the asking: kinds, freight, parcels, withdrawals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.after_sale_tables import ReturnRow
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.model import (
    FreightPayer,
    OrderState,
    Return,
    ReturnKind,
    ReturnReason,
    ReturnState,
    Viewer,
)
from kefu.shop.policy import ShopPolicy
from tests.shop_backends import OpenShop
from tests.shop_data import NOW, ShopData
from tests.shopper import Shopper, at_once


def ask(shopper: Shopper, name: str = "r", shop: ShopGateway | None = None, **more: Any) -> Return:
    asked = {
        "order_number": shopper.number,
        "item_id": shopper.item,
        "reason": ReturnReason.WRONG_SIZE,
    }
    gateway = shop or shopper.shop
    return gateway.request_return(shopper.viewer, shopper.turn(name), **(asked | more))


def send(shopper: Shopper, name: str = "t", viewer: Viewer | None = None, **more: Any) -> Return:
    asked = {
        "rma_number": the_rma(shopper),
        "carrier_code": "shunfeng",
        "tracking_number": "SF1234567890123",
    }
    return shopper.shop.submit_return_tracking(
        viewer or shopper.viewer, shopper.turn(name), **(asked | more)
    )


def withdraw(
    shopper: Shopper, name: str = "t", viewer: Viewer | None = None, **more: Any
) -> Return:
    asked = {"rma_number": the_rma(shopper)} | more
    return shopper.shop.cancel_return(viewer or shopper.viewer, shopper.turn(name), **asked)


def the_rma(shopper: Shopper) -> str:
    (row,) = shopper.data.rma_rows(shopper.number)
    return row.rma_number


def put(shopper: Shopper, state: ReturnState) -> None:
    """The seller moves the RMA on."""
    ended = state in (ReturnState.REJECTED, ReturnState.CLOSED)
    shopper.change(
        ReturnRow,
        {"order_number": shopper.number},
        state=state,
        active_item_id=None if ended else shopper.item,
    )


EFFECTS = pytest.mark.parametrize("act", [send, withdraw])
Act = Callable[..., Return]


@pytest.fixture
def shopper(shop: ShopGateway, data: ShopData) -> Shopper:
    return Shopper.with_order(shop, data, seller_id=data.seller())


@pytest.fixture
def approved(shopper: Shopper) -> Shopper:
    ask(shopper)
    put(shopper, ReturnState.APPROVED)
    return shopper


@pytest.fixture
def lenient(open_shop: OpenShop) -> ShopGateway:
    policy = ShopPolicy(
        return_days=30, freight_by_shopper_on_no_reason=False, return_address="总仓退货部"
    )
    return open_shop({"p": policy})


def test_an_exchange_brings_another_variant_and_no_money(shopper: Shopper):
    made = ask(shopper, kind=ReturnKind.EXCHANGE, wanted_variant=" 红色 XL ")
    assert (made.kind, made.wanted_variant, made.refund_amount) == (
        ReturnKind.EXCHANGE,
        "红色 XL",
        0,
    )
    assert made.freight_payer is FreightPayer.SHOPPER
    assert shopper.shop.return_by_number(shopper.viewer, made.rma_number) == made


def test_an_exchange_at_will_needs_to_know_what_for(shopper: Shopper):
    for wanted, code in ((None, "variant_needed"), ("红色", "variant_same")):
        with pytest.raises(RuleRefused) as refused:
            ask(shopper, kind=ReturnKind.EXCHANGE, wanted_variant=wanted)
        assert refused.value.verdict.code == code
    fault = ask(shopper, kind=ReturnKind.EXCHANGE, reason=ReturnReason.DAMAGED)
    assert (fault.wanted_variant, fault.freight_payer) == (None, FreightPayer.SELLER)


def test_only_an_exchange_wants_a_variant(shopper: Shopper):
    assert ask(shopper, wanted_variant="红色 XL").wanted_variant is None


def test_a_repair_needs_the_warranty_of_the_product(shopper: Shopper):
    wanted = {"kind": ReturnKind.REPAIR, "reason": ReturnReason.DAMAGED}
    shopper.change_order(signed_at=NOW - timedelta(days=200))
    with pytest.raises(RuleRefused) as refused:
        ask(shopper, **wanted)
    assert refused.value.verdict.code == "no_warranty"
    shopper.sells(warranty_months=6)
    with pytest.raises(RuleRefused) as late:
        ask(shopper, **wanted)
    assert late.value.verdict.code == "warranty_expired"
    shopper.change_order(signed_at=NOW - timedelta(days=150))
    made = ask(shopper, **wanted)
    assert (made.kind, made.refund_amount) == (ReturnKind.REPAIR, 0)
    assert made.freight_payer is FreightPayer.SELLER


def test_the_verdict_is_that_of_the_request(shopper: Shopper):
    order = shopper.shop.order(shopper.viewer, shopper.number)
    assert order is not None

    def judge(kind: ReturnKind) -> str:
        return shopper.shop.return_verdict(
            shopper.viewer, order, shopper.item, NOW, ReturnReason.DAMAGED, kind=kind
        ).code

    assert judge(ReturnKind.RETURN) == judge(ReturnKind.EXCHANGE) == "ok"
    assert judge(ReturnKind.REPAIR) == "no_warranty"
    shopper.sells(warranty_months=6)
    order = shopper.shop.order(shopper.viewer, shopper.number)
    assert order is not None
    assert judge(ReturnKind.REPAIR) == "ok"


def test_each_profile_has_its_own_policy(shopper: Shopper, lenient: ShopGateway):
    shopper.change_order(signed_at=NOW - timedelta(days=20))
    with pytest.raises(RuleRefused) as refused:
        ask(shopper)
    assert refused.value.verdict.code == "return_expired"
    assert ask(shopper, shop=lenient).freight_payer is FreightPayer.SELLER


def test_goods_without_a_seller_go_to_the_shops_own_address(
    shop: ShopGateway, data: ShopData, lenient: ShopGateway
):
    own = Shopper.with_order(shop, data)
    assert ask(own, shop=lenient).return_address == "总仓退货部"
    sold = Shopper.with_order(shop, data, seller_id=data.seller())
    assert ask(sold, shop=lenient).return_address == "杭州市退货仓"


def test_freight_insurance_pays_at_will(shopper: Shopper):
    shopper.change_order(freight_insured=True)
    assert ask(shopper).freight_payer is FreightPayer.INSURANCE


def test_another_kind_in_the_same_turn_conflicts(shopper: Shopper):
    made = ask(shopper, reason=ReturnReason.DAMAGED)
    assert ask(shopper, reason=ReturnReason.DAMAGED) == made
    with pytest.raises(OperationConflict):
        ask(shopper, reason=ReturnReason.DAMAGED, kind=ReturnKind.EXCHANGE)


@pytest.mark.parametrize("round_", range(3))
def test_a_return_and_an_exchange_at_once_open_one_rma(shopper: Shopper, round_: int):
    kinds = [ReturnKind.RETURN, ReturnKind.EXCHANGE] * 2
    results = at_once(
        *(
            lambda n=n, kind=kind: ask(shopper, f"r{n}", kind=kind, reason=ReturnReason.DAMAGED)
            for n, kind in enumerate(kinds)
        )
    )
    assert sum(isinstance(each, Return) for each in results) == 1
    assert len(shopper.data.rma_rows(shopper.number)) == 1


def test_the_parcel_back_is_noted(approved: Shopper):
    made = send(approved, tracking_number=" sf1234567890123 ")
    assert (made.state, made.carrier_code, made.tracking_number) == (
        ReturnState.SHIPPED_BACK,
        "shunfeng",
        "SF1234567890123",
    )
    assert made.updated_at == NOW
    assert approved.shop.return_by_number(approved.viewer, made.rma_number) == made
    assert approved.effects(made.rma_number) == (1, 2)


def test_a_slip_in_the_tracking_number_can_be_put_right(approved: Shopper):
    send(approved)
    made = send(approved, "later", carrier_code="yuantong", tracking_number="YT0000000000001")
    assert (made.carrier_code, made.tracking_number) == ("yuantong", "YT0000000000001")
    put(approved, ReturnState.INSPECTING)
    with pytest.raises(RuleRefused) as refused:
        send(approved, "too late")
    assert refused.value.verdict.code == "return_received"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"carrier_code": "顺丰"}, "carrier_invalid"),
        ({"tracking_number": "12"}, "tracking_number_invalid"),
        ({"tracking_number": "SF12345\0"}, "tracking_number_invalid"),
    ],
)
def test_what_names_no_parcel_is_refused(approved: Shopper, wrong: dict[str, str], code: str):
    with pytest.raises(RuleRefused) as refused:
        send(approved, **wrong)
    assert refused.value.verdict.code == code
    (row,) = approved.data.rma_rows(approved.number)
    assert (row.state, row.tracking_number) == (ReturnState.APPROVED, None)


def test_goods_are_not_sent_before_the_approval(shopper: Shopper):
    ask(shopper)
    with pytest.raises(RuleRefused) as refused:
        send(shopper)
    assert refused.value.verdict.code == "return_not_approved"


def test_a_withdrawn_rma_makes_room_for_another(approved: Shopper):
    closed = withdraw(approved)
    assert (closed.state, closed.updated_at) == (ReturnState.CLOSED, NOW)
    assert ask(approved, "again", reason=ReturnReason.OTHER).rma_number != closed.rma_number


def test_goods_on_their_way_cannot_be_called_back(approved: Shopper):
    send(approved)
    with pytest.raises(RuleRefused) as refused:
        withdraw(approved, "later")
    assert refused.value.verdict.code == "return_sent_back"


@EFFECTS
def test_the_same_turn_again_replays_though_the_rma_has_moved_on(approved: Shopper, act: Act):
    first = act(approved)
    put(approved, ReturnState.REFUNDED)
    assert act(approved) == first
    with pytest.raises(RuleRefused) as refused:
        act(approved, "later")
    assert refused.value.verdict.code == "return_ended"
    assert approved.effects(first.rma_number) == (1, 2)


@EFFECTS
def test_someone_elses_rma_is_refused_like_an_unknown_one(approved: Shopper, act: Act):
    viewers = (approved.stranger(), Viewer("q", approved.account), Viewer("p", None))
    for n, viewer in enumerate(viewers):
        with pytest.raises(RuleRefused) as refused:
            act(approved, f"t{n}", viewer=viewer)
        assert refused.value.verdict.code == "return_not_found"
        assert approved.shop.return_by_number(viewer, the_rma(approved)) is None
    with pytest.raises(RuleRefused) as unknown:
        act(approved, rma_number="RMA9999999999")
    assert unknown.value.verdict == refused.value.verdict


@EFFECTS
@pytest.mark.parametrize("typed", ["", "\0", "RMA1 ", "x" * 65])
def test_what_cannot_be_a_number_is_not_found(approved: Shopper, act: Act, typed: str):
    with pytest.raises(RuleRefused):
        act(approved, rma_number=typed)
    assert approved.shop.return_by_number(approved.viewer, typed) is None


@EFFECTS
def test_another_viewer_cannot_replay_a_turn(approved: Shopper, act: Act):
    act(approved)
    with pytest.raises(OperationConflict):
        act(approved, viewer=approved.stranger())


def test_another_parcel_in_the_same_turn_conflicts(approved: Shopper):
    send(approved)
    with pytest.raises(OperationConflict):
        send(approved, tracking_number="SF0000000000000")


def test_a_guest_who_has_proved_the_order_may_act(approved: Shopper):
    guest = Viewer("p", None, frozenset({approved.number}))
    assert send(approved, viewer=guest).state is ReturnState.SHIPPED_BACK


@pytest.mark.parametrize("round_", range(3))
def test_sending_and_withdrawing_at_once_have_one_winner(approved: Shopper, round_: int):
    results = at_once(
        lambda: send(approved, "a"),
        lambda: withdraw(approved, "b"),
        lambda: withdraw(approved, "c"),
    )
    won = [each for each in results if isinstance(each, Return)]
    assert len(won) == 1
    (row,) = approved.data.rma_rows(approved.number)
    assert row.state == won[0].state


def test_an_order_that_is_not_signed_has_no_after_sale(shop: ShopGateway, data: ShopData):
    shipped = Shopper.with_order(shop, data, OrderState.SHIPPED)
    for kind in ReturnKind:
        with pytest.raises(RuleRefused) as refused:
            ask(shipped, kind=kind, reason=ReturnReason.DAMAGED)
        assert refused.value.verdict.code == "not_signed"
