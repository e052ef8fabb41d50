"""Finds the rules that fit a dialogue by looking up, where Rasa tries each rule on each state.

The answers are Rasa's own: a rule can only fit if the last state's previous action is the rule's,
and its intent too where the rule names one, so only those rules are tried.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME

State = dict[str, dict[str, Any]]
_POLICY: Any = RulePolicy
_STOCK_POSSIBLE_KEYS = _POLICY._get_possible_keys
_STOCK_FIND = _POLICY._find_action_from_rules


class RuleIndex:
    """The rules of one lookup table by the previous action and the intent of their last state."""

    def __init__(self, rules: dict[str, list[State]]) -> None:
        self.longest = max(map(len, rules.values()), default=0)
        self._keys: dict[tuple[Any, Any], dict[str, str]] = defaultdict(dict)
        for key, states in rules.items():
            self._keys[_mark(states[-1])][key] = key

    def candidates(self, state: State) -> dict[str, str]:
        action, intent = _mark(state)
        found = self._keys.get((action, None), {})
        return found if intent is None else {**found, **self._keys.get((action, intent), {})}


def reads_text(rules: dict[str, list[State]]) -> bool:
    """Whether a rule may fit right after a message without looking at its intent."""
    return any(_mark(states[-1]) == (ACTION_LISTEN_NAME, None) for states in rules.values())


def install() -> None:
    """Let every rule policy of this process look its rules up."""
    _POLICY._get_possible_keys = _possible_keys
    _POLICY._find_action_from_rules = _find_action_from_rules


def _mark(state: State) -> tuple[Any, Any]:
    return (
        state.get("prev_action", {}).get("action_name"),
        state.get("user", {}).get("intent"),
    )


def _possible_keys(self: Any, lookup: dict[str, Any], states: list[State]) -> set[str]:
    if not states:
        return _STOCK_POSSIBLE_KEYS(self, lookup, states)
    index = _index(self, lookup)
    # Beyond its own length a rule fits whatever came before.
    return _STOCK_POSSIBLE_KEYS(self, index.candidates(states[-1]), states[-index.longest :])


def _find_action_from_rules(
    self: Any, tracker: Any, domain: Any, use_text_for_last_user_input: bool
) -> Any:
    if use_text_for_last_user_input and not _policy_reads_text(self):
        return None, None, False
    return _STOCK_FIND(self, tracker, domain, use_text_for_last_user_input)


def _rules(policy: Any, lookup: dict[str, Any]) -> dict[str, list[State]]:
    return {key: policy._rule_key_to_state(key) for key in lookup}


def _index(policy: Any, lookup: dict[str, Any]) -> RuleIndex:
    indexes: dict[int, RuleIndex] = policy.__dict__.setdefault("_kefu_indexes", {})
    if id(lookup) not in indexes:
        indexes[id(lookup)] = RuleIndex(_rules(policy, lookup))
    return indexes[id(lookup)]


def _policy_reads_text(policy: Any) -> bool:
    if "_kefu_reads_text" not in policy.__dict__:
        tables = (policy.lookup.get(name, {}) for name in ("rules", "rules_for_loop_unhappy_path"))
        policy._kefu_reads_text = any(reads_text(_rules(policy, table)) for table in tables)
    return policy._kefu_reads_text
