"""The engine's only door, on 127.0.0.1 behind a secret: /turn, /parse, /explain, /health."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from kefu_engine import RASA_VERSION
from kefu_engine.errors import BadRequest, BodyTooLarge, EngineError, Loading, Unauthorised

if TYPE_CHECKING:
    from kefu_engine.action_call import ActionServer
    from kefu_engine.model import Model

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Kefu-Engine-Secret"  # noqa: S105 - the name of a header
MAX_BODY = 2 * 1024 * 1024
SHUTDOWN_SECONDS = 15
_GENTLE = 15
_WARM_UP = (
    "你好",
    "我的订单KF20261108004217到哪了，什么时候能送到？",
    "想退货，钱多久能退回来",
    "转人工",
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Engine:
    """What the routes work with; ``model`` is ``None`` until it is loaded.

    ``failure`` holds why the model could not be loaded, for the process to end with. ``gently``
    loads it behind everything else that the machine does.
    """

    secret: str
    model_path: Path
    actions_url: str
    action_deadline: float
    gently: bool = False
    model: Model | None = None
    actions: ActionServer | None = None
    failure: EngineError | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def loaded(self) -> tuple[Model, ActionServer]:
        if self.model is None or self.actions is None:
            raise Loading("the model is being loaded")
        return self.model, self.actions


ENGINE = web.AppKey("engine", Engine)


def application(engine: Engine) -> web.Application:
    """The routes; the model is loaded in the background once the application starts."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_problems])
    app[ENGINE] = engine
    app.cleanup_ctx.append(_loading)
    app.router.add_post("/turn", _turn)
    app.router.add_post("/parse", _parse)
    app.router.add_post("/explain", _explain)
    app.router.add_get("/health", _health)
    return app


def serve(engine: Engine, port: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish the turns that run.

    Raises the ``EngineError`` for which the model could not be loaded.
    """
    import uvloop

    web.run_app(
        application(engine),
        host="127.0.0.1",
        port=port,
        shutdown_timeout=SHUTDOWN_SECONDS,
        access_log=None,
        print=None,
        loop=uvloop.new_event_loop(),
    )
    if engine.failure:
        raise engine.failure


async def _health(request: web.Request) -> web.Response:
    model, _ = request.app[ENGINE].loaded()
    return web.json_response({"status": "ok", "model": model.sha256, "rasa": RASA_VERSION})


async def _turn(request: web.Request) -> web.Response:
    from kefu_engine import turn

    engine = request.app[ENGINE]
    _authorise(request, engine.secret)
    model, actions = engine.loaded()
    asked = turn.TurnRequest.read(await _body(request))
    fields = {
        "turn_id": asked.turn_id,
        "conversation_id": asked.conversation_id,
        "profile": asked.profile,
        "attempt": asked.attempt,
    }
    started = time.perf_counter()
    try:
        answer = await turn.run(model, actions, asked)
    except EngineError as error:
        _log_failure(error, {**fields, "ms": _milliseconds_since(started)})
        raise
    logger.info(
        "turn",
        extra={
            "fields": {
                **fields,
                "ms": _milliseconds_since(started),
                "intent": answer["parse"]["intent"].get("name"),
                "actions": answer["actions"],
                "events": len(answer["tracker"]["events"]),
            }
        },
    )
    return _json(answer)


async def _parse(request: web.Request) -> web.Response:
    """How a text is understood. No action runs, and no rule is looked at."""
    from kefu_engine import understanding

    engine = request.app[ENGINE]
    _authorise(request, engine.secret)
    model, _ = engine.loaded()
    asked = understanding.ParseRequest.read(await _body(request))
    return _json(understanding.run(model, asked))


async def _explain(request: web.Request) -> web.Response:
    """Why the model takes a text for what it does."""
    from kefu_engine.explanation import explain_text

    engine = request.app[ENGINE]
    _authorise(request, engine.secret)
    model, _ = engine.loaded()
    body = await _body(request)
    text = body.get("text") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise BadRequest("text is missing")
    try:
        found = await asyncio.to_thread(explain_text, model, text)
    except LookupError as error:
        raise BadRequest("the model's pipeline cannot be explained") from error
    return _json({"model": model.sha256, **found.as_dict()})


def _authorise(request: web.Request, secret: str) -> None:
    given = request.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), secret.encode()):
        raise Unauthorised("the engine secret is missing or wrong")


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge as error:
        raise BodyTooLarge(f"the body is over {MAX_BODY} bytes") from error
    except (ValueError, RecursionError) as error:
        raise BadRequest("the body is not JSON") from error


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure leaves as a problem document."""
    try:
        return await handler(request)
    except EngineError as error:
        return _problem(error.as_problem())
    except web.HTTPException as error:
        return _problem(
            {"type": "about:blank", "status": error.status, "code": "bad_request",
             "title": BadRequest.title, "detail": error.reason}
        )  # fmt: skip
    except Exception:
        logger.exception("the engine has a bug")
        return _problem(EngineError("an unexpected error, see the engine's log").as_problem())


def _problem(problem: dict[str, Any]) -> web.Response:
    return _json(problem, status=problem["status"], content_type="application/problem+json")


def _json(body: Any, status: int = 200, content_type: str = "application/json") -> web.Response:
    data = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=data, status=status, content_type=content_type, charset="utf-8")


def _log_failure(error: EngineError, fields: dict[str, Any]) -> None:
    logger.warning(
        "turn failed",
        extra={"fields": {**fields, "code": error.code, "detail": error.detail}},
        exc_info=error,
    )


def _milliseconds_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


async def _loading(app: web.Application) -> AsyncIterator[None]:
    engine = app[ENGINE]
    task = asyncio.create_task(_load(engine))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    if engine.actions:
        await engine.actions.close()


async def _load(engine: Engine) -> None:
    started = time.perf_counter()
    try:
        engine.model = await _in_own_thread(engine)
    except EngineError as error:
        engine.failure = error
        # The same way out as an operator's: aiohttp closes down, then `serve` raises the failure.
        signal.raise_signal(signal.SIGTERM)
        return
    from kefu_engine.action_call import ActionServer

    engine.actions = ActionServer(engine.actions_url, engine.action_deadline)
    fields = {"model": engine.model.sha256, "ms": _milliseconds_since(started)}
    logger.info("ready", extra={"fields": fields})
    engine.ready.set()


async def _in_own_thread(engine: Engine) -> Model:
    before = _give_way if engine.gently else None
    pool = ThreadPoolExecutor(1, "load", initializer=before)
    try:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, _load_model, engine.model_path)
    finally:
        pool.shutdown(wait=False)


def _give_way() -> None:
    """Let shoppers' turns on other engines go first; on Linux a priority is a thread's own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _GENTLE)


def _load_model(path: Path) -> Model:
    from kefu_engine import logs, model

    # Rasa warns with the values of slots.
    warnings.filterwarnings("ignore")
    loaded = model.load(path)
    # Reading Rasa's modules resets what structlog writes.
    logs.configure()
    _warm_up(loaded)
    return loaded


def _warm_up(loaded: Model) -> None:
    """Have everything in memory that a message needs, before the first shopper's comes."""
    from kefu_engine.processor import parse

    for text in _WARM_UP:
        parse(loaded, text, {})
