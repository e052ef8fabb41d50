"""The action server over HTTP: the protocol of Rasa's action server, behind the signed turn token.

rasa-sdk's own Sanic application listens on every interface, answers any origin and puts the whole
request body into error answers and logs. This one listens where it is told, asks for the token
and keeps a call's content to itself.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, ClassVar, cast

from rasa_sdk.executor import (  # pyright: ignore[reportMissingTypeStubs]
    ActionExecutor,
    ActionExecutorRunResult,
)
from rasa_sdk.interfaces import (  # pyright: ignore[reportMissingTypeStubs]
    ActionExecutionRejection,
    ActionNotFoundException,
)
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.base import KefuAction, Services
from actions.registry import ACTIONS
from actions.titles import current_intents
from actions.turn import current_claims
from kefu import turn_token
from kefu.background import Background
from kefu.errors import KefuError
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.read_only import only_looking

log = logging.getLogger("kefu.actions")

RunAction = Callable[[dict[str, Any]], Coroutine[Any, Any, ActionExecutorRunResult | None]]


class ActionDeadlineExceeded(KefuError):
    """The action did not answer in time."""

    code: ClassVar[str] = "deadline_exceeded"
    title: ClassVar[str] = "处理超时，请稍后再试。"
    status: ClassVar[int] = 504


class BadActionCall(KefuError):
    """The body is not an action call."""

    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "请求格式不正确。"
    status: ClassVar[int] = 400


class ActionFailed(KefuError):
    """The action ended with an exception."""

    code: ClassVar[str] = "action_failed"
    title: ClassVar[str] = "系统出了点问题，请稍后再试。"
    status: ClassVar[int] = 500


def build_executor(
    services: Services, actions: tuple[type[KefuAction], ...] = ACTIONS
) -> ActionExecutor:
    """rasa-sdk's executor with our actions, registered one by one."""
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action(services))
    return executor


def create_app(
    services: Services,
    *,
    deadline: float,
    actions: tuple[type[KefuAction], ...] = ACTIONS,
    beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> Starlette:
    """The ASGI application; ``deadline`` is in seconds for one action, ``beside`` runs with it."""
    executor = build_executor(services, actions)
    looking = build_executor(replace(services, shop=only_looking(services.shop)), actions)

    async def webhook(request: Request) -> Response:
        token = request.headers.get(turn_token.HEADER)
        claims = turn_token.verify(token, services.key)
        call = await _read_call(request)
        current_claims.set(claims)
        current_intents.set(services.intents.of(claims.model))
        return await _answer(looking if claims.looking else executor, call, deadline)

    async def health(request: Request) -> Response:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(services.pool, services.shop.ping)
        except ShopUnavailable:
            return JSONResponse({"status": "ok", "shop": "unavailable"})
        return JSONResponse({"status": "ok", "shop": "ok"})

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        background = Background()
        if beside:
            background.start(beside())
        yield
        await background.stop()
        services.pool.shutdown(wait=False, cancel_futures=True)

    return Starlette(
        routes=[
            Route("/webhook", webhook, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ],
        exception_handlers={KefuError: _problem},
        lifespan=lifespan,
    )


async def _read_call(request: Request) -> dict[str, Any]:
    try:
        call: Any = await request.json()
    except ValueError as error:
        raise BadActionCall("the body is not JSON") from error
    match call:
        case {"next_action": str(), "tracker": {"sender_id": str()}}:
            # rasa-sdk answers 449 to a call without a domain; an empty one is as good.
            return {**call, "domain": call.get("domain") or {}}
        case _:
            raise BadActionCall("next_action and tracker are required")


async def _answer(executor: ActionExecutor, call: dict[str, Any], deadline: float) -> Response:
    name = str(call["next_action"])
    run = cast("RunAction", executor.run)  # pyright: ignore[reportUnknownMemberType]
    try:
        result = await asyncio.wait_for(run(call), deadline)
    except ActionExecutionRejection as rejection:
        return _refusal(400, rejection.message, rejection.action_name)
    except ActionNotFoundException as missing:
        return _refusal(404, missing.message, missing.action_name)
    except TimeoutError as error:
        log.warning("action %s exceeded its deadline of %.1f s", name, deadline)
        raise ActionDeadlineExceeded(name) from error
    except Exception as error:
        _log_failure(name, error)
        raise ActionFailed(f"{name}: {type(error).__name__}") from error
    return JSONResponse(result.model_dump() if result else None)


def _refusal(status: int, error: str, action: str) -> Response:
    return JSONResponse({"error": error, "action_name": action}, status_code=status)


def _log_failure(name: str, error: Exception) -> None:
    """Log where it broke, not the exception's own text: that may quote a shopper."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    detail = error.detail if isinstance(error, KefuError) else ""
    log.error("action %s failed with %s %s\n%s", name, type(error).__name__, detail, frames)


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, KefuError)
    return JSONResponse(
        error.as_problem(), status_code=error.status, media_type="application/problem+json"
    )
