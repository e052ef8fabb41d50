"""A shopper's app on a bad network: sends until it is answered, listens at either desk."""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from kefu.conversation import events
from tests.invariants import Client, Invariants

Json = dict[str, Any]
API = "/api/v1/shopper"
PATIENCE = 240.0


class Talker:
    """``client`` is what the checker needs to know of it; ``send_to``: the desks it writes to.

    ``returning``: number of an order and name of an item in it that ``account`` may return.
    """

    def __init__(
        self,
        bases: Sequence[str],
        truth: Invariants,
        chance: random.Random,
        account: str | None = None,
    ) -> None:
        self.client = Client("")
        self.send_to = list(bases)
        self._bases = list(bases)
        self._truth = truth
        self._chance = chance
        self.account = account
        self.returning = ("", "")
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(15, connect=5), trust_env=False)
        self.token = ""
        self._listening: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def __aenter__(self) -> Talker:
        body: Json = {"profile": "demo", "demo_account": self.account}
        session = await self._ask("POST", "/sessions", json=body)
        self.client.conversation_id = session["conversation_id"]
        self.token = session["session_token"]
        self._http.headers["Authorization"] = f"Bearer {self.token}"
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._http.aclose()

    @property
    def conversation_id(self) -> str:
        return self.client.conversation_id

    @property
    def view(self) -> Json:
        return self.client.view

    async def send(self, client_id: str | None = None, **content: str) -> int:
        """Send until it is accepted, at times once more; its ``seq``, the same each time."""
        body = {"client_message_id": client_id or uuid.uuid4().hex, **content}
        seq = (await self._ask("POST", "/messages", json=body))["seq"]
        if self._chance.random() < 0.2:
            again = (await self._ask("POST", "/messages", json=body))["seq"]
            assert again == seq, "the same message with another seq"
        known = self.client.accepted.setdefault(body["client_message_id"], seq)
        assert known == seq, "the same message with another seq"
        return seq

    async def say(self, text: str) -> list[Json]:
        """Send a text and wait for what comes back."""
        return await self.answer_to(await self.send(text=text))

    async def urge(self, order_number: str) -> None:
        """Ask that an order be shipped."""
        client_id = uuid.uuid4().hex
        self.client.urged[client_id] = order_number
        await self.send(client_id, text=f"订单{order_number}麻烦催一下发货")

    async def press(self, title: str) -> list[Json]:
        """Press the newest button whose title contains ``title``; what comes back."""
        for message in reversed(self.view["messages"]):
            for button in buttons_of(message):
                if title in button["title"]:
                    return await self.answer_to(await self.send(button=button["id"]))
        raise AssertionError(f"no button {title!r} in {self.view['messages'][-2:]}")

    async def answer_to(self, seq: int) -> list[Json]:
        """What the bot or the desk said behind ``seq``, once nothing is left to answer."""
        await self.quiet()
        said = self.view["messages"]
        return [each for each in said if each["seq"] > seq and each["from"] != "shopper"]

    async def quiet(self) -> None:
        """Wait until all is answered, by the database's word, and heard."""
        talk, end = [self.conversation_id], time.monotonic() + PATIENCE
        while await asyncio.to_thread(self._truth.unsettled, talk):
            assert time.monotonic() < end, f"still unanswered: {self.view['messages'][-3:]}"
            await asyncio.sleep(0.1)
        newest = await asyncio.to_thread(self._truth.last_seq, self.conversation_id)
        await self.until(lambda: self.view["last_seq"] >= newest)

    async def until(self, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait for events until ``holds``."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"not within {seconds} s: {self.view['messages'][-3:]}"
            assert self._listening
            if self._listening.done():
                self._listening.result()
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._news.wait()

    async def _ask(self, method: str, path: str, **more: Any) -> Json:
        """The answer of whichever desk gives one."""
        end = time.monotonic() + PATIENCE
        failure: object = None
        while time.monotonic() < end:
            base = self._chance.choice(self.send_to)
            try:
                answer = await self._http.request(method, f"{base}{API}{path}", **more)
            except httpx.TransportError as error:
                failure = error
            else:
                if answer.is_success:
                    return dict(answer.json())
                failure = answer.text
                assert answer.status_code in {429, 503}, failure
            await asyncio.sleep(self._chance.uniform(0.05, 0.5))
        raise AssertionError(f"{method} {path} in vain: {failure}")

    async def _listen(self) -> None:
        ways: list[Callable[[str], Awaitable[None]]] = [self._poll, self._hold_socket]
        while True:
            way, base = self._chance.choice(ways), self._chance.choice(self._bases)
            try:
                await way(base)
            except (httpx.TransportError, WebSocketException, OSError, TimeoutError):
                await asyncio.sleep(self._chance.uniform(0.05, 0.5))

    async def _poll(self, base: str) -> None:
        query = {"after": self.view["last_seq"], "wait": 2}
        answer = await self._http.get(f"{base}{API}/events", params=query)
        if answer.is_success:
            self._take(answer.json()["events"])
        else:
            await asyncio.sleep(0.2)

    async def _hold_socket(self, base: str) -> None:
        """Listen for a while, then cut the connection without a word."""
        url = f"{base.replace('http', 'ws', 1)}{API}/ws"
        async with connect(url, open_timeout=5, close_timeout=1) as socket:
            hello = {"session_token": self.token, "after": self.view["last_seq"]}
            await socket.send(json.dumps(hello))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._chance.uniform(0.5, 4)):
                    while True:
                        frame = json.loads(await socket.recv())
                        if "seq" in frame:
                            self._take([frame])
            socket.transport.abort()

    def _take(self, fresh: list[Json]) -> None:
        """Raises ``ValueError`` at a gap."""
        self.client.view = events.apply(self.view, fresh)
        self._news.set()


def buttons_of(message: Json) -> list[Json]:
    """The buttons of a message and of its cards."""
    of_cards = [button for card in message.get("cards", []) for button in card.get("buttons", [])]
    return [*message.get("buttons", []), *of_cards]
