"""What one conversation, one shopper and one network address may do, and what is never too much."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kefu.channels.limits import ShopperLimits
from kefu.channels.tokens import Session
from kefu.conversation import events
from kefu.rates import Rates
from kefu.settings import Settings
from tests.desk_stage import Desk, Shopper
from tests.integration.desk.test_attachments import jpeg, upload
from tests.integration.desk.test_shopper_api import assert_problem

Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

API = "/api/v1/shopper"
SECRET = "the demo shop's signing secret, 32 bytes"
QUIET = [
    ("GET", "events"),
    ("POST", "signals"),
    ("GET", "transcript"),
    ("GET", "tickets"),
    ("GET", f"attachments/{'0' * 32}"),
    ("POST", "queue/leave"),
    ("POST", "close"),
]


def elsewhere(number: int) -> dict[str, str]:
    return {"X-Forwarded-For": f"203.0.113.{number}"}


def socket_url(desk: Desk) -> str:
    return desk.base.replace("http", "ws") + f"{API}/ws"


async def ask(shopper: Shopper, method: str, path: str) -> httpx.Response:
    body = {"type": "typing"} if path == "signals" else None
    return await shopper.client.request(method, f"{API}/{path}", json=body)


async def refused(shopper: Shopper) -> bool:
    response = await shopper.post("你好")
    if response.status_code == 202:
        return False
    assert_problem(response, 429, "too_many_requests")
    return True


async def test_what_says_nothing_is_counted_together(start_desk: Start, settings: Settings) -> None:
    settings.quiet_requests_per_minute = len(QUIET)
    desk = await start_desk()
    shopper, other = await desk.shopper(), await desk.shopper()
    for method, path in QUIET:
        assert (await ask(shopper, method, path)).status_code != 429, path
    for method, path in QUIET:
        response = await ask(shopper, method, path)
        assert_problem(response, 429, "too_many_requests")
        assert 0 < int(response.headers["retry-after"]) <= 60
    assert (await ask(other, "GET", "events")).status_code == 200


async def test_a_client_that_polls_a_lively_talk_is_never_refused(settings: Settings) -> None:
    """Two windows whose polls return at every event, four events a second, for a minute."""
    limits = ShopperLimits(Rates(None, b"k" * 32), settings)
    session = Session("talk", "demo", datetime.now(UTC))
    for _ in range(2 * 4 * 60):
        await limits.quiet(session)


async def test_signals_over_the_limit_are_lost_and_the_socket_stays(
    start_desk: Start, settings: Settings
) -> None:
    settings.quiet_requests_per_minute = 2
    desk = await start_desk()
    shopper = await desk.shopper()
    async with connect(socket_url(desk)) as socket:
        await socket.send(
            json.dumps({"session_token": shopper.session["session_token"], "after": 0})
        )
        for number in range(4):
            await shopper_says(socket, f"{number}")
            if number < 3:
                await socket.send(json.dumps({"type": "read", "up_to": 1 + number}))
    assert desk.runtime.live.read_up_to(shopper.conversation_id) == 2
    assert_problem(await ask(shopper, "GET", "events"), 429, "too_many_requests")


async def shopper_says(socket: ClientConnection, text: str) -> None:
    """Frames are taken in order: with the answer the one before has been taken too."""
    message = {"type": "message", "client_message_id": text, "text": text}
    await socket.send(json.dumps(message))
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 30))
        if frame.get("client_message_id") == text and frame["type"] == "ack":
            return


async def test_a_network_keeps_only_so_many_sockets_open_that_say_nothing(
    start_desk: Start, settings: Settings
) -> None:
    settings.address_greetings = 2
    desk = await start_desk()
    shopper = await desk.shopper()
    hello = json.dumps({"session_token": shopper.session["session_token"], "after": 0})
    async with connect(socket_url(desk)) as first, connect(socket_url(desk)):
        async with connect(socket_url(desk)) as third:
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(third.recv(), 30)
            assert third.close_code == 4429
        async with connect(socket_url(desk), additional_headers=elsewhere(1)) as neighbour:
            await neighbour.send(hello)
            assert await asyncio.wait_for(neighbour.recv(), 30)
        await first.send(hello)
        assert await asyncio.wait_for(first.recv(), 30)
        # Who has greeted is not counted any more.
        async with connect(socket_url(desk)) as fourth:
            await fourth.send(hello)
            assert await asyncio.wait_for(fourth.recv(), 30)


async def test_a_shopper_with_many_conversations_writes_as_fast_as_with_two(
    start_desk: Start, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", SECRET)
    settings.message_burst, settings.messages_per_second = 2, 0.01
    desk = await start_desk()

    async def talk_of(account: str) -> Shopper:
        claims = {
            "iss": "demo-shop",
            "aud": "demo",
            "sub": account,
            "exp": datetime.now(UTC) + timedelta(minutes=5),
        }
        return await desk.shopper(token=jwt.encode(claims, SECRET))

    talks = [await talk_of("u0001") for _ in range(3)]
    assert [await refused(talk) for talk in talks for _ in range(2)] == [False] * 4 + [True] * 2
    assert not await refused(await talk_of("u0002"))
    assert not await refused(await desk.shopper())


async def test_one_address_sends_only_so_many_messages(
    start_desk: Start, settings: Settings
) -> None:
    settings.address_messages_per_minute = 3
    desk = await start_desk()
    talks = [await desk.shopper() for _ in range(5)]
    assert [await refused(talk) for talk in talks] == [False] * 3 + [True] * 2
    talks[4].client.headers.update(elsewhere(1))
    assert not await refused(talks[4])


async def test_one_address_sends_only_so_many_pictures(
    start_desk: Start, settings: Settings
) -> None:
    settings.address_pictures_per_minute = 2
    desk = await start_desk()
    talks = [await desk.shopper() for _ in range(3)]
    answers = [await upload(talk, jpeg()) for talk in talks]
    assert [each.status_code for each in answers] == [201, 201, 429]
    talks[2].client.headers.update(elsewhere(1))
    assert (await upload(talks[2], jpeg())).status_code == 201


async def test_nobody_has_read_what_was_not_said_yet(desk: Desk) -> None:
    shopper = await desk.shopper()
    read = {"type": "read", "up_to": 2**31 - 1}
    assert (await shopper.client.post(f"{API}/signals", json=read)).status_code == 204
    live = desk.runtime.live
    assert live.read_up_to(shopper.conversation_id) == shopper.session["last_seq"]
    await desk.runtime.database.write(
        lambda session: events.say(
            session, events.lock(session, shopper.conversation_id), "还在吗？"
        )
    )
    assert (await shopper.client.post(f"{API}/signals", json=read)).status_code == 204
    assert live.read_up_to(shopper.conversation_id) == shopper.session["last_seq"] + 1
