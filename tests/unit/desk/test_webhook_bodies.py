"""What a shop's server may send, and what a shopper is told of."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from kefu.channels.webhook import outgoing
from kefu.channels.webhook.bodies import Body, Button, Close, Ready, Text, Verify

Json = dict[str, Any]

BODY: TypeAdapter[Any] = TypeAdapter(Body)
USER = {"id": "oABC-1_2"}
TALK = "0" * 32
TEXT = {"message_id": "m1", "user": USER, "type": "text", "text": "您好"}


def test_each_type_is_read_as_itself() -> None:
    in_talk = {"user": USER, "conversation_id": TALK}
    for body, kind in (
        (TEXT, Text),
        ({"message_id": "m1", "user": USER, "type": "button", "button": "1.0"}, Button),
        ({"type": "close", **in_talk}, Close),
        ({"type": "verify", **in_talk, "verify_id": "a" * 32, "code": "123 456"}, Verify),
        ({"type": "ready"}, Ready),
    ):
        assert isinstance(BODY.validate_python(body), kind)


def test_a_code_shows_in_no_representation() -> None:
    body = {"type": "verify", "user": USER, "conversation_id": TALK, "verify_id": "a" * 32}
    assert "123456" not in repr(BODY.validate_python({**body, "code": "123456"}))


@pytest.mark.parametrize(
    "change",
    [
        {"type": "image"},
        {"type": "voice"},
        {"type": None},
        {"text": None},
        {"button": "1.0"},
        {"message_id": ""},
        {"message_id": "m 1"},
        {"message_id": "消息"},
        {"message_id": "m" * 65},
        {"user": "oABC"},
        {"user": {"id": ""}},
        {"user": {"id": "o" * 81}},
        {"user": {"id": "o\n1"}},
        {"user": {"id": "o1", "account_id": ""}},
        {"user": {"id": "o1", "account_id": "u" * 81}},
        {"user": {"id": "o1", "name": "小\u0000明"}},
        {"user": {"id": "o1", "admin": True}},
        {"at": "2026-11-30T12:00:00"},
        {"at": "yesterday"},
        {"context": {"order": "1"}},
        {"profile": "tp"},
    ],
)
def test_what_is_not_of_the_form_is_refused(change: Json) -> None:
    with pytest.raises(ValidationError):
        BODY.validate_python({**TEXT, **change})


def test_a_sent_envelope_is_no_request() -> None:
    """Both directions have one key: what Kefu has signed must be worth nothing when sent back."""
    event = {"seq": 1, "type": "state", "state": "bot"}
    with pytest.raises(ValidationError):
        BODY.validate_python(outgoing.envelope("demo", TALK, "o1", event))


def test_a_shopper_is_told_what_others_say_and_do() -> None:
    told = [
        {"type": "message", "from": "bot"},
        {"type": "message", "from": "agent"},
        {"type": "message", "from": "system"},
        {"type": "state", "state": "waiting"},
        {"type": "rating_request"},
        {"type": "verify_request"},
    ]
    assert all(map(outgoing.concerns_server, told))
    assert not outgoing.concerns_server({"type": "message", "from": "shopper"})
    assert not outgoing.concerns_server({"type": "rating", "stars": 5})


def test_an_event_has_one_id_for_ever() -> None:
    event = {"seq": 7, "type": "state", "state": "bot"}
    assert outgoing.envelope("demo", TALK, "o1", event) == {
        "event_id": f"{TALK}:7",
        "profile": "demo",
        "conversation_id": TALK,
        "user": {"id": "o1"},
        "event": event,
    }
