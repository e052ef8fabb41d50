"""What every request passes: size limit, security headers, foreign origins of the shopper API."""

from __future__ import annotations

import re

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kefu.attachments.errors import PictureTooLarge
from kefu.attachments.pictures import LARGEST_FILE
from kefu.problems import problem

LARGEST_BODY = 32 * 1024
# A picture of the largest size, with the form around it.
LARGEST_UPLOAD = LARGEST_FILE + 16 * 1024
UPLOADS = re.compile(
    r"/api/v1/(?:shopper/attachments|desk/conversations/[^/]+/attachments"
    r"|channels/webhook/[^/]+/images)"
)
# A training file, or an import, of the largest size.
LARGEST_TRAINING_FILE = 5 * 1024 * 1024
TRAINER = "/api/v1/trainer/"
# What a shop's own pages may call from their origins.
EMBEDDED_API = ("/api/v1/shopper", "/api/v1/profiles/")

# What no other page may show in a frame.
STAFF_PAGES = ("/desk", "/trainer", "/reports")

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {ancestors}"
)


class BodyLimit:
    """Refuses bodies over ``LARGEST_BODY`` bytes, also those that do not say their length.

    Pictures may have ``LARGEST_UPLOAD``, the trainer's files ``LARGEST_TRAINING_FILE``.

    FastAPI's own limit answers in plain text, not with a problem document.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        largest = _largest(scope["path"])
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > largest:
            await _refuse(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > largest:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


def _largest(path: str) -> int:
    if path.startswith(TRAINER):
        return LARGEST_TRAINING_FILE
    return LARGEST_UPLOAD if UPLOADS.fullmatch(path) else LARGEST_BODY


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if UPLOADS.fullmatch(scope["path"]):
        refusal = problem(413, PictureTooLarge.code, PictureTooLarge.title)
    else:
        refusal = problem(413, "too_large", "发送的内容太大了，请精简后重试。")
    await refusal(scope, receive, send)


class SecurityHeaders:
    """Headers for pages, data and the widget that other sites embed; a route may say otherwise."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        embedded = path == "/widget.js" or path.startswith("/assets/")
        ancestors = "'none'" if path.startswith(STAFF_PAGES) else "'self'"

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers.setdefault("Content-Security-Policy", _POLICY.format(ancestors=ancestors))
                if embedded:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                if path.startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class ShopperOrigins:
    """Lets the profiles' own pages call the shopper API; every other path stays same-origin.

    Here one brand's page is as good as another's, since a preflight names no profile: the routes
    refuse what is not the profile's own (``kefu.channels.callers``).
    """

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        self._app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shopper = scope["type"] == "http" and scope["path"].startswith(EMBEDDED_API)
        await (self._cors if shopper else self._app)(scope, receive, send)
