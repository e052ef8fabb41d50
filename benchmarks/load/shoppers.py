"""Shoppers of Kefu's own API: one message after another, timed until the bot's answer."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect

Json = dict[str, Any]
API = "/api/v1/shopper"
# Longer than any turn may take: who is not answered then never will be.
PATIENCE = 30.0

# What is said, in turn; half of it needs a custom action, some of that the shop's orders.
TEXTS = (
    "你好",
    "我的快递到哪了",
    "谢谢",
    "退款什么时候到账",
    "你是机器人吗",
    "付款一直失败",
    "会员有什么用",
    "查一下我的订单",
)


class Shopper(Protocol):
    """Says one thing after another. ``way`` names the channel."""

    way: str

    async def say(self, text: str) -> float | None:
        """Seconds from sending to having read the first answer; ``None``: there was none."""
        ...


class Refused(Exception):
    """The desk did not accept a message; the status and code it gave."""


def line() -> httpx.AsyncClient:
    """One connection pool for all shoppers of a run."""
    # A server closes what was quiet for five seconds: none may be taken just then.
    limits = httpx.Limits(
        max_connections=None, max_keepalive_connections=None, keepalive_expiry=2.0
    )
    return httpx.AsyncClient(limits=limits, timeout=60, trust_env=False)


async def ask(http: httpx.AsyncClient, method: str, url: str, **more: Any) -> httpx.Response:
    """The answer; a request whose connection broke is sent once more, as an app would do."""
    try:
        return await http.request(method, url, **more)
    except httpx.TransportError:
        return await http.request(method, url, **more)


class Address:
    """Where each shopper comes from, as a proxy in front would say: everyone from their own."""

    _number = 0

    @classmethod
    def fresh(cls) -> dict[str, str]:
        cls._number += 1
        number = cls._number
        return {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}


async def open_session(http: httpx.AsyncClient, base: str, account: str | None = None) -> Json:
    """The opened session, with the ``headers`` of its shopper."""
    headers = Address.fresh()
    body = {"profile": "demo", "demo_account": account}
    answer = await ask(http, "POST", f"{base}{API}/sessions", json=body, headers=headers)
    answer.raise_for_status()
    session: Json = answer.json()
    token = {"Authorization": f"Bearer {session['session_token']}"}
    return {**session, "headers": {**headers, **token}}


def is_answer(event: Json) -> bool:
    return event["type"] == "state" or event.get("from") in {"bot", "system"}


class RestShopper:
    """Posts a message and polls for what comes."""

    way = "REST"

    def __init__(self, http: httpx.AsyncClient, base: str, session: Json) -> None:
        self._http = http
        self._url = f"{base}{API}"
        self._headers: dict[str, str] = session["headers"]
        self._seen: int = session["last_seq"]

    async def say(self, text: str) -> float | None:
        began = time.perf_counter()
        body = {"client_message_id": uuid.uuid4().hex, "text": text}
        answer = await ask(
            self._http, "POST", f"{self._url}/messages", json=body, headers=self._headers
        )
        if answer.status_code != 202:
            raise Refused(f"{answer.status_code} {answer.json().get('code')}")
        seq = answer.json()["seq"]
        while time.perf_counter() - began < PATIENCE:
            query = {"after": self._seen, "wait": 10}
            found = await self._http.get(f"{self._url}/events", params=query, headers=self._headers)
            found.raise_for_status()
            events = found.json()["events"]
            if events:
                self._seen = events[-1]["seq"]
            if any(event["seq"] > seq and is_answer(event) for event in events):
                return time.perf_counter() - began
        return None


class SocketShopper:
    """Sends and hears over one WebSocket."""

    way = "WebSocket"

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, base: str, session: Json) -> SocketShopper:
        return cls(await open_socket(base, session))

    async def say(self, text: str) -> float | None:
        began, client_id, heard = time.perf_counter(), uuid.uuid4().hex, False
        message = {"type": "message", "client_message_id": client_id, "text": text}
        await self._socket.send(json.dumps(message))
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    frame: Json = json.loads(await self._socket.recv())
                    if frame["type"] == "error":
                        raise Refused(str(frame["problem"].get("code")))
                    if "seq" not in frame or frame["type"] == "ack":
                        continue
                    if heard and is_answer(frame):
                        return time.perf_counter() - began
                    heard = heard or frame.get("client_message_id") == client_id
        except TimeoutError:
            return None


async def open_socket(base: str, session: Json) -> ClientConnection:
    """A greeted WebSocket that follows the session's conversation from here on."""
    socket = await connect(
        f"{base.replace('http', 'ws', 1)}{API}/ws",
        additional_headers={"X-Forwarded-For": session["headers"]["X-Forwarded-For"]},
        open_timeout=60,
        compression=None,
        proxy=None,
    )
    hello = {"session_token": session["session_token"], "after": session["last_seq"]}
    await socket.send(json.dumps(hello))
    return socket
