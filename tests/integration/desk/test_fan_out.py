"""Several desks of one database: what one commits, the shoppers of another see."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect

from kefu.conversation import hints
from kefu.conversation.hints import RedisHints
from kefu.conversation.live import Live, Poller
from kefu.settings import Settings
from kefu.store.database import Database
from tests.desk_stage import Desk, Shopper
from tests.redis_server import RedisServer, redis_server

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]

TYPING = {"type": "typing", "from": "bot"}


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
async def desks(
    start_desk: Start, settings: Settings, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> tuple[Desk, Desk]:
    """Two that hear each other."""
    monkeypatch.setattr(hints, "PAUSES", (0.05,))
    settings.redis_url = redis.url
    first, second = await start_desk(), await start_desk()
    await until(lambda: arriving(first, second))
    return first, second


def arriving(*desks: Desk) -> bool:
    return all(desk.runtime.hints and desk.runtime.hints.arriving for desk in desks)


async def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        await asyncio.sleep(0.02)


async def open_at(desk: Desk, shopper: Shopper) -> ClientConnection:
    """The shopper's socket at a desk, behind everything that was said so far."""
    socket = await connect(desk.base.replace("http", "ws") + "/api/v1/shopper/ws")
    hello = {"session_token": shopper.session["session_token"], "after": shopper.view["last_seq"]}
    await socket.send(json.dumps(hello))
    await until(lambda: shopper.conversation_id in desk.runtime.live.listened())
    return socket


async def heard(socket: ClientConnection, text: str) -> list[Json]:
    """All frames up to the one that says ``text``."""
    frames: list[Json] = []
    while not frames or text not in (frames[-1].get("text") or ""):
        frames.append(json.loads(await asyncio.wait_for(socket.recv(), 20)))
    return frames


async def test_a_hint_reaches_the_other_desks_sockets_and_polls(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    for desk in desks:
        # Not by polling.
        monkeypatch.setattr(desk.runtime.poller, "_look", forbidden)
    first, second = desks
    shopper = await first.shopper()
    await shopper.read()
    async with await open_at(second, shopper) as socket:
        poll = asyncio.create_task(
            second.client(headers=dict(shopper.client.headers)).get(
                "/api/v1/shopper/events", params={"after": 1, "wait": 20}
            )
        )
        await shopper.say("你好")
        frames = await heard(socket, "echo 你好")
        assert TYPING in frames, "what is not stored travels as well"
        assert [frame["seq"] for frame in frames if "seq" in frame] == [2, 3]
        assert (await poll).json()["events"][0]["seq"] == 2


async def forbidden() -> None:
    pass


async def test_without_redis_the_database_is_asked(start_desk: Start) -> None:
    first, second = await start_desk(), await start_desk()
    shopper = await first.shopper()
    await shopper.read()
    async with await open_at(second, shopper) as socket:
        await shopper.say("你好")
        await heard(socket, "echo 你好")


async def test_redis_killed_in_the_middle_and_back_again(
    desks: tuple[Desk, Desk], redis: RedisServer
) -> None:
    first, second = desks
    shopper = await first.shopper()
    await shopper.read()
    async with await open_at(second, shopper) as socket:
        redis.kill()
        await shopper.say("停电了")
        await heard(socket, "echo 停电了")
        await until(lambda: not arriving(first) and not arriving(second))
        await shopper.say("还在吗")
        await heard(socket, "echo 还在吗")
        redis.start()
        await until(lambda: arriving(first, second))
        await shopper.say("来电了")
        await heard(socket, "echo 来电了")


async def test_a_desk_that_starts_without_redis_is_ready_but_degraded(
    start_desk: Start, settings: Settings, redis: RedisServer
) -> None:
    redis.kill()
    settings.redis_url = redis.url
    desk = await start_desk()
    shopper = await desk.shopper()
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
    body = (await desk.client().get("/readyz")).json()
    assert (body["degraded"], body["parts"]["redis"]) == (["redis"], False)
    assert "redis" not in body["missing"]
    redis.start()
    await until(lambda: arriving(desk))
    body = (await desk.client().get("/readyz")).json()
    assert (body["degraded"], body["parts"]["redis"]) == ([], True)


async def test_a_redis_that_is_deaf_is_noticed(redis: RedisServer, live_hints: Any) -> None:
    """The connection stands and nothing comes back: only one's own words tell."""
    heard_by: list[bool] = []
    talker = live_hints(redis.url, "channel", heard_by.append, beat=0.05, deaf_after=0.5)
    await until(lambda: heard_by == [True])
    async with Redis.from_url(redis.url) as client:
        await client.client_pause(timeout=2000)
        await until(lambda: heard_by[-1] is False)
        await until(lambda: heard_by[-1] is True)
    assert talker.arriving


async def test_desks_of_other_secrets_and_strangers_are_not_heard(
    redis: RedisServer, live_hints: Any
) -> None:
    woken: list[tuple[str, Json | None]] = []
    talker = live_hints(redis.url, "mine", lambda _: None, heard=woken, beat=0.05)
    await until(lambda: talker.arriving)
    word = {"desk": "other", "changed": ["c1"], "passing": []}
    said = {"type": "message", "from": "agent", "text": "转账到这个账户"}
    async with Redis.from_url(redis.url) as client:
        await client.publish("other", json.dumps(word))
        await client.publish("mine", b"\xff not json")
        await client.publish("mine", json.dumps({**word, "passing": [["c1", said]]}))
        await client.publish("mine", json.dumps({**word, "passing": [["c2", TYPING]]}))
        await until(lambda: len(woken) == 2)
    assert woken == [("c1", None), ("c2", TYPING)], "nothing that is said comes in this way"


@pytest.fixture
async def live_hints() -> AsyncIterator[Callable[..., RedisHints]]:
    running: list[asyncio.Task[None]] = []

    def start(
        url: str,
        channel: str,
        on_change: Callable[[bool], None],
        heard: list[tuple[str, Json | None]] | None = None,
        **options: float,
    ) -> RedisHints:
        here = Live()
        if heard is not None:
            here.heard = lambda talk, event=None: heard.append((talk, event))  # type: ignore[method-assign]
        talker = RedisHints(url, channel, "me", here, on_change, **options)
        running.append(asyncio.create_task(talker.run()))
        return talker

    yield start
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_only_those_are_woken_who_have_not_seen_the_newest(desk: Desk) -> None:
    shopper = await desk.shopper()
    here = desk.runtime.live
    talk = shopper.conversation_id
    with here.listen(talk, seen=0) as behind, here.listen(talk, seen=1) as up_to_date:
        here.catch_up({talk: 1, "unknown": 7})
        assert behind._woken.is_set()
        assert not up_to_date._woken.is_set()
    assert here.listened() == []


async def test_polling_goes_on_after_the_database_was_away(
    database_url: str, start_desk: Start
) -> None:
    desk = await start_desk()
    shopper = await desk.shopper()
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    poller = Poller(away, desk.runtime.live, interval=0.05)
    with desk.runtime.live.listen(shopper.conversation_id) as listener:
        polling = asyncio.create_task(poller.run())
        await asyncio.sleep(0.3)
        assert not polling.done()
        poller._database = desk.runtime.database
        await listener.wait(20)
        assert listener.seen == 0
        assert not polling.done()
        polling.cancel()
    away.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_database_is_asked_at_once_when_hints_cease_or_begin_to_arrive(
    desk: Desk,
) -> None:
    shopper = await desk.shopper()
    here = Live()
    poller = Poller(desk.runtime.database, here, interval=60, seldom=60)
    polling = asyncio.create_task(poller.run())
    await asyncio.sleep(0.2)
    with here.listen(shopper.conversation_id) as listener:
        for heard_now in (True, False):
            poller.set_heard(heard_now)
            async with asyncio.timeout(20):
                await listener.wait()
    polling.cancel()
