"""What a shop's own service answers, read with distrust: values, or the errors of the gateway."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import BaseModel, TypeAdapter, ValidationError

from kefu.errors import KefuError
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopReadOnly, ShopUnavailable
from kefu.shop.http_transport import Answer
from kefu.shop.model import Verdict

Value = TypeVar("Value")
JSON = "application/json"
PROBLEM = "application/problem+json"
NOT_FOUND = "not_found"
_SHOWN = 5


class Problem(BaseModel):
    """An RFC 9457 problem document; ``code`` is for programs.

    ``verdict`` comes with ``rule_refused`` and holds the sentence that the shopper may read.
    """

    type: str = "about:blank"
    status: int
    code: str
    title: str
    detail: str = ""
    verdict: Verdict | None = None


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_value(kind: type[Value], answer: Answer, name: str) -> Value:
    """The value of a call ``name``; raises what the shop's problem stands for."""
    if answer.status == 200 and answer.media_type == JSON:
        return _parse(kind, answer.body, name)
    raise _error(answer, name)


def find_value(kind: type[Value], answer: Answer, name: str) -> Value | None:
    """Like ``read_value``; ``None`` for what does not exist.

    Only the service itself can say so: a 404 of anything else means that it was not reached.
    """
    if answer.status == 404 and _is_problem(answer, NOT_FOUND):
        return None
    return read_value(kind, answer, name)


def read_nothing(answer: Answer, name: str) -> None:
    """The answer to what has none; raises what the shop's problem stands for."""
    if answer.status != 204:
        raise _error(answer, name)


def _parse(kind: type[Value], body: bytes, name: str) -> Value:
    try:
        return in_utc(adapter(kind).validate_json(body, strict=True))
    except ValidationError as error:
        # The values stay out of it, they may be personal.
        wrong = [
            f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}"
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        told = "; ".join(wrong[:_SHOWN])
    except ValueError as error:
        told = str(error)
    raise ShopUnavailable(f"{name}: the answer is not as documented: {told}")


def in_utc(value: Value) -> Value:
    """``value`` with all its times in UTC; raises ``ValueError`` for a time without a zone."""
    found: Any = value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a time has no zone")
        found = value.astimezone(UTC)
    elif isinstance(value, tuple):
        found = tuple(in_utc(each) for each in cast(tuple[Any, ...], value))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        found = type(value)(**{name: in_utc(each) for name, each in fields.items()})
    return found


def _error(answer: Answer, name: str) -> KefuError:
    problem = _problem(answer)
    told = f"{name}: the shop's service answers {answer.status}"
    verdict = problem.verdict if problem else None
    match problem.code if problem else "":
        case "rule_refused" if verdict and not verdict.allowed and verdict.sentence:
            return RuleRefused(verdict)
        case "operation_conflict":
            return OperationConflict(f"{name} was done in this turn with other arguments")
        case "shop_read_only":
            return ShopReadOnly("the shop's service lets nothing be written")
        case code:
            return ShopUnavailable(f"{told} {code if code.isidentifier() else ''}".rstrip())


def _is_problem(answer: Answer, code: str) -> bool:
    problem = _problem(answer)
    return problem is not None and problem.code == code


def _problem(answer: Answer) -> Problem | None:
    """The problem document; ``None`` if the answer is anything else."""
    if answer.status < 400 or answer.media_type != PROBLEM:
        return None
    try:
        return Problem.model_validate_json(answer.body, strict=True)
    except ValidationError:
        return None
