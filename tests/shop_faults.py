"""What stands before the shop's service in tests: the signature check, a record, and trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as AsgiMessage

from tests.shop_signatures import Message, SignatureCheck, SignatureRefused

PREFIX = "/shop"
JSON = "application/json"


@dataclass
class Exchange:
    """One request and its answer, as they went over the line."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    media_type: str = ""
    answer: bytes = b""


@dataclass
class Gate:
    """An ASGI application that lets only Kefu's requests through to ``app``, under ``/shop``.

    ``trouble`` befalls the next answers, one each; ``always`` befalls all others. They are: hang
    (no answer until the client has gone), trickle (a byte every 0.1 s), lost (the work is done,
    then the answer breaks off), close (the connection ends without a word after the answer), and
    those of ``_ANSWERS`` instead of the service's own.
    """

    app: ASGIApp
    signatures: SignatureCheck
    always: str = ""
    trouble: list[str] = field(default_factory=list[str])
    seen: list[Exchange] = field(default_factory=list[Exchange])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        exchange = _exchange(scope, body)
        trouble = self.trouble.pop(0) if self.trouble else self.always
        if trouble == "hang":
            await receive()
            return
        if trouble == "trickle":
            await _trickle(send)
            return
        if trouble in _ANSWERS:
            await _answer(send, *_ANSWERS[trouble])
            return
        try:
            self.signatures.check(_message(scope), body)
        except SignatureRefused as error:
            problem = json.dumps(error.as_problem()).encode()
            exchange.status, exchange.media_type = error.status, "application/problem+json"
            exchange.answer = problem
            self.seen.append(exchange)
            await _answer(send, error.status, exchange.media_type, problem)
            return
        await self._serve(scope, exchange, send, lost=trouble == "lost")
        if trouble == "close":
            raise ConnectionAbortedError("the service ends the connection")

    async def _serve(self, scope: Scope, exchange: Exchange, send: Send, *, lost: bool) -> None:
        sent: list[AsgiMessage] = []

        async def receive() -> AsgiMessage:
            return {"type": "http.request", "body": exchange.body, "more_body": False}

        async def keep(message: AsgiMessage) -> None:
            sent.append(message)

        path = scope["path"].removeprefix(PREFIX)
        await self.app({**scope, "path": path, "raw_path": path.encode()}, receive, keep)
        start = next(each for each in sent if each["type"] == "http.response.start")
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        exchange.status = start["status"]
        exchange.media_type = headers.get("content-type", "")
        exchange.answer = b"".join(each.get("body", b"") for each in sent)
        self.seen.append(exchange)
        if lost:
            await send(start)
            await send({"type": "http.response.body", "body": b"{", "more_body": True})
            return
        for message in sent:
            await send(message)


_ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "http_500": (500, "text/html", b"<h1>Internal Server Error</h1>"),
    "http_404": (404, "text/html", b"<h1>Not Found</h1>"),
    "problem_500": (500, "application/problem+json", b'{"status": 500, "code": "x", "title": ""}'),
    "garbage": (200, JSON, b"{]"),
    "page": (200, "text/html", b"<h1>maintenance</h1>"),
    "wrong_schema": (200, JSON, b'{"order_number": 13900005678, "total": "100.00"}'),
    "no_list": (200, JSON, b'{"orders": null}'),
    "huge": (200, JSON, b'["' + b"x" * 3_000_000 + b'"]'),
    "deep": (409, "application/problem+json", b"[" * 100_000),
    "empty": (204, "", b""),
    "bad_problem": (409, "application/problem+json", b'{"code": "rule_refused"}'),
    "allowed_refusal": (
        409,
        "application/problem+json",
        b'{"status": 409, "code": "rule_refused", "title": "", "verdict": {"allowed": true}}',
    ),
    "redirect": (307, "text/plain", b""),
    "read_only": (
        409,
        "application/problem+json",
        b'{"status": 409, "code": "shop_read_only", "title": "read only"}',
    ),
}


async def _answer(send: Send, status: int, media_type: str, body: bytes) -> None:
    headers = [(b"content-type", media_type.encode()), (b"location", b"/shop/v1/elsewhere")]
    if status != 204:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _trickle(send: Send) -> None:
    headers = [(b"content-type", JSON.encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(100):
        await asyncio.sleep(0.1)
        await send({"type": "http.response.body", "body": b" ", "more_body": True})


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Repeated headers make one value, as HTTP has it."""
    headers: dict[str, Any] = {}
    for name, value in pairs:
        headers.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return {name: ", ".join(values) for name, values in headers.items()}


def _message(scope: Scope) -> Message:
    headers = _headers(scope["headers"])
    query = scope["query_string"].decode()
    url = f"{scope['scheme']}://{headers['host']}{scope['raw_path'].decode()}"
    return Message(scope["method"], f"{url}?{query}" if query else url, headers)


def _exchange(scope: Scope, body: bytes) -> Exchange:
    return Exchange(
        method=scope["method"],
        path=scope["path"].removeprefix(PREFIX),
        query=scope["query_string"].decode(),
        headers=_headers(scope["headers"]),
        body=body,
    )
