"""A talk that is compacted after every turn goes on exactly as one that never is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)

from kefu_engine import model as models
from kefu_engine import tracker as trackers
from kefu_engine import turn
from kefu_engine.action_call import ActionServer
from kefu_engine.errors import BadRequest, EngineError
from kefu_engine.model import Model
from kefu_engine.tracker import Vocabulary
from kefu_engine.turn import TurnRequest
from tests.conftest import turn_body

VOCABULARY = Vocabulary(
    slots={"order_number": None, "visits": 0, "requested_slot": None},
    actions=frozenset({"action_session_start", "action_listen", "utter_hi", "form"}),
    intents=frozenset({"greet"}),
    entities=frozenset({"order_number"}),
    forms=frozenset({"form"}),
)


def opening() -> list[Any]:
    return [
        ActionExecuted("action_session_start"),
        SessionStarted(),
        ActionExecuted("action_listen"),
    ]


def simple_turn(*extra: Any, intent: str = "greet", action: str = "utter_hi") -> list[Any]:
    return [
        UserUttered("hi", {"name": intent, "confidence": 1.0}),
        *extra,
        ActionExecuted(action),
        ActionExecuted("action_listen"),
    ]


def messages(events: list[Any]) -> int:
    return sum(isinstance(event, UserUttered) for event in events)


def slots(events: list[Any]) -> dict[str, Any]:
    return {event.key: event.value for event in events if isinstance(event, SlotSet)}


def test_three_turns_are_kept_and_the_slots_of_the_others() -> None:
    events = opening() + simple_turn(SlotSet("order_number", "KF1"), SlotSet("visits", 1))
    events += simple_turn(SlotSet("visits", 0)) + simple_turn() * 3
    compacted = trackers.compact(events, VOCABULARY, longest_rule=2)
    assert messages(compacted) == 3
    assert slots(compacted) == {"order_number": "KF1"}


def test_a_longer_rule_keeps_more_turns() -> None:
    events = opening() + simple_turn() * 9
    assert messages(trackers.compact(events, VOCABULARY, longest_rule=7)) == 7


def test_an_active_form_is_never_cut() -> None:
    form = [
        UserUttered("hi", {"name": "greet"}),
        ActionExecuted("form"),
        ActiveLoop("form"),
        SlotSet("requested_slot", "order_number"),
        ActionExecuted("action_listen"),
    ]
    events = opening() + simple_turn() * 9 + form + simple_turn() * 12
    compacted = trackers.compact(events, VOCABULARY, longest_rule=2)
    assert any(isinstance(event, ActiveLoop) for event in compacted)
    # Two whole turns before the form, the turn that opened it, twelve within it.
    assert messages(compacted) == 2 + 1 + 12


def test_a_compacted_talk_stays_as_it_is() -> None:
    events = opening() + simple_turn(SlotSet("visits", 3)) + simple_turn() * 8
    once = trackers.compact(events, VOCABULARY, longest_rule=2)
    assert trackers.dump(trackers.compact(once, VOCABULARY, longest_rule=2)) == trackers.dump(once)


def test_what_the_model_no_longer_knows_is_left_out() -> None:
    events = opening()
    events += simple_turn(SlotSet("gone", 1), SlotSet("order_number", "KF1"))
    events += simple_turn(SlotSet("visits", 2), action="utter_gone")
    events += simple_turn(intent="gone")
    events += [
        UserUttered("hi", {"name": "greet"}, [{"entity": "gone", "value": 1}]),
        ActionExecuted("gone_form"),
        ActiveLoop("gone_form"),
        SlotSet("requested_slot", "order_number"),
        ActionExecuted("action_listen"),
    ]
    reduced = trackers.reduce(events, VOCABULARY)
    assert slots(reduced) == {"order_number": "KF1", "visits": 2}
    assert messages(reduced) == 1
    assert not any(isinstance(event, ActiveLoop) for event in reduced)
    known = [event.action_name for event in reduced if isinstance(event, ActionExecuted)]
    assert set(known) <= VOCABULARY.actions


def test_an_unknown_entity_is_dropped_and_its_message_kept() -> None:
    entities = [{"entity": "gone", "value": 1}, {"entity": "order_number", "value": "KF1"}]
    message = UserUttered("hi", {"name": "greet"}, entities)
    reduced = trackers.reduce(
        [*opening(), message, ActionExecuted("utter_hi"), ActionExecuted("action_listen")],
        VOCABULARY,
    )
    [kept] = [event for event in reduced if isinstance(event, UserUttered)]
    assert [entity["entity"] for entity in kept.entities] == ["order_number"]
    assert [entity["entity"] for entity in kept.parse_data["entities"]] == ["order_number"]


@pytest.mark.parametrize(
    "snapshot",
    [
        [],
        [{"event": "no_such_event"}],
        [{"event": "user"}],
        [{"event": "action", "name": "action_listen"}],
        [{"no": "event"}],
    ],
)
def test_a_foreign_snapshot_is_refused(loaded: Model, snapshot: list[dict[str, Any]]) -> None:
    with pytest.raises(BadRequest):
        trackers.restore("c1", snapshot, loaded.domain, loaded.vocabulary)


def test_a_stored_message_keeps_only_what_later_turns_read() -> None:
    ranking = [{"name": f"i{n}", "confidence": 0.1} for n in range(49)]
    parse: Any = {"intent_ranking": ranking, "text_tokens": [(0, 1)] * 99}
    event = UserUttered("hi", {"name": "greet"}, parse_data=parse, metadata={"now": "..."})
    [lean] = trackers.dump([event])
    assert set(lean) == {"event", "timestamp", "text", "parse_data"}
    assert len(lean["parse_data"]["intent_ranking"]) == trackers.RANKING_KEPT
    assert "text_tokens" not in lean["parse_data"]


@pytest.fixture(scope="module")
def loaded(model_path: Path) -> Model:
    return models.load(model_path)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with asyncio.Runner() as runner:
        yield runner.get_loop()


TEXTS = st.sampled_from(
    ["你好", "谢谢", "好的", "不要了", "查订单", "我要退货", "升级会员", "质量问题", "不合适",
     "订单号是KF0001", "订单号是KF0002", "/restart", "今天天气", "拒绝", "出错吧",
     "我要取消", "为什么", "查订单，另外我要退货，顺便升级会员", "我要退货，另外查订单"]
)  # fmt: skip
BUTTONS = st.sampled_from(
    [
        {"intent": "inform", "entities": {"reason": "dislike"}, "title": "不喜欢"},
        {"intent": "inform", "entities": {"order_number": "KF0003"}, "title": "KF0003"},
        {"intent": "return_request"},
        {"intent": "affirm", "title": "确认"},
        {"intent": "deny"},
    ]
)
TALKS = st.lists(st.one_of(TEXTS, BUTTONS), min_size=4, max_size=25)


@given(talk=TALKS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_compacted_or_not_a_talk_goes_the_same_way(
    loaded: Model, loop: asyncio.AbstractEventLoop, actions_url: str, talk: list[Any]
) -> None:
    # A rule of a thousand states never lets a turn be cut away.
    never = replace(loaded, longest_rule=1000)
    one = loop.run_until_complete(_hold(loaded, actions_url, talk))
    other = loop.run_until_complete(_hold(never, actions_url, talk))
    assert one == other


async def _hold(model: Model, actions_url: str, talk: list[Any]) -> list[Any]:
    """What can be seen of each turn: replies, commands, actions, form and slots; or the error."""
    server = ActionServer(actions_url, 6.0)
    seen: list[Any] = []
    events: list[dict[str, Any]] | None = None
    try:
        for message in talk:
            snapshot = None if events is None else {"events": events}
            request = TurnRequest.read(turn_body(message, tracker=snapshot))
            try:
                answer = await turn.run(model, server, request)
            except EngineError as error:
                seen.append((error.code, error.detail))
                continue
            events = answer["tracker"]["events"]
            state = trackers.restore("c1", events, model.domain, model.vocabulary)
            visible = [answer[key] for key in ("replies", "commands", "actions", "active_loop")]
            seen.append((*visible, state.current_slot_values()))
    finally:
        await server.close()
    return seen


def test_the_walks_reach_forms_and_cuts(
    loaded: Model, loop: asyncio.AbstractEventLoop, actions_url: str
) -> None:
    """The property above would hold of talks in which nothing happens."""
    talk = [
        "你好",
        "升级会员",
        "我要退货",
        "订单号是KF0001",
        "你好",
        "不合适",
        "好的",
        *["谢谢"] * 4,
    ]
    seen = loop.run_until_complete(_hold(loaded, actions_url, talk))
    assert [state[3] for state in seen[2:7]] == ["return_form"] * 4 + [None]
    assert "已提交" in seen[6][0][0]["text"]
    assert seen[-1][-1]["visits"] == 1


def test_events_are_found_by_name_as_rasa_finds_them(loaded: Model) -> None:
    events = [*opening(), *simple_turn(SlotSet("visits", 1)), ActiveLoop("form")]
    described = [event.as_dict() for event in events]
    assert [event.as_dict() for event in deserialise_events(described)] == described
