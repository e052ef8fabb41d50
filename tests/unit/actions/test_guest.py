from __future__ import annotations

from typing import Any

import pytest

from kefu.shop.model import Order, OrderState
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk

VALIDATE = "validate_guest_form"


@pytest.fixture
def guest(as_shopper: Any) -> Bot:
    return as_shopper(None)


@pytest.fixture
def order(as_shopper: Any) -> Order:
    found = as_shopper("u0009").orders(OrderState.SIGNED)[0]
    assert found.shipments
    return found


def enter(guest: Bot, text: str, intent: str = "inform", **entities: str) -> Any:
    guest.form = "guest_form"
    guest.slots.setdefault("requested_slot", "guest_order")
    return guest.hears(text, intent, **entities).runs(VALIDATE)


@pytest.mark.parametrize(
    "action",
    [
        "action_order_status",
        "action_track_logistics",
        "action_return_request",
        "action_refund_progress",
        "action_payment_failure",
        "action_urge_shipping",
    ],
)
def test_a_guest_proves_an_order_before_any_service(guest: Bot, action: str) -> None:
    answer = guest.hears("查一下", "order_status").runs(action)
    assert answer.followup == "guest_form"
    assert answer.responses == []


def test_the_right_digits_open_the_order_and_answer_at_once(guest: Bot, order: Order) -> None:
    guest.hears("我的快递到哪了", "track_logistics").runs("action_track_logistics")
    enter(guest, order.order_number, order_number=order.order_number)
    assert guest.slots["guest_order"] == order.order_number
    enter(guest, order.shipments[0].recipient_phone_tail)
    done = guest.runs("action_guest_done")
    assert done.commands == [{"type": "verify_order", "order_number": order.order_number}]
    assert done.cards[0]["type"] == "logistics"
    assert guest.slots["guest_phone_tail"] is None


def test_number_and_digits_may_come_in_one_message(guest: Bot, order: Order) -> None:
    tail = order.shipments[0].recipient_phone_tail
    enter(guest, f"{order.order_number}，手机尾号{tail}")
    assert guest.runs("action_guest_done").cards[0]["order_number"] == order.order_number


def test_a_return_goes_on_in_the_same_turn(guest: Bot, order: Order) -> None:
    guest.hears("我要退货", "return_request").runs("action_return_request")
    enter(guest, f"{order.order_number} {order.shipments[0].recipient_phone_tail}")
    assert guest.runs("action_guest_done").followup == "return_form"
    guest.form, guest.slots["requested_slot"] = "return_form", None
    assert guest.runs("validate_return_form").slots["return_order"] == order.order_number


def test_a_verified_order_needs_no_second_proof_but_another_does(
    as_shopper: Any, order: Order
) -> None:
    guest = as_shopper(None, verified=frozenset({order.order_number}))
    answer = guest.hears("我的订单", "order_status").runs("action_order_status")
    assert [card["order_number"] for card in answer.cards] == [order.order_number]
    other = as_shopper("u0004").orders()[0].order_number
    refused = guest.hears(other, "order_status", order_number=other).runs("action_order_status")
    assert refused.followup == "guest_form"
    assert not refused.cards


def test_a_wrong_number_and_wrong_digits_get_the_same_sentence(guest: Bot, order: Order) -> None:
    tail = order.shipments[0].recipient_phone_tail
    wrong = f"{(int(tail) + 1) % 10000:04d}"
    enter(guest, f"{order.order_number} {wrong}")
    digits = guest.runs("action_ask_guest_form_guest_phone_tail")
    guest.turn_id, guest.slots = "turn-2", {}
    enter(guest, f"KF20200101000000 {tail}")
    number = guest.runs("action_ask_guest_form_guest_phone_tail")
    assert digits.responses == number.responses
    assert "还可以试4次" in digits.text
    assert guest.slots["guest_phone_tail"] is None


def test_after_five_wrong_tries_the_right_digits_are_of_no_use(guest: Bot, order: Order) -> None:
    tail = order.shipments[0].recipient_phone_tail
    wrong = f"{(int(tail) + 1) % 10000:04d}"
    for number in range(5):
        guest.turn_id = f"turn-{number}"
        last = enter(guest, f"{order.order_number} {wrong}")
    assert "之后再试" in last.text
    assert "/human_agent" in last.payloads
    assert last.slots["requested_slot"] is None
    guest.turn_id = "turn-right"
    guest.slots = {}
    assert "之后再试" in enter(guest, f"{order.order_number} {tail}").text
    assert guest.runs("action_guest_done").responses == []


def test_the_same_turn_again_counts_once(guest: Bot, order: Order) -> None:
    tail = order.shipments[0].recipient_phone_tail
    wrong = f"{(int(tail) + 1) % 10000:04d}"
    left = {
        enter(guest, f"{order.order_number} {wrong}").slots["guest_tries_left"] for _ in range(6)
    }
    assert left == {4}


@pytest.mark.parametrize(
    ("text", "intent"), [("转人工", "human_agent"), ("你是机器人吗", "bot_challenge")]
)
def test_anything_else_is_left_to_its_own_answer(guest: Bot, text: str, intent: str) -> None:
    answer = enter(guest, text, intent)
    assert (answer.events, answer.responses) == ([], [])


@pytest.mark.parametrize(
    ("text", "intent"), [("算了", "deny"), ("先不查了", "nlu_fallback"), ("不查了", "nlu_fallback")]
)
def test_giving_up_is_accepted(guest: Bot, text: str, intent: str) -> None:
    answer = enter(guest, text, intent)
    assert answer.text
    assert answer.slots["requested_slot"] is None
    assert guest.runs("action_guest_done").responses == []


def test_a_slot_that_says_verified_opens_nothing(guest: Bot, order: Order) -> None:
    guest.slots = {"guest_order": order.order_number, "guest_outcome": "verified"}
    answer = guest.hears("好", "affirm").runs("action_guest_done")
    assert answer.responses == []


def test_what_is_not_understood_is_asked_again_in_one_bubble(guest: Bot) -> None:
    enter(guest, "阿巴阿巴", "nlu_fallback")
    question = guest.runs("action_ask_guest_form_guest_order")
    assert len(question.responses) == 1
    assert question.text.startswith("抱歉")
    assert "后四位" in question.text


@pytest.mark.parametrize("intent", ["inform", "nlu_fallback", "affirm"])
def test_a_number_with_a_request_is_proved_and_served_in_one_turn(
    guest: Bot, order: Order, intent: str
) -> None:
    tail = order.shipments[0].recipient_phone_tail
    text = f"{order.order_number}到哪了，手机尾号{tail}"
    action = {"nlu_fallback": "action_clarify"}.get(intent, f"action_{intent}")
    ranking = (intent, "track_logistics")
    asked = guest.hears(text, intent, ranking, order_number=order.order_number).runs(action)
    assert asked.followup == "guest_form"
    guest.form = "guest_form"
    guest.runs(VALIDATE)
    done = guest.runs("action_guest_done")
    assert done.cards[0]["type"] == "logistics"


def test_who_has_no_number_is_told_where_it_stands(guest: Bot) -> None:
    talk = Talk(guest)
    talk.says("查订单", "order_status")
    for text in ("我不记得订单号", "订单号在哪看"):
        answer = talk.says(text, "nlu_fallback")
        assert "我的订单" in answer.text
        assert "/human_agent" in answer.payloads
    assert "还需要订单号" in talk.says("手机号13812345678能查吗", "inform").text


def test_who_calls_for_the_shops_people_is_not_asked_again(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None, profile="tmall"))
    talk.says("查订单", "order_status")
    answer = talk.says("找店家", "nlu_fallback")
    assert "店" in answer.text
    assert "后四位" not in answer.responses[0]["text"]


def test_half_a_number_is_said_to_be_one(guest: Bot) -> None:
    talk = Talk(guest)
    talk.says("查订单", "order_status")
    assert "不完整" in talk.says("TP123", "inform").text
