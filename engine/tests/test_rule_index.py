"""Looked up or tried one by one, the same rules fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu_engine import model as models
from kefu_engine import rule_index

LISTEN = {"prev_action": {"action_name": "action_listen"}}
TABLES = ("rules", "rules_for_loop_unhappy_path")


@pytest.fixture(scope="module")
def policy(model_path: Path) -> Any:
    loaded = models.load(model_path)
    [name] = [name for name in loaded.graph.nodes if "RulePolicy" in name]
    return loaded.graph.component(name)


def as_talked(rule: str) -> list[Any]:
    """The states of a rule as a dialogue has them: JSON made lists of the slots' tuples."""
    return [
        {
            kind: {
                name: tuple(value) if isinstance(value, list) else value
                for name, value in part.items()
            }
            for kind, part in state.items()
        }
        for state in json.loads(rule)
    ]


@given(data=st.data())
@settings(max_examples=400, deadline=None)
def test_the_index_finds_what_trying_every_rule_finds(policy: Any, data: st.DataObject) -> None:
    rules = [as_talked(key) for table in TABLES for key in policy.lookup[table]]
    known = [state for rule in rules for state in rule]
    intents = sorted({state["user"]["intent"] for state in known if "user" in state})
    state = st.builds(
        lambda base, intent, loop: {
            **{key: value for key, value in base.items() if key == "prev_action"},
            **({"user": {"intent": intent}} if intent else {}),
            **({"active_loop": {"name": "return_form"}} if loop else {}),
        },
        st.sampled_from([*known, LISTEN, {}]),
        st.sampled_from([*intents, "no_such_intent", None]),
        st.booleans(),
    )
    # A rule's own states, perhaps after others, so that some rules do fit.
    states = data.draw(st.lists(state, max_size=5)) + data.draw(
        st.one_of(st.sampled_from(rules), st.lists(state, min_size=1, max_size=2))
    )
    for table in TABLES:
        stock = rule_index._STOCK_POSSIBLE_KEYS(policy, policy.lookup[table], states)
        assert policy._get_possible_keys(policy.lookup[table], states) == stock


def test_every_rule_is_found_by_its_own_states(policy: Any) -> None:
    for key in policy.lookup["rules"]:
        states = as_talked(key)
        assert key in rule_index._STOCK_POSSIBLE_KEYS(policy, policy.lookup["rules"], states)
        assert key in policy._get_possible_keys(policy.lookup["rules"], states)


def test_a_rule_without_an_intent_makes_texts_count() -> None:
    with_intent = {**LISTEN, "user": {"intent": "greet"}}
    assert not rule_index.reads_text({"a": [with_intent]})
    assert rule_index.reads_text({"a": [with_intent], "b": [LISTEN]})
