"""A client of each engine: one conversation, message after message, timed."""

from __future__ import annotations

import time
import uuid
from typing import Any, ClassVar

import httpx

SECRET = "benchmark"


def turn_request(conversation: str, tracker: dict[str, Any] | None, text: str) -> dict[str, Any]:
    return {
        "turn_id": uuid.uuid4().hex,
        "conversation_id": conversation,
        "attempt": 1,
        "profile": "demo",
        "now": "2026-11-08T12:00:00+08:00",
        "model": None,
        "tracker": tracker,
        "message": {"text": text},
        "turn_token": "benchmark",
        "context": {},
        "thresholds": None,
        "masked_intents": [],
        "deadline": 60.0,
    }


class StockTalk:
    """A conversation over Rasa's REST channel; the server keeps the tracker.

    ``silent`` counts the messages that were answered with 200 and an empty list.
    """

    silent: ClassVar[int] = 0

    def __init__(self, client: httpx.AsyncClient, port: int) -> None:
        self.client = client
        self.url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        self.sender = uuid.uuid4().hex

    async def say(self, text: str) -> float:
        """Milliseconds until the replies are there."""
        started = time.perf_counter()
        body = {"sender": self.sender, "message": text}
        answer = await self.client.post(self.url, json=body)
        elapsed = (time.perf_counter() - started) * 1000
        StockTalk.silent += int(not answer.json())
        return elapsed


class EngineTalk:
    """A conversation with our engine; the client keeps the tracker, as the desk does."""

    def __init__(self, client: httpx.AsyncClient, port: int) -> None:
        self.client = client
        self.url = f"http://127.0.0.1:{port}/turn"
        self.conversation = uuid.uuid4().hex
        self.tracker: dict[str, Any] | None = None

    async def say(self, text: str) -> float:
        """Milliseconds until the replies are there, tracker decoded."""
        started = time.perf_counter()
        body = turn_request(self.conversation, self.tracker, text)
        answer = await self.client.post(
            self.url, json=body, headers={"X-Kefu-Engine-Secret": SECRET}
        )
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(f"the engine answered {answer.status_code}: {answer.text}")
        self.tracker = answer.json()["tracker"]
        return (time.perf_counter() - started) * 1000
