"""A trained archive in memory: checked by its hash, loaded, and found fit for stateless turns."""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import (
    ACTION_SESSION_START_NAME,
    ACTION_TWO_STAGE_FALLBACK_NAME,
    PREVIOUS_ACTION,
    RULE_SNIPPET_ACTION_NAME,
)
from rasa.shared.core.domain import Domain

from kefu_engine import rasa_changes
from kefu_engine.errors import ModelUnsuitable
from kefu_engine.graph import SequentialGraph
from kefu_engine.tracker import Vocabulary

SUFFIX = ".tar.gz"
_RULES = ("rules", "rules_for_loop_unhappy_path")


@dataclass(frozen=True, slots=True)
class Model:
    """What every turn shares and none changes.

    ``nlu_node`` is the last node before Rasa's handler of ``/intent`` messages: a shopper's text
    must never be read as a command. ``dialogue_node`` predicts the next action. ``longest_rule``
    counts the states of the longest rule. ``validator_domain`` is the part of the domain that
    validating actions read. ``also_serves`` tells, by intent, whom else its answer serves.
    """

    sha256: str
    metadata: ModelMetadata
    graph: SequentialGraph
    domain: Domain
    vocabulary: Vocabulary
    nlu_node: str
    dialogue_node: str
    longest_rule: int
    validator_domain: dict[str, Any]
    also_serves: dict[str, frozenset[str]]


def file_sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(path: Path) -> Model:
    """The model in the archive ``<sha256>.tar.gz``.

    Raises ``ModelUnsuitable`` where the file is missing, is not what its name says (an archive
    holds pickles, so a foreign one is never opened), or breaks one of the rules in ``_check``.
    """
    sha256 = _verified_name(path)
    rasa_changes.apply()
    with tempfile.TemporaryDirectory() as folder:
        try:
            metadata, graph = load_predict_graph_runner(
                Path(folder), path, LocalModelStorage, SequentialGraph
            )
        except tarfile.ReadError as error:
            raise ModelUnsuitable(f"{path.name} is no model archive") from error
    assert isinstance(graph, SequentialGraph)
    if not metadata.nlu_target or not metadata.core_target:
        raise ModelUnsuitable("the model lacks language understanding or dialogue")
    rules = _rule_states(metadata, graph)
    _check(metadata.domain, rules)
    described = metadata.domain.as_dict()
    return Model(
        sha256=sha256,
        metadata=metadata,
        graph=graph,
        domain=metadata.domain,
        vocabulary=Vocabulary.of(metadata.domain),
        nlu_node=graph.schema.nodes[metadata.nlu_target].needs["messages"],
        dialogue_node=metadata.core_target,
        longest_rule=max((len(rule) for rule in rules), default=0),
        validator_domain={key: described.get(key, {}) for key in ("slots", "forms")},
        also_serves={
            intent: frozenset(others)
            for node in metadata.predict_schema.nodes.values()
            for intent, others in node.config.get("also_serves", {}).items()
        },
    )


def _verified_name(path: Path) -> str:
    expected = path.name.removesuffix(SUFFIX)
    if not re.fullmatch(r"[0-9a-f]{64}", expected):
        raise ModelUnsuitable(f"{path.name} is not named by its SHA-256")
    if not path.is_file():
        raise ModelUnsuitable(f"{path} does not exist")
    if file_sha256(path) != expected:
        raise ModelUnsuitable(f"{path.name} is damaged: its SHA-256 is another")
    return expected


def _rule_states(metadata: ModelMetadata, graph: SequentialGraph) -> list[list[dict[str, Any]]]:
    """The rules the policy learned, each as its list of states, oldest first."""
    rules: list[list[dict[str, Any]]] = []
    for name, node in metadata.predict_schema.nodes.items():
        if not issubclass(node.uses, Policy):
            continue
        if not issubclass(node.uses, RulePolicy):
            raise ModelUnsuitable(f"{node.uses.__name__} needs more history than a snapshot keeps")
        lookup = graph.component(name).lookup
        rules += [json.loads(key) for kind in _RULES for key in lookup.get(kind, {})]
    if not rules:
        raise ModelUnsuitable("the model has no rules")
    return rules


def _check(domain: Domain, rules: list[list[dict[str, Any]]]) -> None:
    """Refuse what a compacted, stateless talk cannot carry out faithfully."""
    if domain.session_config.are_sessions_enabled():
        raise ModelUnsuitable("session_expiration_time must be 0: the desk starts episodes")
    if ACTION_SESSION_START_NAME in domain.user_actions:
        raise ModelUnsuitable("a custom action_session_start never runs")
    if any(_starts_a_conversation(rule) for rule in rules):
        raise ModelUnsuitable("a rule with conversation_start would not hold after a cut")
    predicted = {
        state[PREVIOUS_ACTION].get("action_name")
        for rule in rules
        for state in rule
        if PREVIOUS_ACTION in state
    }
    if ACTION_TWO_STAGE_FALLBACK_NAME in predicted:
        raise ModelUnsuitable("two-stage fallback rewinds past a cut")


def _starts_a_conversation(rule: list[dict[str, Any]]) -> bool:
    first = rule[0].get(PREVIOUS_ACTION)
    return not first or first.get("action_name") == RULE_SNIPPET_ACTION_NAME
