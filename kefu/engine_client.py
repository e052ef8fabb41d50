"""The only caller of the engine: a turn or a text in, one result or one typed error out."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from kefu.errors import KefuError

HEADER = "X-Kefu-Engine-Secret"


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


class EngineClient:
    """Keeps its connections. ``deadline`` is what the engine is given for a turn, in seconds."""

    def __init__(self, url: str, secret: str, deadline: float) -> None:
        self._deadline = deadline
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={HEADER: secret},
            timeout=httpx.Timeout(deadline + 1.0, connect=1.0, pool=deadline),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=32),
            trust_env=False,
        )

    async def turn(self, request: dict[str, Any]) -> TurnResult:
        """Run one turn; raises ``EngineUnreachable``, ``ModelMismatch`` or ``EngineFailed``."""
        response = await self._post("/turn", {**request, "deadline": self._deadline})
        return _result(response, request["turn_id"])

    async def parse(self, request: dict[str, Any]) -> dict[str, Any]:
        """How a text is understood; nothing runs. Raises as ``turn``."""
        response = await self._post("/parse", request)
        try:
            return _Understood.model_validate_json(response.content).parse
        except ValidationError as error:
            raise EngineFailed("bad_answer", f"{error.error_count()} fields do not fit") from error

    async def _post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        try:
            response = await self._http.post(path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise EngineUnreachable(type(error).__name__) from error
        except httpx.TimeoutException as error:
            raise EngineFailed("deadline_exceeded", type(error).__name__) from error
        except httpx.HTTPError as error:
            raise EngineFailed("connection_lost", type(error).__name__) from error
        if response.status_code != 200:
            raise _refusal(response)
        return response

    async def explain(self, text: str) -> dict[str, Any]:
        """Why the model reads ``text`` as it does: ``{model, intent, evidence, neighbours}``.

        Raises ``EngineUnreachable`` or ``EngineFailed``.
        """
        try:
            response = await self._http.post("/explain", json={"text": text})
        except httpx.HTTPError as error:
            raise EngineUnreachable(type(error).__name__) from error
        if response.status_code != 200:
            raise _refusal(response)
        return dict(response.json())

    async def health(self) -> str:
        """The sha256 of the model that is loaded; raises ``EngineUnreachable``."""
        try:
            response = await self._http.get("/health", timeout=2.0)
        except httpx.HTTPError as error:
            raise EngineUnreachable(type(error).__name__) from error
        if response.status_code != 200:
            raise EngineUnreachable(f"health answered {response.status_code}")
        return str(response.json()["model"])

    async def close(self) -> None:
        await self._http.aclose()


def _result(response: httpx.Response, turn_id: str) -> TurnResult:
    try:
        result = TurnResult.model_validate_json(response.content)
    except ValidationError as error:
        raise EngineFailed("bad_answer", f"{error.error_count()} fields do not fit") from error
    if result.turn_id != turn_id:
        raise EngineFailed("bad_answer", "the answer belongs to another turn")
    if not result.replies and not result.commands:
        raise EngineFailed("turn_failed", "neither a reply nor a command")
    return result


def _refusal(response: httpx.Response) -> KefuError:
    try:
        problem = _Problem.model_validate_json(response.content)
    except ValidationError:
        problem = _Problem()
    code = problem.code
    # Not its title or detail: they may quote the shopper.
    detail = f"status {response.status_code} {problem.action}".strip()
    if response.status_code == 503:
        return EngineUnreachable(detail)
    if response.status_code == 409:
        return ModelMismatch(code, detail)
    return EngineFailed(code, detail)
