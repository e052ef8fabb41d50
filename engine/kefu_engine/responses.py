"""Responses of the domain or of the turn's profile: chosen alike for a turn and its retry, and
never half filled."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.shared.core.trackers import DialogueStateTracker

from kefu_engine.errors import TurnFailed

_PLACEHOLDER = re.compile(r"{([^\n{}]+?)}")
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class TurnResponses(TemplatedNaturalLanguageGenerator):
    """Rasa's response templates for one turn; variations are picked by the turn's id.

    ``texts`` stand instead of the domain's, whose buttons they keep; ``voice`` fills placeholders.
    """

    def __init__(
        self,
        responses: dict[str, list[dict[str, Any]]],
        turn_id: str,
        texts: Mapping[str, Sequence[str]] = _NOTHING,
        voice: Mapping[str, str] = _NOTHING,
    ) -> None:
        super().__init__(responses)
        self.turn_id = turn_id
        self.texts = texts
        self.voice = voice

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
        kwargs = {**self.voice, **kwargs}
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        if not fitting:
            raise TurnFailed(f"no response {utter_action!r} fits")
        fitting = self._in_own_words(utter_action, fitting)
        response = copy.deepcopy(fitting[self._pick(utter_action, len(fitting))])
        text = response.get("text")
        if text:
            for name in _PLACEHOLDER.findall(text):
                if kwargs.get(name, slots.get(name)) is None:
                    raise TurnFailed(
                        f"response {utter_action!r} needs {name!r}, which has no value"
                    )
        return self._fill_response(response, slots, **kwargs)

    def _in_own_words(
        self, utter_action: str, fitting: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        texts = self.texts.get(utter_action, ())
        own = [{**fitting[i % len(fitting)], "text": text} for i, text in enumerate(texts)]
        return own or fitting

    def _pick(self, utter_action: str, count: int) -> int:
        digest = hashlib.blake2b(f"{self.turn_id}:{utter_action}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % count
