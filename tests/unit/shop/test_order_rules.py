"""What may be done with an order: by its state, and by what the shopper typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kefu.shop import order_rules
from kefu.shop.changes import DayPart, Installation, InstallationState, OrderChange
from kefu.shop.model import OrderState, Payment, PaymentState, ReturnState
from kefu.shop.order_rules import Change
from tests.shop_data import NOW, order_value, return_value

UNSHIPPED = (OrderState.UNPAID, OrderState.PAID)
TODAY = date(2026, 11, 10)
HANGZHOU = "浙江省杭州市西湖区文一西路88号"


def verdict(state: OrderState = OrderState.PAID, **wish: str):
    change = order_rules.tidy_change(OrderChange(**wish))
    return order_rules.wish_verdict(order_value(state), change)


@pytest.mark.parametrize("state", list(OrderState))
def test_every_verdict_speaks_and_refusals_have_a_code(state: OrderState):
    order = order_value(state)
    for each in (
        order_rules.urge_verdict(order),
        order_rules.cancel_verdict(order),
        *(order_rules.change_verdict(order, change) for change in Change),
        order_rules.installation_verdict(order, "i1", TODAY, TODAY, installable=True),
    ):
        assert each.sentence.endswith("。")
        assert each.allowed or each.code != "ok"


@pytest.mark.parametrize("state", list(OrderState))
def test_only_a_paid_order_can_be_urged(state: OrderState):
    assert order_rules.urge_verdict(order_value(state)).allowed == (state is OrderState.PAID)


@pytest.mark.parametrize(("hours", "allowed"), [(0, False), (11.9, False), (12, True)])
def test_once_urged_it_waits_for_the_next_beijing_day(hours: float, allowed: bool):
    # NOW is noon in Beijing.
    urged = order_value(OrderState.PAID, urged_at=NOW)
    again = order_rules.urge_again_verdict(urged, NOW + timedelta(hours=hours))
    assert again.allowed == allowed
    assert allowed or (again.code == "urged_today" and "12:00" in again.sentence)


def test_an_order_that_left_after_it_was_urged_says_that_it_left():
    shipped = order_value(OrderState.SHIPPED, urged_at=NOW)
    assert order_rules.urge_again_verdict(shipped, NOW).code == "already_shipped"


@pytest.mark.parametrize("state", list(OrderState))
def test_cancel_only_before_shipping(state: OrderState):
    assert order_rules.cancel_verdict(order_value(state)).allowed == (state in UNSHIPPED)


def test_after_shipping_the_advice_is_to_refuse_the_parcel():
    refused = order_rules.cancel_verdict(order_value(OrderState.SHIPPED))
    assert refused.code == "already_shipped"
    assert "拒收" in refused.sentence


def test_money_that_was_taken_is_promised_back_even_from_an_unpaid_order():
    payment = Payment(
        "PAY1", "KF1", "alipay", None, None, 10000, PaymentState.SUCCEEDED, None, NOW, NOW
    )
    unpaid = order_value(OrderState.UNPAID)
    assert "原路退回" not in order_rules.cancel_verdict(unpaid).sentence
    charged = replace(unpaid, payments=(payment,))
    assert "原路退回" in order_rules.cancel_verdict(charged).sentence


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("state", list(OrderState))
def test_change_only_before_shipping(state: OrderState, change: Change):
    allowed = order_rules.change_verdict(order_value(state), change).allowed
    assert allowed == (state in UNSHIPPED)


def test_the_state_is_judged_before_the_contents():
    assert verdict(OrderState.SHIPPED, address="哪里").code == "already_shipped"
    assert verdict(OrderState.PAID, address="哪里").code == "bad_address"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "nothing_to_change"),
        ({"recipient_phone": "1380000"}, "bad_phone"),
        ({"recipient_name": "138"}, "bad_recipient"),
        ({"recipient_name": ""}, "bad_recipient"),
        ({"note": "很" * 201}, "note_too_long"),
        ({"address": HANGZHOU, "recipient_phone": "12345"}, "bad_phone"),
        ({"address": HANGZHOU, "recipient_name": "李 四 9"}, "bad_recipient"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_says_why(wish: dict[str, str], code: str):
    refused = verdict(**wish)
    assert (refused.allowed, refused.code) == (False, code)
    assert refused.sentence.endswith("。")


@pytest.mark.parametrize(
    "wish",
    [
        {"address": HANGZHOU},
        {"recipient_phone": "+86 138-0000-1234"},
        {"recipient_name": "买买提·吐尔逊"},
        {"note": ""},
        {
            "address": HANGZHOU,
            "recipient_name": "李四",
            "recipient_phone": "１３８００００１２３４",
        },
    ],
)
def test_a_wish_that_can_be_fulfilled(wish: dict[str, str]):
    assert verdict(**wish).allowed


def test_typing_slips_are_mended_and_what_stays_stays_none():
    tidy = order_rules.tidy_change(
        OrderChange(recipient_phone=" +86 138 0000-1234 ", note="放\0门口\n谢谢")
    )
    assert tidy == OrderChange(recipient_phone="13800001234", note="放门口 谢谢")


def install(
    days: int = 1, *, installable: bool = True, booked: InstallationState | None = None, **order
):
    values = {"signed_at": NOW - timedelta(days=1)} | order
    visit = booked and Installation("AZ1", "KF1", "i1", TODAY, DayPart.MORNING, booked)
    return order_rules.installation_verdict(
        order_value(**values),
        "i1",
        TODAY + timedelta(days=days),
        TODAY,
        installable=installable,
        booked=visit,
    )


@pytest.mark.parametrize("days", [1, 14])
def test_a_visit_can_be_booked_from_tomorrow_for_two_weeks(days: int):
    assert install(days).allowed


@pytest.mark.parametrize("days", [-1, 0, 15])
def test_other_days_are_refused_with_those_that_are_free(days: int):
    refused = install(days)
    assert refused.code == "bad_day"
    assert "11月11日至11月24日" in refused.sentence


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({"installable": False}, "not_installable"),
        ({"state": OrderState.SHIPPED, "signed_at": None}, "not_signed"),
        ({"state": OrderState.CANCELLED}, "order_closed"),
        ({"categories": ()}, "item_not_found"),
        ({"returns": (return_value(ReturnState.APPROVED),)}, "return_open"),
        ({"booked": InstallationState.DONE}, "already_installed"),
    ],
)
def test_a_visit_is_refused(case: dict[str, object], code: str):
    assert install(**case).code == code


@pytest.mark.parametrize("booked", [InstallationState.BOOKED, InstallationState.CANCELLED])
def test_a_visit_can_be_moved_or_booked_anew(booked: InstallationState):
    assert install(booked=booked).allowed


def test_a_rejected_return_does_not_stand_in_the_way():
    assert install(returns=(return_value(ReturnState.REJECTED),)).allowed
