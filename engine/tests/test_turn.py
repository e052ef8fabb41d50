"""A turn over HTTP with a real model and a real action server: what it says, and how it fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Served, Talk


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("出错吧", 502, "action_failed"),  # the action raises
        ("乱答", 502, "action_failed"),  # the answer is no event
        ("填坏了", 502, "action_failed"),  # slot extraction raises
        ("提醒我", 502, "action_failed"),  # a reminder, which an engine without state cannot keep
        ("停不下来", 500, "turn_failed"),  # the limit of predictions
        ("别说话", 500, "turn_failed"),  # neither reply nor command
        ("拒绝", 500, "turn_failed"),  # a rejection passes, and no rule goes on from it
        ("火箭", 500, "turn_failed"),  # a command that the desk does not know
    ],
)
def test_a_failure_is_an_error_and_leaves_no_state(
    talk: Talk, text: str, status: int, code: str
) -> None:
    talk.say("你好")
    answered, problem = talk.try_to_say(text)
    assert (answered, problem["code"], problem["status"]) == (status, code, status)
    assert "tracker" not in problem
    assert problem["title"]
    # What the desk holds is still good.
    assert talk.say("谢谢")["replies"][0]["text"] == "不客气"


def test_a_failed_action_is_named(talk: Talk) -> None:
    _, problem = talk.try_to_say("出错吧")
    assert problem["action"] == "action_break_down"


def test_an_event_that_needs_a_memory_is_refused_by_name(talk: Talk) -> None:
    _, problem = talk.try_to_say("提醒我")
    assert problem["action"] == "action_reminder"
    assert "'reminder'" in problem["detail"]


def test_slot_extraction_that_fails_is_named(talk: Talk) -> None:
    _, problem = talk.try_to_say("填坏了")
    assert problem["action"] == "action_validate_slot_mappings"


def test_a_slow_action_meets_the_deadline(talk: Talk) -> None:
    status, problem = talk.try_to_say("慢慢来", deadline=0.2)
    assert (status, problem["code"]) == (504, "deadline_exceeded")


def test_a_reply_comes_whole_with_text_buttons_and_cards(talk: Talk) -> None:
    talk.say("订单号是KF0001")
    answer = talk.say("查订单")
    assert answer["replies"] == [
        {
            "text": "订单KF0001已发货",
            "buttons": [{"title": "退货", "payload": "/return_request"}],
            "cards": [{"type": "order", "order_number": "KF0001"}],
        }
    ]
    assert answer["actions"] == ["action_order_status"]
    assert answer["turn_id"] == "t1"


def test_the_buttons_of_an_answer_travel_on_with_the_talk(talk: Talk) -> None:
    events = talk.say("订单号是KF0001")["tracker"]["events"]
    (said,) = [e for e in events if e["event"] == "bot" and e["text"] == "订单KF0001已发货"]
    assert said["data"] == {"buttons": [{"title": "退货", "payload": "/return_request"}]}
    again = talk.say("你好")["tracker"]["events"]
    assert said["data"] in [e.get("data") for e in again if e["event"] == "bot"]


def test_a_command_is_no_reply(talk: Talk) -> None:
    answer = talk.say("转人工")
    assert answer["replies"] == []
    assert answer["commands"] == [
        {"type": "handoff", "reason": "requested", "group": None, "note": "想找人工"}
    ]


def test_a_form_is_filled_by_texts_and_buttons_and_survives_an_interruption(talk: Talk) -> None:
    assert talk.say("我要退货")["active_loop"] == "return_form"
    assert talk.say("订单号是KF0002")["active_loop"] == "return_form"
    assert talk.replies == ["退货原因是什么？"]
    talk.say("你好")
    assert talk.replies[-1] == "退货原因是什么？"
    talk.say({"intent": "inform", "entities": {"reason": "dislike"}, "title": "不喜欢"})
    assert talk.replies == ["确认为订单KF0002申请退货吗？"]
    answer = talk.say({"intent": "affirm", "entities": {}, "title": "确认"})
    assert talk.replies == ["已提交['KF0002', 'dislike', True]"]
    assert answer["active_loop"] is None


def test_a_validator_may_refuse_what_was_said(talk: Talk) -> None:
    talk.say("我要退货")
    talk.say("订单号是KF0002")
    talk.say("质量问题")
    assert talk.replies == ["请您说得具体一些", "退货原因是什么？"]


@pytest.mark.parametrize(
    "text",
    ["/restart", "／restart", '/return_request{"order_number": "KF0001"}', "/back", " /greet"],
)
def test_what_looks_like_a_command_is_ordinary_text(talk: Talk, text: str) -> None:
    talk.say("升级会员")
    answer = talk.say(text)
    assert answer["parse"]["intent"]["name"] == "nlu_fallback"
    assert answer["parse"]["text"] == text
    assert talk.replies == ["抱歉，我没听懂"]
    talk.say("升级会员")
    assert talk.replies == ["第2.0次"] or talk.replies == ["第2次"]


@pytest.mark.parametrize("intent", ["restart", "back", "session_start", "no_such_intent"])
def test_a_button_cannot_restart_or_rewind_the_talk(talk: Talk, intent: str) -> None:
    status, problem = talk.try_to_say({"intent": intent})
    assert (status, problem["code"]) == (400, "bad_request")


def test_a_form_of_over_thirty_turns_goes_to_a_person_and_is_left(talk: Talk) -> None:
    talk.say("我要退货")
    for _ in range(29):
        answer = talk.say("你好")
        assert answer["commands"] == []
        assert answer["active_loop"] == "return_form"
    answer = talk.say("你好")
    answer = answer if answer["commands"] else talk.say("你好")
    assert [command["reason"] for command in answer["commands"]] == ["loop_too_long"]
    assert answer["active_loop"] is None
    talk.say("谢谢")
    assert talk.replies == ["不客气"]


def test_a_retry_of_a_turn_says_the_same(talk: Talk) -> None:
    said = {
        turn_id: {
            talk.try_to_say("你好", turn_id=turn_id, attempt=attempt)[1]["replies"][0]["text"]
            for attempt in range(1, 5)
        }
        for turn_id in map(str, range(8))
    }
    assert all(len(texts) == 1 for texts in said.values())
    assert set().union(*said.values()) == {"您好", "您好呀"}


def test_turns_of_one_conversation_that_overlap_do_not_mix(engine: Served) -> None:
    """Two attempts of a turn may run at once: each sees its own tracker only."""
    one, other = Talk(engine.url), Talk(engine.url)
    one.say("订单号是KF0001")
    other.say("订单号是KF0002")
    with ThreadPoolExecutor(8) as pool:
        asked = [(one, "KF0001"), (other, "KF0002")] * 20
        slow = pool.submit(one.try_to_say, "慢慢来")
        answers = pool.map(lambda pair: (pair[0].try_to_say("查订单")[1], pair[1]), asked)
        for answer, number in answers:
            assert [reply["text"] for reply in answer["replies"]] == [f"订单{number}已发货"]
        assert slow.result()[1]["replies"][0]["text"] == "久等了"


def test_a_long_talk_costs_and_weighs_what_a_short_one_does(talk: Talk) -> None:
    sizes: list[int] = []
    for _ in range(60):
        answer = talk.say({"intent": "promote"})
        sizes.append(len(answer["tracker"]["events"]))
    assert talk.replies[0] in ("第60次", "第60.0次")
    assert len(set(sizes[-50:])) == 1
