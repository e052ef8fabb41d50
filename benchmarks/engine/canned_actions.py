"""An action server with one fixed line, so that only the engines are compared."""

from __future__ import annotations

import json
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

LINE = "您的包裹正在运输途中，预计明天送达。"


async def webhook(request: Request) -> JSONResponse:
    name = json.loads(await request.body())["next_action"]
    responses = [] if name.startswith("validate_") else [{"text": LINE}]
    return JSONResponse({"events": [], "responses": responses})


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


app = Starlette(
    routes=[Route("/webhook", webhook, methods=["POST"]), Route("/health", health)],
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
