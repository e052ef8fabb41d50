"""A turn as a function: tracker and message in; compacted tracker, replies and commands out."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rasa.shared.core.events import UserUttered

from kefu_engine import tracker as trackers
from kefu_engine.action_call import ActionServer, TurnActions
from kefu_engine.errors import (
    BadRequest,
    DeadlineExceeded,
    ModelMismatch,
    TurnFailed,
)
from kefu_engine.model import Model
from kefu_engine.output import TurnOutput
from kefu_engine.processor import TurnProcessor
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
    ``deadline`` is in seconds from now.
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
    deadline: float

    @classmethod
    def read(cls, body: Any) -> TurnRequest:
        """The request in a JSON body; raises ``BadRequest`` naming the field that is wrong."""
        fields = _Fields(body)
        message = _Fields(fields.take("message", dict))
        snapshot = fields.take("tracker", dict, None)
        request = cls(
            turn_id=fields.take("turn_id", str),
            conversation_id=fields.take("conversation_id", str),
            attempt=fields.take("attempt", int, 1),
            profile=fields.take("profile", str),
            now=fields.take("now", str),
            model=fields.take("model", str, None),
            events=None if snapshot is None else _Fields(snapshot).take("events", list),
            text=message.take("text", str, None),
            intent=message.take("intent", str, None),
            entities=message.take("entities", dict, None) or {},
            title=message.take("title", str, None),
            turn_token=fields.take("turn_token", str),
            context=fields.take("context", dict, None) or {},
            thresholds=fields.take("thresholds", dict, None),
            masked_intents=fields.take("masked_intents", list, None) or [],
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
            "profile": self.profile,
            "now": self.now,
            "context": self.context,
        }


class _Fields:
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
    if not all(isinstance(name, str) for name in request.masked_intents):
        raise BadRequest("masked_intents holds something else than names")
    with contextlib.suppress(ValueError):
        if datetime.fromisoformat(request.now).tzinfo:
            return
    raise BadRequest("now is not an ISO 8601 time with its zone")


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
        TurnResponses(model.domain.responses, request.turn_id),
        tracker,
    )
    output = TurnOutput()
    message, parse = _message(processor, request)
    await processor.take(message, output)
    if trackers.loop_is_too_long(tracker):
        output.commands.append(dict(LOOP_TOO_LONG))
        tracker.update_with_events(trackers.leave_loop(), model.domain)
    if not output.replies and not output.commands:
        raise TurnFailed("the dialogue gave neither a reply nor a command")
    events = trackers.compact(list(tracker.events), model.vocabulary, model.longest_rule)
    return {
        "turn_id": request.turn_id,
        "model": model.sha256,
        "tracker": {"events": trackers.dump(events)},
        "replies": output.replies,
        "commands": output.commands,
        "parse": parse,
        "actions": processor.actions_run,
        "active_loop": tracker.active_loop_name,
    }


def _message(processor: TurnProcessor, request: TurnRequest) -> tuple[UserUttered, dict[str, Any]]:
    if request.text is not None:
        found = processor.understand(request.text, request.metadata)
        return _uttered(request.text, found), described_parse(request.text, found)
    vocabulary = processor.model.vocabulary
    intent = request.intent or ""
    if intent not in vocabulary.intents or intent in _RESERVED_INTENTS:
        raise BadRequest("the model does not know the intent")
    if not vocabulary.entities.issuperset(request.entities):
        raise BadRequest("the model does not know one of the entities")
    text = request.title or intent
    pressed: dict[str, Any] = {
        "intent": {"name": intent, "confidence": 1.0},
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": 0}
            for name, value in request.entities.items()
        ],
    }
    return _uttered(text, pressed), described_parse(text, pressed)


def _uttered(text: str, found: dict[str, Any]) -> UserUttered:
    # The SDK's tracker reads the latest intent from the ranking.
    ranking = found.get("intent_ranking") or [found["intent"]]
    known: Any = {"intent_ranking": ranking[: trackers.RANKING_KEPT]}
    return UserUttered(text, found["intent"], found["entities"], parse_data=known)


def described_parse(text: str, found: dict[str, Any]) -> dict[str, Any]:
    """The ``parse`` of the contract: tokens are pieces of the raw text."""
    return {
        "text": text,
        "intent": found["intent"],
        "intent_ranking": found.get("intent_ranking", []),
        "entities": found["entities"],
        "tokens": [text[start:end] for start, end in found.get("text_tokens", [])],
    }
