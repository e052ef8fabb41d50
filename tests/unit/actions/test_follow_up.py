"""Scraps that go on about what was talked about before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from actions.follow_up import follow_up
from actions.turn import read_turn
from kefu.shop.model import OrderState
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import NOW, Answer, Bot
from tests.unit.actions.form_talk import Talk

UNREAD = "nlu_fallback"
COMPLAINT = TicketSummary("TK202611220000000001", "complaint", "open", NOW + timedelta(hours=5))


def read_after(bot: Bot, before: str, text: str, intent: str = UNREAD) -> str | None:
    """What the words mean when the message before asked for ``before``."""
    bot.hears("上一句", before)
    bot.hears(text, intent)
    message = bot.events[-1]["parse_data"]
    turn = read_turn(
        bot.claims(),
        bot.services.key,
        message=message,
        slots={},
        events=bot.events,
        active_form=bot.form,
    )
    return follow_up(turn)


@pytest.mark.parametrize("text", ["还要多久", "那大概要几天啊", "什么时候能好", "多久能到账?"])
def test_how_long_is_asked_about_what_was_told_last(bot: Bot, text: str) -> None:
    assert read_after(bot, "refund_progress", text) == "refund_progress"
    assert read_after(bot, "track_logistics", text) == "track_logistics"


@pytest.mark.parametrize("text", ["怎么办", "那咋办啊", "然后呢？"])
def test_what_now_is_asked_about_what_was_told_last(bot: Bot, text: str) -> None:
    assert read_after(bot, "greet", text, "out_of_scope") is None
    assert read_after(bot, "payment_failure", text, "out_of_scope") == "payment_failure"


@pytest.mark.parametrize("text", ["再催", "催催", "再催一下", "麻烦再帮我催催吧"])
def test_who_is_pressed_follows_from_what_was_talked_about(bot: Bot, text: str) -> None:
    assert read_after(bot, "urge_shipping", text) == "urge_shipping"
    assert read_after(bot, "delivery_problem", text, "urge_shipping") == "delivery_problem"


@pytest.mark.parametrize("text", ["我买的T恤发货了吗", "没发货 为啥", "怎么不发货"])
def test_a_parcel_not_sent_yet_is_read_where_the_classifier_is_not_sure(
    bot: Bot, text: str
) -> None:
    assert read_after(bot, "greet", text) == "urge_shipping"


@pytest.mark.parametrize("text", ["发票开了吗", "换货的发货了吗", "今天天气怎么样", "你会催眠吗"])
def test_other_words_are_left_alone(bot: Bot, text: str) -> None:
    assert read_after(bot, "greet", text) is None


def test_a_form_reads_its_own_messages(bot: Bot) -> None:
    bot.form = "order_form"
    assert read_after(bot, "refund_progress", "还要多久") is None


@pytest.mark.parametrize("text", ["处理得怎么样了", "解决了没", "处理好了吗"])
def test_who_has_a_ticket_asks_how_far_it_is(bot: Bot, text: str) -> None:
    bot.tickets = (COMPLAINT,)
    answer = bot.hears(text, UNREAD).runs("action_clarify")
    assert COMPLAINT.number in answer.text


def test_a_guest_hears_of_the_ticket_without_proving_an_order(as_shopper: Any) -> None:
    guest = as_shopper(None, tickets=(COMPLAINT,))
    answer = guest.hears("处理得怎么样了", "refund_progress").runs("action_refund_progress")
    assert COMPLAINT.number in answer.text
    assert answer.followup is None


def test_a_guest_without_a_ticket_proves_an_order(as_shopper: Any) -> None:
    answer = (
        as_shopper(None).hears("处理得怎么样了", "refund_progress").runs("action_refund_progress")
    )
    assert answer.followup == "guest_form"


def supplemented(bot: Bot, text: str) -> Answer:
    return Talk(bot).says(text, "inform")


def test_more_is_added_to_the_ticket_that_is_worked_on(bot: Bot) -> None:
    bot.tickets = (COMPLAINT,)
    answer = supplemented(bot, "补充一下 他工号是1234")
    assert COMPLAINT.number in answer.text
    assert "他工号是1234" in answer.text
    assert bot.form == "ticket_form"


def test_nothing_is_added_where_no_ticket_is_worked_on(bot: Bot) -> None:
    bot.tickets = (replace(COMPLAINT, state="answered"),)
    supplemented(bot, "补充一下 他工号是1234")
    assert bot.form is None


def test_who_will_not_wait_any_longer_cancels_what_was_offered(as_shopper: Any) -> None:
    for text in ("不等了 退款", "退钱！！", "那不想要了"):
        bot = as_shopper("u0001")
        order = bot.orders(OrderState.PAID)[0]
        number = order.order_number
        assert order.promised_ship_at
        bot.now = order.promised_ship_at + timedelta(hours=1)
        talk = Talk(bot)
        talk.says("催发货", "urge_shipping", order_number=number)
        answer = talk.says(text, "refund_progress")
        assert "取消" in answer.text
        assert bot.slots["order_chosen"] == number


def test_who_would_pay_again_is_told_what_became_of_the_payment(bot: Bot) -> None:
    assert read_after(bot, "greet", "那我再付一次行不") == "payment_failure"


def test_a_service_that_the_brand_does_not_offer_is_not_followed(as_shopper: Any) -> None:
    wallet = as_shopper("w0009", profile="tpwallet")
    answer = Talk(wallet).says("催一下", "nlu_fallback")
    assert "催发货" not in answer.text
    assert "发货" not in answer.text


def test_so_slow_is_said_of_what_was_told_last(bot: Bot) -> None:
    assert read_after(bot, "refund_progress", "为啥这么慢") == "refund_progress"


@pytest.mark.parametrize("text", ["我的工单", "查一下工单", "工单进度"])
def test_the_own_tickets_are_asked_for_by_name(bot: Bot, text: str) -> None:
    bot.tickets = (COMPLAINT,)
    assert COMPLAINT.number in Talk(bot).says(text, UNREAD).text


def test_more_about_the_trouble_goes_on_with_the_report(as_shopper: Any) -> None:
    bot = as_shopper("w0001", profile="tpwallet")
    talk = Talk(bot)
    talk.says("app闪退", UNREAD)
    talk.says("一打开就闪退 华为手机", UNREAD)
    assert bot.form == "ticket_form"
    assert "华为" in bot.slots["ticket_details"]
