"""The same question asked a third and a fourth time."""

from __future__ import annotations

from typing import Any

from tests.unit.actions.conftest import Bot


def asked(bot: Bot, count: int, intent: str = "invoice") -> Any:
    bot.slots["asked_question"] = {"digest": "d", "intent": intent, "count": count, "at": "…"}
    return bot.hears("发票怎么开", intent).runs("action_asked_again")


def test_the_third_time_it_is_said_honestly_and_a_person_is_offered(bot: Bot) -> None:
    answer = asked(bot, 3)
    assert "三次" in answer.text
    assert answer.payloads == ["/invoice", "/human_agent"]


def test_the_fourth_time_the_offer_stays_and_a_yes_is_enough(bot: Bot) -> None:
    third, fourth = asked(bot, 3), asked(bot, 4)
    assert third.text != fourth.text
    assert "/human_agent" in fourth.payloads
    (command,) = bot.hears("好的", "affirm").runs("action_affirm").commands
    assert command["type"] == "handoff"


def test_what_has_no_title_is_no_button(bot: Bot) -> None:
    assert asked(bot, 3, "inform").payloads == ["/human_agent"]
