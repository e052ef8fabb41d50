"""What a bad network does: copies, bursts, cuts in the middle, and servers that are away.

Each returns when all is answered again; the caller checks the invariants.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import struct
import uuid
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from tests.chaos.kills import held
from tests.chaos.stage import Pair, Stage
from tests.chaos.talker import API, Json, Talker
from tests.e2e.shopper import Shopper

AWAY_SECONDS = 5.0


def sentence(number: int) -> str:
    """Too long to be read as a piece of another message."""
    return f"第{number}个问题，请问你们这里买的东西一般几天可以送到家里来"


async def copies_at_once(talker: Talker, number: int = 50) -> None:
    """One message, ``number`` times at the same moment: one ``seq`` for all."""
    client_id = uuid.uuid4().hex
    seqs = await asyncio.gather(*(talker.send(client_id, text="你好") for _ in range(number)))
    assert len(set(seqs)) == 1


async def burst(talker: Talker, number: int = 100) -> None:
    """Texts and presses by turns, as fast as they are accepted."""
    await talker.quiet()
    (button,) = [b["id"] for b in talker.view["messages"][0]["buttons"] if b["title"] == "查物流"]
    numbers = iter(range(number))

    async def write() -> None:
        for each in numbers:
            await talker.send(**({"button": button} if each % 2 else {"text": "你好"}))

    await asyncio.gather(*(write() for _ in range(8)))


async def redis_away(pair: Pair, talker: Talker) -> None:
    """Redis dies and comes back; the desks say so and stay in service."""
    await talker.say("你好")
    pair.redis.kill()
    pair.broken["redis"] += 1
    await talker.say(sentence(1))
    for base in pair.bases:
        await _until_readyz(base, "degraded")
    await talker.say(sentence(2))
    pair.redis.start()
    for base in pair.bases:
        await _until_readyz(base, "ok")
    await talker.say(sentence(3))


async def _until_readyz(base: str, status: str) -> None:
    """Wait for what a load balancer reads; the desk stays in service all the while."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client, asyncio.timeout(60):
        while (answer := await client.get(f"{base}/readyz")).json()["status"] != status:
            assert answer.json()["missing"] == []
            await asyncio.sleep(0.1)


async def database_away(pair: Pair, talker: Talker) -> None:
    """The desk's database is away for five seconds; twenty messages are sent meanwhile."""
    await talker.say("你好")
    writing = [asyncio.create_task(talker.send(text=sentence(number))) for number in range(10)]
    await asyncio.sleep(0.05)
    for proxy in pair.proxies:
        proxy.cut()
    pair.broken["database"] += 1
    writing += [asyncio.create_task(talker.send(text=sentence(number))) for number in range(10, 20)]
    await asyncio.sleep(AWAY_SECONDS)
    for proxy in pair.proxies:
        proxy.mend()
    await asyncio.gather(*writing)


async def writer_busy(stage: Stage, talker: Talker) -> None:
    """Somebody else writes to the desk's SQLite file for five seconds, a backup for example."""
    await talker.say("你好")
    with held(stage.desk_url, "SELECT 1"):
        writing = [asyncio.create_task(talker.send(text=sentence(number))) for number in range(10)]
        await asyncio.sleep(AWAY_SECONDS)
        assert not any(each.done() for each in writing), "nothing is accepted that is not stored"
    await asyncio.gather(*writing)


async def request_cut(stage: Stage, talker: Talker, share: float) -> None:
    """A message's request breaks off after a ``share`` of it; it is sent again elsewhere."""
    client_id = uuid.uuid4().hex
    body = json.dumps({"client_message_id": client_id, "text": sentence(0)}).encode()
    head = (
        f"POST {API}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {talker.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    await _cut_and_send_again(stage, talker, client_id, head, body, share)


async def frame_cut(stage: Stage, talker: Talker, share: float) -> None:
    """A WebSocket breaks off after a ``share`` of a message's frame; it is sent again elsewhere."""
    client_id = uuid.uuid4().hex
    hello = {"session_token": talker.token, "after": 0}
    message = {"type": "message", "client_message_id": client_id, "text": sentence(0)}
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {API}/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
        f"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    ).encode()
    await _cut_and_send_again(
        stage, talker, client_id, head + _frame(hello), _frame(message), share
    )


async def _cut_and_send_again(
    stage: Stage, talker: Talker, client_id: str, head: bytes, rest: bytes, share: float
) -> None:
    sent = head + rest[: int(len(rest) * share)]
    await asyncio.to_thread(_send_and_reset, stage.bases[0], sent)
    stage.broken["connection"] += 1
    talker.send_to = [stage.bases[-1]]
    await talker.send(client_id, text=sentence(0))


def _send_and_reset(base: str, data: bytes) -> None:
    host, port = urlsplit(base).hostname, urlsplit(base).port
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(data)
        connection.settimeout(0.2)
        with suppress(TimeoutError):
            # Something may come: an upgrade, events. Nobody reads the answer to the message.
            connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _frame(content: Json) -> bytes:
    """A masked text frame."""
    payload, mask = json.dumps(content).encode(), os.urandom(4)
    length = len(payload)
    size = bytes([0x80 | length]) if length < 126 else struct.pack("!BH", 0x80 | 126, length)
    covered = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return b"\x81" + size + mask + covered


def come_back_elsewhere(stage: Stage, account: str) -> None:
    """A shopper goes on at another desk and sees the same; what one says both see."""
    first = Shopper(stage.bases[0], account)
    first.say("你好")
    second = Shopper(stage.bases[-1], account, resume=first.session["resume_token"])
    assert second.session["conversation_id"] == first.session["conversation_id"]
    assert second.session["last_seq"] == first.last_seq
    second.read()
    assert second.events == first.events
    second.say("谢谢")
    first.read()
    assert first.events == second.events
    first.close()
    second.close()
