"""A client of each engine: one conversation, message after message, timed."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any, ClassVar

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


class Line:
    """A kept HTTP connection: the plain client costs little beside what is measured."""

    def __init__(self, port: int, path: str, headers: dict[str, str] | None = None) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.path = path
        self.headers = {"Content-Type": "application/json", **(headers or {})}

    def post(self, body: dict[str, Any]) -> tuple[int, Any]:
        self.connection.request("POST", self.path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


class StockTalk:
    """A conversation over Rasa's REST channel; the server keeps the tracker.

    ``silent`` counts the messages that were answered with 200 and an empty list.
    """

    silent: ClassVar[int] = 0

    @staticmethod
    def line(port: int) -> Line:
        return Line(port, "/webhooks/rest/webhook")

    def __init__(self, line: Line) -> None:
        self.line_ = line
        self.sender = uuid.uuid4().hex

    def say(self, text: str) -> float:
        """Milliseconds until the replies are there, decoded."""
        started = time.perf_counter()
        status, replies = self.line_.post({"sender": self.sender, "message": text})
        elapsed = (time.perf_counter() - started) * 1000
        if status != 200:
            raise SystemExit(f"stock Rasa answered {status}")
        StockTalk.silent += int(not replies)
        return elapsed


class EngineTalk:
    """A conversation with our engine; the client keeps the tracker, as the desk does."""

    @staticmethod
    def line(port: int) -> Line:
        return Line(port, "/turn", {"X-Kefu-Engine-Secret": SECRET})

    def __init__(self, line: Line) -> None:
        self.line_ = line
        self.conversation = uuid.uuid4().hex
        self.tracker: dict[str, Any] | None = None

    def say(self, text: str) -> float:
        """Milliseconds until the replies are there, tracker encoded and decoded."""
        started = time.perf_counter()
        status, answer = self.line_.post(turn_request(self.conversation, self.tracker, text))
        if status != 200:
            raise SystemExit(f"the engine answered {status}: {answer}")
        self.tracker = answer["tracker"]
        return (time.perf_counter() - started) * 1000
