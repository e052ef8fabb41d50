"""Which messages that wait are read as one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kefu.conversation import together
from kefu.store.tables import Message

START = datetime(2026, 11, 8, 12, 0, tzinfo=UTC)
FORM = {"events": [{"event": "active_loop", "name": "return_form"}, {"event": "slot"}]}
FORM_OVER = {"events": [*FORM["events"], {"event": "active_loop", "name": None}]}
PRESSED = {"intent": "track_logistics", "entities": {}, "title": "查物流"}


def message(text: str, at: float = 0.0, payload: dict[str, Any] | None = None) -> Message:
    return Message(text=text, payload=payload, created_at=START + timedelta(seconds=at))


def read_together(*waiting: Message, tracker: dict[str, Any] | None = None) -> list[str]:
    return [each.text for each in together.first_together(waiting, tracker)]


def test_pieces_of_a_sentence_are_one_message_of_lines() -> None:
    pieces = [message("我上周买的"), message("那双鞋", 0.9), message("到哪了", 1.8)]
    found = together.first_together(pieces, None)
    assert together.said(found) == {"text": "我上周买的\n那双鞋\n到哪了"}


def test_at_most_as_many_as_the_engine_answers_requests() -> None:
    pieces = [message(str(number)) for number in range(5)]
    assert read_together(*pieces) == ["0", "1", "2"]


@pytest.mark.parametrize(
    "other",
    [
        message("在吗", 1.1),
        message("我" * (together.LONGEST + 1)),
        message("两行\n的话"),
        message("查物流", payload=PRESSED),
    ],
    ids=["later", "long", "of several lines", "a button"],
)
def test_what_stands_by_itself_is_a_turn_of_its_own(other: Message) -> None:
    assert read_together(message("你好"), other) == ["你好"]
    other.created_at = START
    if other.text != "在吗":
        assert read_together(other, message("你好")) == [other.text]


def test_a_button_between_two_pieces_parts_them() -> None:
    pieces = [message("一"), message("查物流", payload=PRESSED), message("二")]
    assert read_together(*pieces) == ["一"]


def test_a_form_gets_one_message_at_a_time() -> None:
    pieces = [message("尺码不合适"), message("是的")]
    assert read_together(*pieces, tracker=FORM) == ["尺码不合适"]
    assert read_together(*pieces, tracker=FORM_OVER) == ["尺码不合适", "是的"]


def test_nothing_waits() -> None:
    assert read_together() == []


def test_a_pressed_button_is_told_as_such() -> None:
    assert together.said([message("查物流", payload={**PRESSED, "verified": None})]) == PRESSED
