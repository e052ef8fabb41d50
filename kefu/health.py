"""Whether the desk lives, and whether all its parts can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import httpx
import structlog
from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from kefu.channels.shopper import InRuntime
from kefu.errors import KefuError
from kefu.runtime import Runtime

DEADLINE = 3.0

log = structlog.get_logger("kefu.health")
router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(runtime: InRuntime) -> Response:
    """200 if database, engine, actions and shop answer; else 503 naming those that do not.

    Without Redis the desk is ready all the same, only slower: ``degraded``.
    """
    names = ("database", "engine", "actions", "shop")
    checks = (
        runtime.database.ping(),
        runtime.runner.check_engines(),
        _actions(runtime),
        asyncio.to_thread(runtime.shop.ping),
    )
    answers = await asyncio.gather(*(_answers(check) for check in checks))
    parts: dict[str, bool] = dict(zip(names, answers, strict=True))
    missing = [name for name, answer in parts.items() if not answer]
    degraded = ["redis"] if runtime.hints and not runtime.hints.arriving else []
    if runtime.hints:
        parts["redis"] = runtime.hints.arriving
    body = {
        "status": "unavailable" if missing else "degraded" if degraded else "ok",
        "missing": missing,
        "degraded": degraded,
        "parts": parts,
    }
    return JSONResponse(body, 503 if missing else 200)


async def _actions(runtime: Runtime) -> None:
    (await runtime.actions.get("/health")).raise_for_status()


async def _answers(check: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(DEADLINE):
            await check
    except (KefuError, httpx.HTTPError, TimeoutError) as error:
        log.info("not ready", error=type(error).__name__)
        return False
    return True
