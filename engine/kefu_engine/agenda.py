"""The requests of a turn, answered one after the other; what a form holds up waits in a slot.

``waiting_requests`` always holds what has not been answered yet. It is set before the message that
is answered meanwhile, so a cut of the talk falls between them as between any two turns.
"""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import SlotSet

from kefu_engine.errors import TurnFailed
from kefu_engine.heard import ASKED_SLOT, WAITING_SLOT, Heard
from kefu_engine.output import TurnOutput
from kefu_engine.processor import TurnProcessor
from kefu_engine.requests import HUMAN_AGENT, Request

OTHERS_WAIT = "utter_other_requests_wait"
NEXT_REQUEST = "utter_next_request"
TOO_MANY = "utter_too_many_requests"
QUOTED = 20
NOTED = 60


class Agenda:
    """Works off what was heard in one turn, and what an ended form leaves to be answered."""

    def __init__(
        self, processor: TurnProcessor, output: TurnOutput, metadata: dict[str, Any]
    ) -> None:
        self._processor = processor
        self._output = output
        self._metadata = metadata
        self._tracker = processor.tracker
        self._unanswered: list[Request] = []
        self._said = 0

    async def work_off(self, heard: Heard) -> None:
        """Answer until all is said, a form asks something, or a person is called.

        Raises ``TurnFailed`` where the dialogue answers a request with nothing.
        """
        waited = self._kept()
        if self._tracker.active_loop_name:
            # A question that opened a form was not answered, so it may be asked again.
            self._set(ASKED_SLOT, None)
        self._tracker.update_with_events(heard.events, self._processor.domain)
        self._unanswered = [*heard.requests, *waited]
        await self._answer_next(heard.instead)
        while self._unanswered and not (self._handed_off or self._tracker.active_loop_name):
            if len(self._unanswered) <= len(waited):
                quoted = _shortened(self._unanswered[0].text, QUOTED)
                await self._say(NEXT_REQUEST, waiting_request=quoted)
            await self._answer_next()
        if self._unanswered and not self._handed_off:
            await self._hold_up(told=bool(waited))
        if heard.left_out and not self._handed_off:
            await self._say(TOO_MANY)

    def note_unanswered(self) -> None:
        """Tell the person who takes over what nobody has answered."""
        texts = "」「".join(_shortened(one.text, NOTED) for one in self._unanswered)
        for command in self._output.commands:
            if texts and command["type"] == "handoff":
                command["note"] = f"{command.get('note') or ''}顾客还问了「{texts}」，尚未回答。"

    @property
    def _handed_off(self) -> bool:
        return any(command["type"] == "handoff" for command in self._output.commands)

    def _kept(self) -> list[Request]:
        """What waits for the active form's end; without one somebody else has seen to it."""
        if not self._tracker.active_loop_name:
            return []
        kept = self._tracker.get_slot(WAITING_SLOT) or []
        return [self._known(Request(each["text"], each)) for each in kept]

    def _known(self, request: Request) -> Request:
        """The request, read anew if another model kept it."""
        if request.intent in self._processor.model.vocabulary.intents:
            return request
        return Request(request.text, self._processor.understand(request.text, self._metadata))

    async def _answer_next(self, instead: str | None = None) -> None:
        request, *self._unanswered = self._unanswered
        self._set(WAITING_SLOT, [one.kept() for one in self._unanswered] or None)
        self._said, commanded = len(self._output.replies), len(self._output.commands)
        await self._processor.take(request.uttered(), self._output, instead)
        if (len(self._output.replies), len(self._output.commands)) == (self._said, commanded):
            raise TurnFailed("the dialogue gave neither a reply nor a command")

    async def _hold_up(self, *, told: bool) -> None:
        """Have the rest wait for the form; a person who was asked for too comes at once."""
        person = next((one for one in self._unanswered if one.intent == HUMAN_AGENT), None)
        if person:
            self._unanswered = [person, *(one for one in self._unanswered if one is not person)]
            await self._answer_next()
        elif not told:
            await self._say(OTHERS_WAIT)
            # Before the form's question: its buttons stay under the last bubble.
            self._output.replies.insert(self._said, self._output.replies.pop())

    def _set(self, slot: str, value: Any) -> None:
        if self._tracker.get_slot(slot) != value:
            self._tracker.update(SlotSet(slot, value), self._processor.domain)

    async def _say(self, response: str, **values: Any) -> None:
        message = await self._processor.nlg.generate(
            response, self._tracker, self._output.name(), **values
        )
        await self._output.send_response(self._tracker.sender_id, message)


def _shortened(text: str, length: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= length else f"{words[: length - 1]}…"
