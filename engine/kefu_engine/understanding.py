"""Language understanding alone: a text in, its parse out; nothing runs, nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kefu_engine.errors import BadRequest
from kefu_engine.model import Model
from kefu_engine.processor import parse
from kefu_engine.turn import Fields, check_profile, described_parse


@dataclass(frozen=True, slots=True)
class ParseRequest:
    """One text to understand; the fields are those of ``POST /parse``, named as for a turn."""

    text: str
    profile: str
    now: str
    context: dict[str, Any]
    thresholds: dict[str, float] | None
    masked_intents: list[Any]
    order_number_patterns: list[Any]

    @classmethod
    def read(cls, body: Any) -> ParseRequest:
        """The request in a JSON body; raises ``BadRequest`` naming the field that is wrong."""
        fields = Fields(body)
        request = cls(
            text=fields.take("text", str),
            profile=fields.take("profile", str),
            now=fields.take("now", str),
            context=fields.take("context", dict, None) or {},
            thresholds=fields.take("thresholds", dict, None),
            masked_intents=fields.take("masked_intents", list, None) or [],
            order_number_patterns=fields.take("order_number_patterns", list, None) or [],
        )
        if not request.text.strip():
            raise BadRequest("text is empty")
        check_profile(request.masked_intents, request.order_number_patterns)
        return request


def run(model: Model, request: ParseRequest) -> dict[str, Any]:
    """``{model, parse}``, the parse as in a turn's answer."""
    metadata = {
        "thresholds": request.thresholds,
        "masked_intents": request.masked_intents,
        "order_number_patterns": request.order_number_patterns,
        "profile": request.profile,
        "now": request.now,
        "context": request.context,
    }
    found = parse(model, request.text, metadata)
    return {"model": model.sha256, "parse": described_parse(request.text, found)}
