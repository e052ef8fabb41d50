"""The rules of ``data/rules``: which action answers an intent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kefu.trainer.yaml_lines import NotEditable, YamlText

RULES = "data/rules"


def intents_in(text: str) -> set[str]:
    """The intents that the rules of a file answer."""
    steps = [step for rule in _rules(YamlText(text)) for step in rule.get("steps") or ()]
    return {str(step["intent"]) for step in steps if "intent" in step}


def with_rule(text: str, intent: str, action: str) -> str:
    """The file with one more rule at its end: ``action`` answers ``intent``."""
    yaml = YamlText(text)
    before, end = _rules(yaml), yaml.line_break
    if not before:
        raise NotEditable("no rule to write another behind")
    first = yaml.node(("rules", 0))
    opening = yaml.lines(yaml.line_of(first), yaml.line_of(first))[0]
    indent = opening[: len(opening) - len(opening.lstrip())]
    lines = (
        f"{indent}- rule: {intent}",
        f"{indent}  steps:",
        f"{indent}    - intent: {intent}",
        f"{indent}    - action: {action}",
    )
    changed = f"{text.rstrip()}{end}{end}{''.join(line + end for line in lines)}"
    rule = {"rule": intent, "steps": [{"intent": intent}, {"action": action}]}
    if _rules(YamlText(changed)) != [*before, rule]:
        raise NotEditable("the rules do not stand at the end of the file")
    return changed


def _rules(yaml: YamlText) -> list[Mapping[str, Any]]:
    try:
        found = yaml.value(("rules",))
    except KeyError:
        return []
    return [rule for rule in found or () if isinstance(rule, dict)]
