"""The pure parts of a conversation: views, commands, wording, limits, ticket numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.conversation import commands, events, outcomes, titles
from kefu.conversation.errors import TurnRefused
from kefu.shop.model import Operation
from kefu.store.tables import Turn
from kefu.tickets.opening import ticket_number

EMPTY = {"state": "bot", "last_seq": 0, "messages": []}


def numbered(kinds: list[str]) -> list[dict[str, Any]]:
    return [
        {"seq": seq, "type": "message", "text": kind}
        if kind == "text"
        else {"seq": seq, "type": "state", "state": kind}
        for seq, kind in enumerate(kinds, 1)
    ]


@given(
    st.lists(st.sampled_from(["text", "bot", "waiting", "assigned", "closed"])),
    st.lists(st.integers(0, 12), max_size=12),
)
def test_events_in_any_overlapping_pieces_give_the_same_view(
    kinds: list[str], cuts: list[int]
) -> None:
    stream = numbered(kinds)
    whole = events.apply(EMPTY, stream)
    view: dict[str, Any] = EMPTY
    for cut in cuts:
        start = max(0, view["last_seq"] - cut)
        view = events.apply(view, stream[start : start + cut])
    assert events.apply(view, stream) == whole


@given(st.integers(1, 3), st.integers(0, 5))
def test_a_message_taken_back_is_the_same_gone_message_for_who_saw_it_and_who_did_not(
    gone: int, seen: int
) -> None:
    said: list[dict[str, Any]] = [
        {
            "seq": seq,
            "at": "2026-11-20T08:00:00+00:00",
            "type": "message",
            "from": "agent",
            "name": "小王",
            "client_message_id": f"a{seq}",
            "text": f"第{seq}句",
            "cards": [{"type": "article"}],
        }
        for seq in (1, 2, 3)
    ]
    recall = {"seq": 4, "at": "", "type": "recalled", "recalled": gone}
    more = {"seq": 5, "type": "message", "from": "bot", "text": "好"}
    before = events.apply(EMPTY, [*said, recall, more][:seen])
    kept = [events.emptied(each) if each["seq"] == gone else each for each in said]
    fresh = events.apply(EMPTY, [*kept, recall, more])
    assert events.apply(before, [*kept, recall, more]) == fresh
    assert f"第{gone}句" not in str(fresh)


def test_a_gap_is_noticed() -> None:
    with pytest.raises(ValueError, match="gap"):
        events.apply(EMPTY, numbered(["text", "text", "text"])[1:])


@pytest.mark.parametrize(
    "payload", ["affirm", "/", "/a b", "/a{", "/a[1]", "None", "/a{1}", "/a{}x"]
)
def test_a_malformed_payload_is_refused(payload: str) -> None:
    with pytest.raises(TurnRefused):
        events.parse_payload(payload)


def test_a_payload_carries_intent_and_entities() -> None:
    assert events.parse_payload("/affirm") == ("affirm", {})
    assert events.parse_payload('/inform{"order_number":"KF1"}') == (
        "inform",
        {"order_number": "KF1"},
    )


def test_commands_are_typed_and_what_is_unknown_is_refused() -> None:
    good = {"type": "handoff", "reason": "requested", "group": None, "note": ""}
    assert commands.parse([good]) == [commands.Handoff(reason="requested")]
    for bad in (
        {},
        {"type": "x"},
        {**good, "reason": "x"},
        {**good, "more": 1},
        {"type": "ticket"},
    ):
        with pytest.raises(TurnRefused):
            commands.parse([good, bad])


def test_a_refused_command_is_not_quoted() -> None:
    with pytest.raises(TurnRefused) as refused:
        commands.parse([{"type": "verify_order", "order_number": ["13812345678"]}])
    assert "13812345678" not in str(refused.value)


def test_what_a_turn_did_is_told_in_order_and_in_words() -> None:
    done = [
        Operation("t", "request_return", "KF1/1", {"rma_number": "RMA0123456789"}),
        Operation("t", "urge_parcel", "KF2/2", {}),
    ]
    told = outcomes.sentences(done)
    assert "RMA0123456789" in told[0]
    assert not any(inner in "".join(told) for inner in ("urge_parcel", "KF2/2", "request_return"))
    assert "urge_parcel（KF2/2）" in outcomes.facts(done)[1]
    apology = outcomes.apology(told, unsure=False)
    assert apology.index(told[0]) < apology.index(told[1])


@pytest.mark.parametrize(
    ("told", "unsure"), [([], False), ([], True), (["您的申请已提交。"], False)]
)
def test_an_apology_says_that_a_person_was_called(told: list[str], unsure: bool) -> None:
    assert "已为您转接人工客服" in outcomes.apology(told, unsure=unsure)


BUTTONS = [
    ("不查了", "/deny"),
    ("确认退货", "/affirm"),
    ("查看更多", '/more{"page":2}'),
    ("查看物流", '/track_logistics{"order_number":"KF1"}'),
    ("查看物流", '/track_logistics{"order_number":"KF2"}'),
    ("转人工", "/human_agent"),
    ("转人工", "/human_agent"),
]


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("不查了", "/deny"),
        (" 不查了。 ", "/deny"),
        ("不查了！！", "/deny"),
        ("查看更多～", '/more{"page":2}'),
        ("转人工", "/human_agent"),
        ("查看物流", None),
        ("确认退货？", None),
        ("我不查了", None),
        ("。", None),
        ("", None),
    ],
)
def test_a_typed_title_is_the_button_it_names(text: str, payload: str | None) -> None:
    assert titles.payload_of(text, [*BUTTONS, ("", "/empty")]) == payload


def test_a_ticket_number_derives_from_turn_place_and_the_shops_day() -> None:
    turn = Turn(turn_id="abc", now=datetime(2026, 11, 8, 20, 0, tzinfo=UTC))
    assert ticket_number(turn, 0) == ticket_number(turn, 0)
    assert ticket_number(turn, 0) != ticket_number(turn, 1)
    assert ticket_number(turn, 0).startswith("TK20261109")
    assert len(ticket_number(turn, 0)) == 20
