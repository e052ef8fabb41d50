"""Texts that come with the turn: in the brand's words, for this turn alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Served, Talk

VOICE = {"brand": "青禾生活", "bot_name": "小禾"}


def test_the_brand_and_the_bots_name_fill_texts_and_buttons(talk: Talk) -> None:
    answer = talk.say("你是谁", voice=VOICE)
    assert answer["replies"] == [
        {
            "text": "我是青禾生活的小禾",
            "buttons": [{"title": "问问小禾", "payload": "/greet"}],
            "cards": [],
        }
    ]


def test_without_a_voice_a_text_that_needs_one_is_not_sent(talk: Talk) -> None:
    status, problem = talk.try_to_say("你是谁")
    assert (status, problem["code"]) == (500, "turn_failed")
    assert "'brand'" in problem["detail"]


def test_a_profiles_text_stands_instead_of_the_domains_and_keeps_its_buttons(talk: Talk) -> None:
    own = {"utter_who": ["{bot_name}在此"], "utter_no_such": ["?"]}
    (reply,) = talk.say("你是谁", voice=VOICE, responses=own)["replies"]
    assert reply["text"] == "小禾在此"
    assert [button["title"] for button in reply["buttons"]] == ["问问小禾"]


def test_every_variant_is_used_and_a_retry_says_the_same(talk: Talk) -> None:
    own = {"utter_greet": ["一", "二", "三"]}
    said = {
        turn_id: {
            talk.try_to_say("你好", turn_id=turn_id, attempt=attempt, responses=own)[1]["replies"][
                0
            ]["text"]
            for attempt in (1, 2)
        }
        for turn_id in map(str, range(16))
    }
    assert all(len(texts) == 1 for texts in said.values())
    assert set().union(*said.values()) == {"一", "二", "三"}


def test_turns_of_two_brands_side_by_side_do_not_mix(engine: Served) -> None:
    def ask(number: int) -> tuple[str, str]:
        brand = ("甲", "乙")[number % 2]
        voice = {"brand": brand, "bot_name": "号"}
        own = {} if number % 4 < 2 else {"utter_who": [f"{brand}家{{bot_name}}"]}
        answer = Talk(engine.url).say("你是谁", voice=voice, responses=own)
        return brand, answer["replies"][0]["text"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    assert all(text in (f"我是{brand}的号", f"{brand}家号") for brand, text in answers)
    assert Talk(engine.url).say("谢谢")["replies"][0]["text"] == "不客气"


@pytest.mark.parametrize(
    "given",
    [
        {"responses": {"utter_greet": "你好"}},
        {"responses": {"utter_greet": []}},
        {"responses": {"utter_greet": [3]}},
        {"voice": {"brand": 3}},
        {"order_number_patterns": ["KF["]},
        {"order_number_patterns": [3]},
    ],
)
def test_settings_of_the_wrong_form_are_refused(talk: Talk, given: dict[str, Any]) -> None:
    status, problem = talk.try_to_say("你好", **given)
    assert (status, problem["code"]) == (400, "bad_request")
