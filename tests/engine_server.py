"""An engine for tests: a real HTTP server on a socket that speaks the turn protocol as scripted."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

Json = dict[str, Any]
MODEL = "a" * 64


class Refuse(Exception):
    """Answer with a problem document."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.problem = {"status": status, "code": code, "title": "", "detail": "", **more}


class Drop(Exception):
    """Cut the connection without an answer, as a killed process does."""


def answer(request: Json, *replies: str, commands: list[Json] | None = None, **more: Any) -> Json:
    """A 200: the tracker grows by one event per turn, the reply echoes by default."""
    message = request["message"]
    said = message.get("text") or f"/{message['intent']}{message['entities']}"
    events = [*(request["tracker"] or {"events": []})["events"], {"event": "user", "text": said}]
    texts = replies or ((f"echo {said}",) if not commands else ())
    return {
        "turn_id": request["turn_id"],
        "model": MODEL,
        "tracker": {"events": events},
        "replies": [{"text": text, "buttons": [], "cards": []} for text in texts],
        "commands": commands or [],
        "parse": {"text": said, "intent": {"name": "greet", "confidence": 0.9}},
        "actions": ["utter_echo"],
        "active_loop": None,
        **more,
    }


async def echo(request: Json) -> Json:
    return answer(request)


def understood(intent: str, confidence: float = 0.9) -> Callable[[Json], Json]:
    """Reads this intent in every text."""
    return lambda request: {
        "text": request["text"],
        "intent": {"name": intent, "confidence": confidence},
    }


class EngineServer:
    """``behave`` decides on each turn; ``requests`` are all that came, in order.

    ``understand`` answers what is only to be parsed; ``parsed`` are those requests.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.behave: Callable[[Json], Awaitable[Json]] = echo
        self.requests: list[Json] = []
        self.understand: Callable[[Json], Json] = understood("greet")
        self.parsed: list[Json] = []
        self.model = MODEL
        self.running = 0
        self.most_running = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def kill(self) -> None:
        """Close the port and cut every connection; ``start`` takes the same port again."""
        server, self._server = self._server, None
        if server:
            server.close()
        # One that was accepted a moment ago is among the writers only in a turn of the loop.
        await asyncio.sleep(0)
        for writer in tuple(self._writers):
            writer.transport.abort()
        others = [talk for talk in self._talks if talk is not asyncio.current_task()]
        for talk in others:
            talk.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def texts(self) -> list[str]:
        return [request["message"].get("text", "") for request in self.requests]

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        talk = cast("asyncio.Task[Any]", asyncio.current_task())
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.split("\r\n")
        headers = {k.lower(): v for k, v in (item.split(": ", 1) for item in rest if item)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        try:
            status, content = 200, await self._answer(line, headers, body)
        except Refuse as refusal:
            status, content = refusal.status, refusal.problem
        except Drop:
            writer.transport.abort()
            return False
        payload = json.dumps(content, ensure_ascii=False).encode()
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(payload)}\r\n\r\n".encode())
        writer.write(payload)
        await writer.drain()
        return True

    async def _answer(self, line: str, headers: dict[str, str], body: bytes) -> Json:
        if line.startswith("GET /health"):
            return {"status": "ok", "model": self.model, "rasa": "3.6.21"}
        if line.startswith("POST /explain"):
            evidence = [{"text": "发票", "weight": 1.5}]
            near = [{"text": "开个发票呗", "intent": "invoice", "similarity": 0.6}]
            told = {"intent": "invoice", "evidence": evidence, "neighbours": near}
            return {"model": self.model, **told}
        if headers.get("x-kefu-engine-secret") != self.secret:
            raise Refuse(401, "unauthorised")
        request = json.loads(body)
        if line.startswith("POST /parse"):
            self.parsed.append(request)
            return {"model": self.model, "parse": self.understand(request)}
        assert line.startswith("POST /turn"), line
        self.requests.append(request)
        if request["model"] not in (None, self.model):
            raise Refuse(409, "model_mismatch")
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return {**await self.behave(request), "model": self.model}
        finally:
            self.running -= 1


@contextmanager
def serving() -> Generator[int]:
    """An engine for what has an event loop of its own; its port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    engine = EngineServer("")
    try:
        asyncio.run_coroutine_threadsafe(engine.start(), loop).result()
        yield engine.port
        asyncio.run_coroutine_threadsafe(engine.kill(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
