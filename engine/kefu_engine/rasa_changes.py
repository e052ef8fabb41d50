"""What the engine changes inside Rasa's own modules, all in one place.

Each change is one that no subclass can reach, because Rasa names the class or the function itself.
"""

from __future__ import annotations

import types
from typing import Any

import rasa.core.actions.action
import rasa.core.actions.forms
import rasa.core.policies.rule_policy
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from kefu_engine import rule_index
from kefu_engine.action_call import ActionCall, SlotExtraction


def apply() -> None:
    """Change the Rasa of this process for serving turns; a second call changes nothing."""
    # Forms, extraction and the processor construct these two by name.
    actions: Any = rasa.core.actions.action
    forms: Any = rasa.core.actions.forms
    rules: Any = rasa.core.policies.rule_policy
    actions.RemoteAction = forms.RemoteAction = ActionCall
    actions.ActionExtractSlots = SlotExtraction
    # Stock walks every subclass of Event for every event of a tracker that is rebuilt.
    Event.resolve_by_type = staticmethod(_event_class)
    rule_index.install()
    # These modules deep-copy states and slots for debug messages that are never written.
    forms.copy = rules.copy = types.SimpleNamespace(deepcopy=lambda value: value)


_EVENT_CLASSES: dict[str, type[Event]] = {}


def _event_class(type_name: str, default: type[Event] | None = None) -> type[Event] | None:
    if not _EVENT_CLASSES:
        # Stock returns the first match, so an earlier class must win here too.
        for event in reversed(all_subclasses(Event)):
            _EVENT_CLASSES[event.type_name] = event
    found = _EVENT_CLASSES.get(type_name, default)
    if found is None:
        raise ValueError(f"unknown event {type_name!r}")
    return found
