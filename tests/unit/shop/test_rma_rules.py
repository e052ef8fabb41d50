"""What may become of an RMA."""

from __future__ import annotations

import pytest

from kefu.shop.model import ReturnState
from kefu.shop.rma_rules import parcel_verdict, tracking_verdict, withdraw_verdict
from tests.shop_data import return_value

ENDED = [ReturnState.REJECTED, ReturnState.REFUNDED, ReturnState.CLOSED]


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ReturnState.REQUESTED, "return_not_approved"),
        (ReturnState.APPROVED, "ok"),
        (ReturnState.SHIPPED_BACK, "ok"),
        (ReturnState.INSPECTING, "return_received"),
        *((state, "return_ended") for state in ENDED),
    ],
)
def test_a_tracking_number_belongs_between_approval_and_arrival(state: ReturnState, code: str):
    verdict = tracking_verdict(return_value(state))
    assert (verdict.code, verdict.allowed) == (code, code == "ok")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ReturnState.REQUESTED, "ok"),
        (ReturnState.APPROVED, "ok"),
        (ReturnState.SHIPPED_BACK, "return_sent_back"),
        (ReturnState.INSPECTING, "return_sent_back"),
        *((state, "return_ended") for state in ENDED),
    ],
)
def test_an_rma_is_withdrawn_before_the_goods_are_on_their_way(state: ReturnState, code: str):
    verdict = withdraw_verdict(return_value(state))
    assert (verdict.code, verdict.allowed) == (code, code == "ok")
    if code == "return_ended":
        assert "RMA0000000001" in verdict.sentence


@pytest.mark.parametrize("number", ["SF1234567890123", "JD0001-1-1", "123456", "A" * 40])
def test_tracking_numbers_are_digits_and_letters(number: str):
    assert parcel_verdict("shunfeng", number).allowed


@pytest.mark.parametrize("number", ["", "12345", "A" * 41, "顺丰1234567", "SF12 3456", "SF1234\0"])
def test_other_tracking_numbers_are_refused(number: str):
    assert parcel_verdict("shunfeng", number).code == "tracking_number_invalid"


@pytest.mark.parametrize("carrier", ["", "顺丰", "SF EXPRESS", "a" * 33, "x\0"])
def test_an_unknown_kind_of_carrier_is_refused(carrier: str):
    assert parcel_verdict(carrier, "SF1234567890123").code == "carrier_invalid"
