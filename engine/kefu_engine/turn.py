"""A turn as a function: tracker and message in; compacted tracker, replies and commands out."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kefu_engine import tracker as trackers
from kefu_engine.action_call import ActionServer, TurnActions
from kefu_engine.agenda import Agenda
from kefu_engine.errors import (
    BadRequest,
    DeadlineExceeded,
    ModelMismatch,
)
from kefu_engine.heard import Heard, hear
from kefu_engine.model import Model
from kefu_engine.order_numbers import check_patterns
from kefu_engine.output import TurnOutput
from kefu_engine.processor import TurnProcessor
from kefu_engine.requests import Request
from kefu_engine.responses import TurnResponses

LOOP_TOO_LONG = {
    "type": "handoff",
    "reason": "loop_too_long",
    "group": None,
    "note": "机器人在同一张表单里已经问了太久，顾客可能卡住了，请人工接手。",
}
# Rasa gives these a meaning of its own that a stateless turn cannot honour.
_RESERVED_INTENTS = frozenset({"restart", "back", "session_start"})


@dataclass(frozen=True, slots=True)
class TurnRequest:
    """One turn to run; the fields are those of ``POST /turn``.

    Exactly one of ``text`` and ``intent`` is set; ``entities`` and ``title`` belong to an intent.
    ``deadline`` is in seconds from now. ``responses`` are texts of the profile instead of the
    domain's, ``voice`` the values of placeholders in both.
    """

    turn_id: str
    conversation_id: str
    attempt: int
    profile: str
    now: str
    model: str | None
    events: list[Any] | None
    text: str | None
    intent: str | None
    entities: dict[str, Any]
    title: str | None
    turn_token: str
    context: dict[str, Any]
    thresholds: dict[str, float] | None
    masked_intents: list[Any]
    order_number_patterns: list[Any]
    responses: dict[str, Any]
    voice: dict[str, Any]
    deadline: float

    @classmethod
    def read(cls, body: Any) -> TurnRequest:
        """The request in a JSON body; raises ``BadRequest`` naming the field that is wrong."""
        fields = Fields(body)
        message = Fields(fields.take("message", dict))
        snapshot = fields.take("tracker", dict, None)
        request = cls(
            turn_id=fields.take("turn_id", str),
            conversation_id=fields.take("conversation_id", str),
            attempt=fields.take("attempt", int, 1),
            profile=fields.take("profile", str),
            now=fields.take("now", str),
            model=fields.take("model", str, None),
            events=None if snapshot is None else Fields(snapshot).take("events", list),
            text=message.take("text", str, None),
            intent=message.take("intent", str, None),
            entities=message.take("entities", dict, None) or {},
            title=message.take("title", str, None),
            turn_token=fields.take("turn_token", str),
            context=fields.take("context", dict, None) or {},
            thresholds=fields.take("thresholds", dict, None),
            masked_intents=fields.take("masked_intents", list, None) or [],
            order_number_patterns=fields.take("order_number_patterns", list, None) or [],
            responses=fields.take("responses", dict, None) or {},
            voice=fields.take("voice", dict, None) or {},
            deadline=float(fields.take("deadline", (int, float))),
        )
        _check(request)
        return request

    @property
    def metadata(self) -> dict[str, Any]:
        """What language understanding is told about the turn."""
        return {
            "thresholds": self.thresholds,
            "masked_intents": self.masked_intents,
            "order_number_patterns": self.order_number_patterns,
            "profile": self.profile,
            "now": self.now,
            "context": self.context,
        }


class Fields:
    """Typed access to a JSON object."""

    _REQUIRED = object()

    def __init__(self, body: Any) -> None:
        if not isinstance(body, dict):
            raise BadRequest("a JSON object is expected")
        self._body: dict[str, Any] = body

    def take(self, name: str, kind: Any, default: Any = _REQUIRED) -> Any:
        value = self._body.get(name)
        if value is None:
            if default is self._REQUIRED:
                raise BadRequest(f"{name} is missing")
            return default
        if not isinstance(value, kind) or isinstance(value, bool):
            raise BadRequest(f"{name} has the wrong type")
        return value


def _check(request: TurnRequest) -> None:
    if (request.text is None) == (request.intent is None):
        raise BadRequest("message holds either text or intent")
    if request.text is not None and not request.text.strip():
        raise BadRequest("text is empty")
    if request.deadline <= 0:
        raise BadRequest("deadline is not positive")
    if request.events is not None and not all(isinstance(one, dict) for one in request.events):
        raise BadRequest("events holds something else than objects")
    check_profile(request.masked_intents, request.order_number_patterns)
    _check_texts(request)
    with contextlib.suppress(ValueError):
        if datetime.fromisoformat(request.now).tzinfo:
            return
    raise BadRequest("now is not an ISO 8601 time with its zone")


def check_profile(masked_intents: list[Any], order_number_patterns: list[Any]) -> None:
    """Raises ``BadRequest`` where a profile's names or patterns are none."""
    if not all(isinstance(name, str) for name in masked_intents):
        raise BadRequest("masked_intents holds something else than names")
    try:
        check_patterns(order_number_patterns)
    except (re.error, TypeError) as error:
        raise BadRequest("order_number_patterns holds something else than patterns") from error


def _check_texts(request: TurnRequest) -> None:
    if not all(isinstance(value, str) for value in request.voice.values()):
        raise BadRequest("voice holds something else than texts")
    for texts in request.responses.values():
        if not (isinstance(texts, list) and texts and all(isinstance(one, str) for one in texts)):
            raise BadRequest("responses holds something else than lists of texts")


async def run(model: Model, server: ActionServer, request: TurnRequest) -> dict[str, Any]:
    """The body of the answer to ``request``; raises ``EngineError``."""
    if request.model is not None and request.model != model.sha256:
        raise ModelMismatch(f"loaded is {model.sha256}")
    try:
        return await asyncio.wait_for(_run(model, server, request), request.deadline)
    except TimeoutError as error:
        raise DeadlineExceeded(f"not done in {request.deadline:g} s") from error


async def _run(model: Model, server: ActionServer, request: TurnRequest) -> dict[str, Any]:
    tracker = trackers.restore(
        request.conversation_id, request.events, model.domain, model.vocabulary
    )
    processor = TurnProcessor(
        model,
        TurnActions(server, request.turn_token, model.validator_domain),
        TurnResponses(model.domain.responses, request.turn_id, request.responses, request.voice),
        tracker,
    )
    output = TurnOutput()
    heard = _heard(processor, request)
    agenda = Agenda(processor, output, request.metadata)
    await agenda.work_off(heard)
    if trackers.loop_is_too_long(tracker):
        output.commands.append(dict(LOOP_TOO_LONG))
        tracker.update_with_events(trackers.leave_loop(), model.domain)
    agenda.note_unanswered()
    events = trackers.compact(list(tracker.events), model.vocabulary, model.longest_rule)
    return {
        "turn_id": request.turn_id,
        "model": model.sha256,
        "tracker": {"events": trackers.dump(events)},
        "replies": output.replies,
        "commands": output.commands,
        "parse": _reported(heard.requests),
        "actions": processor.actions_run,
        "active_loop": tracker.active_loop_name,
    }


def _heard(processor: TurnProcessor, request: TurnRequest) -> Heard:
    if request.text is not None:
        return hear(processor, request.text, request.metadata)
    vocabulary = processor.model.vocabulary
    intent = request.intent or ""
    if intent not in vocabulary.intents or intent in _RESERVED_INTENTS:
        raise BadRequest("the model does not know the intent")
    if not vocabulary.entities.issuperset(request.entities):
        raise BadRequest("the model does not know one of the entities")
    pressed: dict[str, Any] = {
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": 0}
            for name, value in request.entities.items()
        ],
    }
    return Heard([Request(request.title or intent, pressed)])


def _reported(requests: list[Request]) -> dict[str, Any]:
    """The parse of the first request; ``requests`` lists them where there are several."""
    first = described_parse(requests[0].text, requests[0].parse)
    if len(requests) == 1:
        return first
    listed = [
        {"text": one.text, "intent": one.intent, "confidence": one.confidence} for one in requests
    ]
    return {**first, "requests": listed}


def described_parse(text: str, found: dict[str, Any]) -> dict[str, Any]:
    """The ``parse`` of the contract: tokens are pieces of the raw text.

    ``thresholds`` are those that were in force; ``None`` where nothing was classified.
    """
    return {
        "text": text,
        "intent": found["intent"],
        "intent_ranking": found.get("intent_ranking", []),
        "entities": found["entities"],
        "thresholds": found.get("thresholds"),
        "tokens": [text[start:end] for start, end in found.get("text_tokens", [])],
    }
