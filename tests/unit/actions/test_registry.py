"""The domain, the rules and the registered actions must name the same things."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from actions.registry import ACTIONS
from actions.titles import MENU_INTENTS, services

ROOT = Path(__file__).parents[3]
SAID_BY_THE_ENGINE = {
    "utter_other_requests_wait",
    "utter_next_request",
    "utter_too_many_requests",
}
SAID_BY_ACTIONS = {"utter_out_of_scope", "utter_urge_reply"}


def load(path: Path) -> Any:
    return YAML(typ="safe").load(path)


@pytest.fixture(scope="module")
def domain() -> dict[str, Any]:
    return load(ROOT / "domain.yml")


@pytest.fixture(scope="module")
def rules() -> list[dict[str, Any]]:
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    return [rule for file in files for rule in load(file)["rules"]]


def test_every_action_of_the_domain_is_served_and_no_other(domain: dict[str, Any]) -> None:
    assert sorted(each.action_name for each in ACTIONS) == sorted(domain["actions"])


def test_every_intent_has_exactly_one_rule_and_its_action_exists(
    domain: dict[str, Any], rules: list[dict[str, Any]]
) -> None:
    answered = {
        each["steps"][0]["intent"]: each["steps"][1]["action"]
        for each in rules
        if "intent" in each["steps"][0]
    }
    assert set(answered) == {*domain["intents"], "nlu_fallback"}
    assert len(answered) == sum("intent" in each["steps"][0] for each in rules)
    known = {*domain["actions"], *domain["responses"]}
    assert set(answered.values()) <= known


def test_no_rule_starts_a_conversation(rules: list[dict[str, Any]]) -> None:
    assert not any("conversation_start" in each for each in rules)


def test_all_responses_are_used_and_their_buttons_lead_somewhere(
    domain: dict[str, Any], rules: list[dict[str, Any]]
) -> None:
    used = {step.get("action") for each in rules for step in each["steps"]}
    assert set(domain["responses"]) - SAID_BY_THE_ENGINE - SAID_BY_ACTIONS <= used
    for variations in domain["responses"].values():
        for variation in variations:
            for button in variation.get("buttons", []):
                intent = re.match(r"/(\w+)", button["payload"])
                assert intent
                assert intent.group(1) in domain["intents"]


def test_no_slot_steers_the_dialogue(domain: dict[str, Any]) -> None:
    assert not any(each["influence_conversation"] for each in domain["slots"].values())


def test_offered_intents_exist(domain: dict[str, Any]) -> None:
    assert set(services()) <= set(domain["intents"])
    assert set(MENU_INTENTS) <= set(services())
