"""What a shopper's text says before any rule answers it.

Nearly always one request. At times several; a bare 「为什么」 about the answer before; or the same
question for the third time, which the same answer will not help.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rasa.shared.core.events import Event, SlotSet, UserUttered

from kefu_engine import repeats
from kefu_engine.processor import TurnProcessor
from kefu_engine.requests import Request, requests_in
from kefu_engine.why import is_bare_why

ASKED_SLOT = "asked_question"
VERDICT_SLOT = "last_verdict"
WAITING_SLOT = "waiting_requests"
ASKED_AGAIN = "action_asked_again"
WHY = "action_why"


@dataclass(frozen=True, slots=True)
class Heard:
    """``instead``: the action that answers in place of the rules'. ``events`` go before the
    message. ``left_out`` counts the requests beyond the most that one turn answers."""

    requests: list[Request]
    left_out: int = 0
    instead: str | None = None
    events: list[Event] = field(default_factory=list)


def hear(processor: TurnProcessor, text: str, metadata: dict[str, Any]) -> Heard:
    """What ``text`` says in this talk. Inside a form a text is one message, whatever it says."""
    whole = processor.understand(text, metadata)
    said = [Request(text, whole)]
    vocabulary, tracker = processor.model.vocabulary, processor.tracker
    if WHY in vocabulary.actions and is_bare_why(text, refused=_was_refused(processor)):
        return Heard(said, instead=WHY)
    if tracker.active_loop_name:
        return Heard(said)
    slots = vocabulary.slots
    left_out = 0
    if WAITING_SLOT in slots:
        said, left_out = requests_in(
            text,
            whole,
            lambda piece: processor.understand(piece, metadata),
            processor.model.also_serves,
        )
    intent = said[0].intent
    if ASKED_SLOT not in slots or not repeats.counts(intent):
        return Heard(said, left_out)
    now = datetime.fromisoformat(metadata["now"])
    asked = repeats.asked_now(tracker.get_slot(ASKED_SLOT), text, intent, now)
    events: list[Event] = [SlotSet(ASKED_SLOT, asked)]
    if asked["count"] >= repeats.TOO_OFTEN:
        return Heard([Request(text, whole)], instead=ASKED_AGAIN, events=events)
    return Heard(said, left_out, events=events)


def _was_refused(processor: TurnProcessor) -> bool:
    """Whether the answer to the shopper's last message was a refusal."""
    for event in reversed(processor.tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, SlotSet) and event.key == VERDICT_SLOT and event.value:
            return True
    return False
