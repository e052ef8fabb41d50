"""Several requests in one message, questions asked again and bare whys, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Talk

ORDER = "您有一个订单"
ASK_NUMBER = "请问订单号是多少？"


def waiting(talk: Talk) -> Any:
    assert talk.tracker
    values = [
        event["value"]
        for event in talk.tracker["events"]
        if event["event"] == "slot" and event["name"] == "waiting_requests"
    ]
    return values[-1] if values else None


def test_two_requests_are_answered_in_order_in_one_turn(talk: Talk) -> None:
    answer = talk.say("查订单，另外升级会员")
    assert talk.replies[0] == ORDER
    assert talk.replies[1].startswith("第1")  # pyright: ignore[reportOptionalMemberAccess]
    assert answer["actions"] == ["action_order_status", "action_promote"]
    assert answer["parse"]["text"] == "查订单"
    assert answer["parse"]["intent"]["name"] == "order_status"
    assert answer["parse"]["requests"] == [
        {"text": "查订单", "intent": "order_status", "confidence": 1.0},
        {"text": "升级会员", "intent": "promote", "confidence": 1.0},
    ]
    users = [event["text"] for event in answer["tracker"]["events"] if event["event"] == "user"]
    assert users == ["查订单", "升级会员"]


def test_one_request_is_reported_as_ever(talk: Talk) -> None:
    answer = talk.say("你好，查订单")
    assert answer["parse"]["text"] == "你好，查订单"
    assert "requests" not in answer["parse"]


def test_a_greeting_is_no_second_request(talk: Talk) -> None:
    answer = talk.say("查订单，另外你好")
    assert "requests" not in answer["parse"]


def test_a_form_holds_up_the_rest_until_it_is_filled(talk: Talk) -> None:
    talk.say("我要退货，另外查订单")
    assert talk.replies == ["其他的稍后", ASK_NUMBER]
    assert [each["text"] for each in waiting(talk)] == ["查订单"]
    talk.say("订单号是KF0002")
    talk.say("不合适")
    assert talk.replies == ["确认为订单KF0002申请退货吗？"]
    talk.say({"intent": "affirm", "title": "确认"})
    assert talk.replies[0].startswith("已提交")  # pyright: ignore[reportOptionalMemberAccess]
    assert talk.replies[1:] == ["接着是「查订单」", ORDER]
    assert waiting(talk) is None
    talk.say("谢谢")
    assert talk.replies == ["不客气"]


def test_what_waits_outlives_a_long_form(talk: Talk) -> None:
    talk.say("我要退货，另外升级会员")
    for _ in range(6):
        talk.say("谢谢")
        assert talk.replies == ["不客气", ASK_NUMBER]
    talk.say("订单号是KF0002")
    talk.say("不合适")
    talk.say({"intent": "affirm"})
    assert talk.replies[1] == "接着是「升级会员」"


def test_the_note_tells_the_person_what_is_left(talk: Talk) -> None:
    answer = talk.say("请叫人来，另外查订单，另外升级会员")
    assert answer["replies"] == []
    (command,) = answer["commands"]
    assert command["note"] == "想找人工顾客还问了「查订单」「升级会员」，尚未回答。"
    # Whoever took over has seen to it.
    talk.say("谢谢")
    assert talk.replies == ["不客气"]
    assert waiting(talk) is None


def test_a_person_asked_for_beside_a_form_comes_at_once(talk: Talk) -> None:
    answer = talk.say("我要退货，另外查订单，另外请叫人来")
    (command,) = answer["commands"]
    assert "查订单" in command["note"]


def test_more_than_three_requests_are_said_to_be_too_many(talk: Talk) -> None:
    talk.say(
        "查订单，另外升级会员，另外我要取消，另外你是谁", voice={"brand": "a", "bot_name": "b"}
    )
    assert len(talk.replies) == 4
    assert talk.replies[-1] == "其余的请再发"


def test_inside_a_form_a_message_is_one(talk: Talk) -> None:
    talk.say("我要退货")
    answer = talk.say("查订单，另外升级会员")
    assert "requests" not in answer["parse"]
    assert talk.replies[-1] == ASK_NUMBER


def test_a_request_that_fails_fails_the_turn(talk: Talk) -> None:
    status, problem = talk.try_to_say("查订单，另外别说话")
    assert (status, problem["code"]) == (500, "turn_failed")
    status, problem = talk.try_to_say("查订单，另外出错吧")
    assert (status, problem["code"]) == (502, "action_failed")


def test_the_third_time_the_answer_is_another(talk: Talk) -> None:
    for _ in range(2):
        talk.say("查订单")
        assert talk.replies == [ORDER]
    talk.say("你好")
    talk.say("查订单！！")
    assert talk.replies == ["问了3次order_status"]
    assert talk.say("查订单")["actions"] == ["action_asked_again"]
    talk.say("升级会员")
    talk.say("查订单")
    assert talk.replies == [ORDER]


def test_a_pressed_button_is_always_served(talk: Talk) -> None:
    for _ in range(4):
        talk.say({"intent": "order_status", "title": "查订单"})
        assert talk.replies == [ORDER]


def test_half_an_hour_later_the_question_is_new(talk: Talk) -> None:
    for hour in (1, 2, 3, 4):
        talk.say("查订单", now=f"2026-11-22T{hour:02}:00:00+08:00")
        assert talk.replies == [ORDER]


def test_asking_for_a_form_again_opens_it_again(talk: Talk) -> None:
    for _ in range(4):
        talk.say("我要退货")
        assert talk.replies == [ASK_NUMBER]
        talk.say({"intent": "inform", "entities": {"order_number": "KF0001"}})
        talk.say({"intent": "inform", "entities": {"reason": "dislike"}})
        assert talk.say({"intent": "affirm"})["active_loop"] is None


def test_greetings_and_calls_for_a_person_may_be_repeated(talk: Talk) -> None:
    for _ in range(4):
        assert talk.say("叫人来")["commands"]
    for _ in range(4):
        talk.say("谢谢")
        assert talk.replies == ["不客气"]


def test_a_bare_why_means_the_answer_before(talk: Talk) -> None:
    talk.say("我要取消")
    talk.say("凭什么？")
    assert talk.replies == ["因为shipped"]


def test_what_was_refused_may_be_named_but_only_right_after(talk: Talk) -> None:
    talk.say("我要取消")
    talk.say("为什么不能取消")
    assert talk.replies == ["因为shipped"]
    talk.say("你好")
    talk.say("为什么不能取消")
    assert talk.replies == ["抱歉，我没听懂"]


@pytest.mark.parametrize("filled", [0, 1])
def test_inside_a_form_a_why_is_answered_and_the_form_asks_again(talk: Talk, filled: int) -> None:
    talk.say("我要取消")
    talk.say("我要退货")
    if filled:
        talk.say("订单号是KF0002")
    question = talk.replies[-1]
    answer = talk.say("为什么")
    assert talk.replies == ["因为shipped", question]
    assert answer["active_loop"] == "return_form"
    talk.say("不合适" if filled else "订单号是KF0002")
    assert talk.replies != ["因为shipped", question]
    assert talk.replies[-1] != question
