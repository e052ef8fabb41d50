"""The only caller of the engine: a turn or a text in, one result or one typed error out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import aiohttp
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json, to_json

from kefu.errors import KefuError

HEADER = "X-Kefu-Engine-Secret"
JSON = {"Content-Type": "application/json"}


class EngineUnreachable(KefuError):
    """No engine or no action server listens, or the model is still loading: waiting helps."""

    code: ClassVar[str] = "engine_unreachable"
    title: ClassVar[str] = "智能客服正在启动，请稍候。"
    status: ClassVar[int] = 503


class EngineFailed(KefuError):
    """The engine took the turn and did not finish it; parts of it may have had an effect.

    ``reason`` is the engine's own code: action_failed, turn_failed, bad_request, ….
    """

    code: ClassVar[str] = "engine_failed"
    title: ClassVar[str] = "智能客服暂时无法回答，请稍后再试。"
    status: ClassVar[int] = 502

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class ModelMismatch(EngineFailed):
    """The engine holds another model than the turn is bound to; nothing ran."""

    code: ClassVar[str] = "model_mismatch"


class TurnResult(BaseModel):
    """What an engine answers; ``tracker`` is compacted already."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    turn_id: str
    model: str
    tracker: dict[str, Any]
    replies: list[dict[str, Any]]
    commands: list[dict[str, Any]]
    parse: dict[str, Any]
    actions: list[str]
    active_loop: str | None = None


class _Understood(BaseModel):
    parse: dict[str, Any]


class _Problem(BaseModel):
    code: str = "turn_failed"
    action: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    content: bytes


class EngineClient:
    """Keeps its connections. ``deadline`` is what the engine is given for a turn, in seconds.

    To be made where an event loop runs.
    """

    def __init__(self, url: str, secret: str, deadline: float) -> None:
        self._deadline = deadline
        self._http = aiohttp.ClientSession(
            url,
            headers={HEADER: secret},
            timeout=aiohttp.ClientTimeout(
                total=None, connect=deadline, sock_connect=1.0, sock_read=deadline + 1.0
            ),
            connector=aiohttp.TCPConnector(limit=64),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def turn(self, request: dict[str, Any]) -> TurnResult:
        """Run one turn; raises ``EngineUnreachable``, ``ModelMismatch`` or ``EngineFailed``."""
        answer = await self._post("/turn", {**request, "deadline": self._deadline})
        return _result(answer, request["turn_id"])

    async def parse(self, request: dict[str, Any]) -> dict[str, Any]:
        """How a text is understood; nothing runs. Raises as ``turn``."""
        answer = await self._post("/parse", request)
        try:
            return _Understood.model_validate_json(answer.content).parse
        except ValidationError as error:
            raise EngineFailed("bad_answer", f"{error.error_count()} fields do not fit") from error

    async def explain(self, text: str) -> dict[str, Any]:
        """Why the model reads ``text`` as it does: ``{model, intent, evidence, neighbours}``.

        Raises ``EngineUnreachable`` or ``EngineFailed``.
        """
        return dict(from_json((await self._post("/explain", {"text": text})).content))

    async def health(self) -> str:
        """The sha256 of the model that is loaded; raises ``EngineUnreachable``."""
        try:
            answer = await self._ask("GET", "/health", timeout=aiohttp.ClientTimeout(total=2.0))
        except (aiohttp.ClientError, TimeoutError) as error:
            raise EngineUnreachable(type(error).__name__) from error
        if answer.status != 200:
            raise EngineUnreachable(f"health answered {answer.status}")
        return str(from_json(answer.content)["model"])

    async def _post(self, path: str, body: dict[str, Any]) -> _Answer:
        try:
            answer = await self._ask("POST", path, data=to_json(body), headers=JSON)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise EngineUnreachable(type(error).__name__) from error
        except TimeoutError as error:
            raise EngineFailed("deadline_exceeded", type(error).__name__) from error
        except aiohttp.ClientError as error:
            raise EngineFailed("connection_lost", type(error).__name__) from error
        if answer.status != 200:
            raise _refusal(answer)
        return answer

    async def _ask(self, method: str, path: str, **more: Any) -> _Answer:
        async with self._http.request(method, path, allow_redirects=False, **more) as response:
            return _Answer(response.status, await response.read())

    async def close(self) -> None:
        await self._http.close()


def _result(answer: _Answer, turn_id: str) -> TurnResult:
    try:
        result = TurnResult.model_validate_json(answer.content)
    except ValidationError as error:
        raise EngineFailed("bad_answer", f"{error.error_count()} fields do not fit") from error
    if result.turn_id != turn_id:
        raise EngineFailed("bad_answer", "the answer belongs to another turn")
    if not result.replies and not result.commands:
        raise EngineFailed("turn_failed", "neither a reply nor a command")
    return result


def _refusal(answer: _Answer) -> KefuError:
    try:
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError:
        problem = _Problem()
    code = problem.code
    # Not its title or detail: they may quote the shopper.
    detail = f"status {answer.status} {problem.action}".strip()
    if answer.status == 503:
        return EngineUnreachable(detail)
    if answer.status == 409:
        return ModelMismatch(code, detail)
    return EngineFailed(code, detail)
