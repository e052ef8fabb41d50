from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from actions.reply import button
from kefu.shop.carriers import CarrierUnavailable
from kefu.shop.model import OrderState
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def test_a_carrier_without_an_answer_is_an_apology_with_a_person(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise CarrierUnavailable("timeout")

    monkeypatch.setattr(type(bot.services.logistics), "trace", silent)
    number = next(o for o in bot.orders(OrderState.SHIPPED) if o.shipments).order_number
    answer = bot.hears("到哪了", "track_logistics", order_number=number).runs(
        "action_track_logistics"
    )
    assert "抱歉" in answer.text
    assert "/human_agent" in answer.payloads


def test_a_parcel_is_shown_with_all_its_events_and_the_newest_first(bot: Bot) -> None:
    order = max(
        (o for o in bot.orders(OrderState.SHIPPED) if o.shipments),
        key=lambda o: len(o.shipments[0].events),
    )
    answer = bot.hears("到哪了", "track_logistics", order_number=order.order_number).runs(
        "action_track_logistics"
    )
    (card,) = answer.cards
    times = [event["at"] for event in card["events"]]
    assert times == sorted(times, reverse=True)
    assert len(times) == len(order.shipments[0].events) > 3
    assert card["tracking_number"] == order.shipments[0].tracking_number


def test_a_tracking_number_finds_its_parcel_but_not_a_strangers(bot: Bot, as_shopper: Any) -> None:
    mine = next(o for o in bot.orders() if o.shipments).shipments[0].tracking_number
    answer = bot.hears(mine, "inform", tracking_number=mine).runs("action_inform")
    assert [card["tracking_number"] for card in answer.cards] == [mine]
    foreign = as_shopper("u0004").orders()[0].shipments[0].tracking_number
    refused = bot.hears(foreign, "inform", tracking_number=foreign).runs("action_inform")
    assert not refused.cards
    assert "没有查到" in refused.text


def test_a_stuck_parcel_is_admitted_and_a_person_offered(as_shopper: Any) -> None:
    answer = as_shopper("u0004").hears("到哪了", "track_logistics").runs("action_track_logistics")
    assert "抱歉" in answer.text
    assert "/human_agent" in answer.payloads
    assert answer.cards


def test_several_parcels_are_never_guessed(bot: Bot) -> None:
    answer = bot.hears("快递到哪了", "track_logistics").runs("action_track_logistics")
    assert not answer.cards
    assert len(answer.buttons) == len(bot.orders(OrderState.SHIPPED))


def test_an_order_not_yet_sent_says_when_it_will_be(as_shopper: Any) -> None:
    bot = as_shopper("u0008")
    answer = bot.hears("快递到哪了", "track_logistics").runs("action_track_logistics")
    assert "备货" in answer.text
    bot.now += timedelta(days=9)
    late = bot.hears("快递到哪了", "track_logistics").runs("action_track_logistics")
    assert "已超过承诺的发货时间" in late.text


def test_signed_but_not_received_is_met_with_advice_and_a_person(bot: Bot) -> None:
    order = next(o for o in bot.orders(OrderState.SIGNED) if o.shipments)
    answer = bot.hears(
        "显示签收了但我没收到", "delivery_problem", order_number=order.order_number
    ).runs("action_delivery_problem")
    assert "代收" in answer.text
    assert "/human_agent" in answer.payloads
    assert not answer.commands


def test_a_late_parcel_is_written_down_for_people_to_ask_the_courier(as_shopper: Any) -> None:
    bot = as_shopper("u0004")
    (order,) = bot.orders()
    talk = Talk(bot)
    assert "非常抱歉" in talk.says("怎么还没到", "track_logistics").text
    done = talk.press("登记催快递")
    (command,) = done.commands
    assert (command["kind"], command["order_number"]) == ("service", order.order_number)
    assert order.shipments[0].tracking_number in command["details"]
    assert "已超过预计送达时间" in command["details"]
    assert "外包装" in done.text


def test_the_courier_is_asked_once_while_it_is_worked_on(as_shopper: Any) -> None:
    bot = as_shopper("u0004")
    (order,) = bot.orders()
    talk = Talk(bot)
    talk.says("怎么还没到", "delivery_problem")
    bot.tickets = (
        TicketSummary(
            "TK123456789012345678",
            "service",
            "open",
            bot.now + timedelta(hours=5),
            order.order_number,
            "催促快递",
        ),
    )
    told = talk.says("再催一下", "delivery_problem")
    assert "TK123456789012345678" in told.text
    assert "登记催快递" not in [each["title"] for each in told.buttons]
    old = button("登记", "delivery_problem", order_number=order.order_number, choice="urge_courier")
    answer = talk.press_payload(old["payload"])
    assert answer.commands == []
    assert "TK123456789012345678" in answer.text


def test_the_courier_of_a_strangers_parcel_is_not_asked(bot: Bot, as_shopper: Any) -> None:
    foreign = as_shopper("u0004").orders()[0].order_number
    answer = bot.hears(intent="delivery_problem", order_number=foreign, choice="urge_courier").runs(
        "action_delivery_problem"
    )
    assert answer.commands == []
    assert "没有查到这笔订单" in answer.text


def test_a_guest_on_a_products_page_asks_before_buying(as_shopper: Any) -> None:
    guest = as_shopper(None, context={"item_id": "CL001"})
    answer = guest.hears("什么时候能到", "track_logistics").runs("action_track_logistics")
    assert answer.followup != "guest_form"
    assert "发货" in answer.text
