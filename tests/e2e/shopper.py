"""A shopper on the public API, as an app would be."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

Event = dict[str, Any]
Open = Callable[..., "Shopper"]


class Shopper:
    """Opens a conversation and talks; ``events`` holds all that were delivered, in order."""

    def __init__(
        self, base_url: str, account: str | None = None, resume: str | None = None, **context: str
    ) -> None:
        self.http = httpx.Client(base_url=f"{base_url}/api/v1/shopper", timeout=40)
        body: dict[str, Any] = {"profile": "demo", "context": context}
        if account:
            body["demo_account"] = account
        if resume:
            body["resume_token"] = resume
        answer = self.http.post("/sessions", json=body)
        answer.raise_for_status()
        self.session = answer.json()
        self.http.headers["Authorization"] = f"Bearer {self.session['session_token']}"
        self.events: list[Event] = []

    def close(self) -> None:
        self.http.close()

    @property
    def last_seq(self) -> int:
        return self.events[-1]["seq"] if self.events else 0

    def post(self, client_message_id: str | None = None, **content: str) -> httpx.Response:
        body = {"client_message_id": client_message_id or uuid.uuid4().hex, **content}
        return self.http.post("/messages", json=body)

    def read(self, wait: float = 0) -> list[Event]:
        answer = self.http.get("/events", params={"after": self.last_seq, "wait": wait})
        answer.raise_for_status()
        new: list[Event] = answer.json()["events"]
        for event in new:
            assert event["seq"] == self.last_seq + 1, "a gap or a repeat in the events"
            self.events.append(event)
        return new

    def read_until(self, done: Callable[[Event], bool], seconds: float = 30) -> list[Event]:
        """Read until an event satisfies ``done``; the events read."""
        end = time.monotonic() + seconds
        fresh: list[Event] = []
        while time.monotonic() < end:
            try:
                fresh += self.read(wait=1)
            except httpx.TransportError:
                time.sleep(0.2)
            if any(done(event) for event in fresh):
                return fresh
        raise AssertionError(f"nothing of the kind within {seconds} s; read: {fresh}")

    def say(self, text: str, seconds: float = 30) -> list[Event]:
        """Send a text and return what came back for it (own echo left out)."""
        return self._turn(seconds, text=text)

    def press(self, title: str, seconds: float = 30) -> list[Event]:
        """Press the newest button whose title contains ``title``."""
        for event in reversed(self.events):
            for button in buttons_of(event):
                if title in button["title"]:
                    return self._turn(seconds, button=button["id"])
        raise AssertionError(f"no button {title!r} in {self.events[-3:]}")

    def _turn(self, seconds: float, **content: str) -> list[Event]:
        self.read()
        answer = self.post(**content)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        fresh = self.read_until(is_answer, seconds)
        return [event for event in fresh if event.get("from") != "shopper"]


def is_answer(event: Event) -> bool:
    return event["type"] == "state" or event.get("from") in {"bot", "system", "agent"}


def buttons_of(event: Event) -> list[dict[str, str]]:
    """The buttons of an event and of its cards."""
    found = list(event.get("buttons") or [])
    for card in event.get("cards") or []:
        found += card.get("buttons") or []
    return found


def texts(events: list[Event]) -> str:
    return "\n".join(event.get("text") or "" for event in events)


def cards(events: list[Event], kind: str) -> list[dict[str, Any]]:
    return [c for event in events for c in event.get("cards") or [] if c["type"] == kind]
