"""A desk on a real port, and shoppers and agents who talk to it."""

from __future__ import annotations

import asyncio
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI

from kefu.app import DeskServer, create_app
from kefu.conversation import events
from kefu.conversation.runner import Patience
from kefu.runtime import Runtime
from kefu.settings import Settings

Json = dict[str, Any]


@dataclass
class Desk:
    base: str
    app: FastAPI
    server: DeskServer
    serving: asyncio.Task[None]
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def runtime(self) -> Runtime:
        return self.app.state.runtime

    async def stop(self) -> None:
        self.server.should_exit = True
        await self.serving

    def client(self, **options: Any) -> httpx.AsyncClient:
        client = httpx.AsyncClient(
            base_url=self.base,
            timeout=30,
            trust_env=False,
            verify=False,  # Plain HTTP: loading certificates would take longer than the asking.
            **options,
        )
        self._clients.append(client)
        return client

    async def shopper(self, **body: Any) -> Shopper:
        client = self.client()
        response = await client.post("/api/v1/shopper/sessions", json={"profile": "demo", **body})
        assert response.status_code == 200, response.text
        session = response.json()
        client.headers["Authorization"] = f"Bearer {session['session_token']}"
        return Shopper(client, session)


@dataclass
class Shopper:
    """``view`` is what a client shows, kept up to date from events alone."""

    client: httpx.AsyncClient
    session: Json
    view: Json = field(default_factory=lambda: {"state": "bot", "last_seq": 0, "messages": []})

    @property
    def conversation_id(self) -> str:
        return self.session["conversation_id"]

    async def post(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        body = {"client_message_id": client_message_id or uuid.uuid4().hex, "text": text}
        return await self.client.post("/api/v1/shopper/messages", json=body)

    async def say(self, text: str) -> int:
        response = await self.post(text)
        assert response.status_code == 202, response.text
        return response.json()["seq"]

    async def press(self, button_id: str) -> httpx.Response:
        body = {"client_message_id": uuid.uuid4().hex, "button": button_id}
        return await self.client.post("/api/v1/shopper/messages", json=body)

    async def read(self, wait: float = 0) -> list[Json]:
        query = {"after": self.view["last_seq"], "wait": wait}
        response = await self.client.get("/api/v1/shopper/events", params=query)
        assert response.status_code == 200, response.text
        found = response.json()["events"]
        self.view = events.apply(self.view, found)
        return found

    async def until(self, done: Callable[[Json], bool], seconds: float = 30) -> Json:
        """Read events until the view satisfies ``done``."""
        end = time.monotonic() + seconds
        while not done(self.view):
            assert time.monotonic() < end, f"not within {seconds} s: {self.view}"
            await self.read(wait=0.5)
        return self.view

    async def until_said(self, text: str, seconds: float = 30) -> Json:
        return await self.until(lambda view: any(text in t for t in texts(view)), seconds)

    async def until_state(self, state: str, seconds: float = 30) -> Json:
        return await self.until(lambda view: view["state"] == state, seconds)


def texts(view: Json, *senders: str) -> list[str]:
    """What was said, optionally by these senders only."""
    return [
        message["text"] or ""
        for message in view["messages"]
        if not senders or message["from"] in senders
    ]


async def agent(desk: Desk, username: str, password: str) -> httpx.AsyncClient:
    """A logged-in agent's browser."""
    client = desk.client()
    response = await client.post(
        "/api/v1/desk/login", json={"username": username, "password": password}
    )
    assert response.status_code == 200, response.text
    client.headers["X-CSRF-Token"] = response.json()["csrf_token"]
    return client


@asynccontextmanager
async def run_desk(settings: Settings, patience: Patience) -> AsyncIterator[Desk]:
    app = create_app(settings, patience=patience)
    listener = socket.create_server(("127.0.0.1", 0))
    server = DeskServer(app)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        assert not serving.done(), serving
        await asyncio.sleep(0.01)
    desk = Desk(f"http://127.0.0.1:{listener.getsockname()[1]}", app, server, serving)
    try:
        yield desk
    finally:
        await desk.stop()
        for client in desk._clients:
            await client.aclose()
        listener.close()
