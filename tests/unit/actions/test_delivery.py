"""A wish for the delivery: the parcel is shown, the wish written down once confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.carriers import CarrierUnavailable
from kefu.shop.model import OrderState
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import NOW, Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def four(as_shopper: Any) -> Bot:
    """One parcel on its way."""
    return as_shopper("u0004")


def test_the_wish_is_shown_with_its_parcel_and_written_down(four: Bot) -> None:
    order = four.orders()[0]
    talk = Talk(four)
    summary = talk.says("能不能周六再送，平时家里没人", "delivery_schedule")
    assert [card["type"] for card in summary.cards] == ["logistics"]
    assert "周六再送" in summary.text
    assert order.order_number in summary.text
    assert not summary.commands
    done = talk.press("确认登记")
    (command,) = done.commands
    assert (command["kind"], command["order_number"]) == ("service", order.order_number)
    assert "周六再送" in command["details"]
    assert order.shipments[0].tracking_number in command["details"]


def test_what_is_wanted_may_be_chosen(four: Bot) -> None:
    talk = Talk(four)
    asked = talk.says("送货时间能改吗", "delivery_schedule")
    assert "放家门口" in [b["title"] for b in asked.buttons]
    assert "先打电话" in talk.says("第三个").text


def test_a_correction_of_the_wish_counts(four: Bot) -> None:
    talk = Talk(four)
    talk.says("放门口", "delivery_schedule")
    assert "放前台" in talk.says("不对，放前台", "delivery_schedule").text
    (command,) = talk.says("对", "affirm").commands
    assert "放前台" in command["details"]


def test_a_carrier_without_an_answer_does_not_stop_it(
    four: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise CarrierUnavailable("timeout")

    monkeypatch.setattr(type(four.services.logistics), "trace", silent)
    talk = Talk(four)
    summary = talk.says("放门口", "delivery_schedule")
    assert summary.cards == []
    assert "确认登记吗" in summary.text


def test_it_is_not_written_down_twice(four: Bot) -> None:
    number = four.orders()[0].order_number
    four.tickets = (
        TicketSummary(
            "TK123456789012345678", "service", "open", NOW + timedelta(hours=5), number, "配送要求"
        ),
    )
    answer = Talk(four).says("放门口", "delivery_schedule")
    assert "TK123456789012345678" in answer.text
    assert four.form is None


def test_what_was_signed_is_not_delivered_again(bot: Bot) -> None:
    number = bot.orders(OrderState.SIGNED)[0].order_number
    answer = Talk(bot).says("明天送行吗", "delivery_schedule", order_number=number)
    assert "已经签收" in answer.text
    assert bot.form is None
