"""Responses of the domain: chosen alike for a turn and its retry, and never half filled."""

from __future__ import annotations

import copy
import hashlib
import re
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.trackers import DialogueStateTracker

from kefu_engine.errors import TurnFailed

_PLACEHOLDER = re.compile(r"{([^\n{}]+?)}")


class TurnResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's response templates for one turn; variations are picked by the turn's id."""

    def __init__(self, responses: dict[str, list[dict[str, Any]]], turn_id: str) -> None:
        super().__init__(responses)
        self.turn_id = turn_id

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """One filled response; raises ``TurnFailed`` where none fits or a value is missing."""
        if utter_action not in self.responses:
            raise TurnFailed(f"no response {utter_action!r} in the domain")
        slots = tracker.current_slot_values()
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        if not fitting:
            raise TurnFailed(f"no response {utter_action!r} fits")
        response = copy.deepcopy(fitting[self._pick(utter_action, len(fitting))])
        text = response.get("text")
        if text:
            for name in _PLACEHOLDER.findall(text):
                if kwargs.get(name, slots.get(name)) is None:
                    raise TurnFailed(
                        f"response {utter_action!r} needs {name!r}, which has no value"
                    )
        return self._fill_response(response, slots, **kwargs)

    def _pick(self, utter_action: str, count: int) -> int:
        digest = hashlib.blake2b(f"{self.turn_id}:{utter_action}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % count
