"""Stock Rasa under the same shoppers: its REST and socketio channels, its in-memory tracker store.

It answers custom actions with one fixed line (``benchmarks.engine.canned_actions``) and keeps no
rows at all, which is to its advantage.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.engine import compare
from benchmarks.engine.servers import ROOT, Server, action_server, stock_server
from benchmarks.load.shoppers import PATIENCE, Shopper

WORK = ROOT / ".kefu" / "bench"
SAMPLE_PER_INTENT = 20
CHANNELS = "channels.yml"


def model() -> Path:
    """The project with stock Rasa's model of the sample; trained where there is none yet."""
    project = WORK / "sample"
    if not (project / "models/stock.tar.gz").exists():
        WORK.mkdir(parents=True, exist_ok=True)
        compare.lay_out(project, SAMPLE_PER_INTENT)
        compare.say("Training the stock model on the sample (DIET and TED; takes minutes)")
        compare.train_stock(project)
    (project / CHANNELS).write_text("rest:\nsocketio:\n  session_persistence: false\n")
    return project


@contextmanager
def stock_served(project: Path) -> Iterator[tuple[Server, Server]]:
    """Plain ``rasa run``, and the action server it calls."""
    actions = action_server(compare.ACTIONS_PORT)
    try:
        archive = project / "models/stock.tar.gz"
        server = stock_server(archive, project, compare.STOCK_PORT, CHANNELS)
        try:
            yield server, actions
        finally:
            server.stop()
    finally:
        actions.stop()


@dataclass
class StockCrowd:
    """All over one channel, so that each channel's own rate is found; new talks for every rate.

    Rasa's turns grow slower with their talk: with the same talks all along it holds no rate.
    """

    http: httpx.AsyncClient
    channel: type[StockRest | StockSocketIo]
    base: str = f"http://127.0.0.1:{compare.STOCK_PORT}"

    async def grow(self, number: int) -> Sequence[Shopper]:
        """``number`` shoppers who have said nothing yet."""
        return [await self.channel.open(self.http, self.base) for _ in range(number)]


class StockRest:
    """Rasa's REST channel: the answer to the request holds the replies."""

    way = "REST"

    def __init__(self, http: httpx.AsyncClient, base: str) -> None:
        self._http = http
        self._url = f"{base}/webhooks/rest/webhook"
        self._sender = uuid.uuid4().hex

    @classmethod
    async def open(cls, http: httpx.AsyncClient, base: str) -> StockRest:
        return cls(http, base)

    async def say(self, text: str) -> float | None:
        began = time.perf_counter()
        body = {"sender": self._sender, "message": text}
        answer = await self._http.post(self._url, json=body)
        answer.raise_for_status()
        return time.perf_counter() - began if answer.json() else None


class StockSocketIo:
    """Rasa's socketio channel by long polling, Engine.IO 4 packets by hand.

    Its WebSocket transport does not hold with the Sanic that Rasa 3.6.21 pins: the server closes
    the connection behind its greeting.
    """

    way = "socketio"

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url

    @classmethod
    async def open(cls, http: httpx.AsyncClient, base: str) -> StockSocketIo:
        url = f"{base}/socket.io/?EIO=4&transport=polling"
        greeting = await http.get(url)
        greeting.raise_for_status()
        shopper = cls(http, f"{url}&sid={json.loads(greeting.text[1:])['sid']}")
        await shopper._send("40")
        while not any(packet.startswith("40") for packet in await shopper._receive()):
            pass
        return shopper

    async def say(self, text: str) -> float | None:
        began = time.perf_counter()
        await self._send("42" + json.dumps(["user_uttered", {"message": text}]))
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    packets = await self._receive()
                    if any(packet.startswith('42["bot_uttered"') for packet in packets):
                        return time.perf_counter() - began
        except TimeoutError:
            return None

    async def _send(self, packet: str) -> None:
        (await self._http.post(self._url, content=packet)).raise_for_status()

    async def _receive(self) -> list[str]:
        answer = await self._http.get(self._url)
        answer.raise_for_status()
        packets = answer.text.split("\x1e")
        if "2" in packets:
            await self._send("3")
        return packets
