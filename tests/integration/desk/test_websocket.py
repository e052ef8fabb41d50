from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kefu.app import LARGEST_FRAME
from kefu.channels import tokens, websocket
from kefu.conversation import events
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer

EMPTY = {"state": "bot", "last_seq": 0, "messages": []}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def url(desk: Desk) -> str:
    return desk.base.replace("http", "ws") + "/api/v1/shopper/ws"


async def greet(socket: ClientConnection, shopper: Shopper, after: int = 0) -> None:
    token = shopper.session["session_token"]
    await socket.send(json.dumps({"session_token": token, "after": after}))


async def until_said(socket: ClientConnection, text: str) -> tuple[dict[str, Any], list[Any]]:
    view: dict[str, Any] = EMPTY
    passing: list[Any] = []
    while not any(text in said for said in texts(view)):
        frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if "seq" in frame and frame["type"] != "ack":
            view = events.apply(view, [frame])
        else:
            passing.append(frame)
    return view, passing


async def test_the_socket_shows_what_the_poll_shows_and_takes_messages(desk: Desk) -> None:
    shopper = await desk.shopper()
    async with connect(url(desk)) as socket:
        await greet(socket, shopper)
        message = {"type": "message", "client_message_id": "1", "text": "你好"}
        await socket.send(json.dumps(message))
        await socket.send(json.dumps(message))
        view, passing = await until_said(socket, "echo 你好")
    assert next(f for f in passing if f["type"] == "ack") == {
        "type": "ack",
        "client_message_id": "1",
        "seq": 2,
    }
    assert {"type": "typing", "from": "bot"} in passing
    await shopper.until_said("echo 你好")
    assert view == shopper.view


async def say_something(desk: Desk, shopper: Shopper, *texts: str) -> None:
    def write(session: Session) -> None:
        talk = events.lock(session, shopper.conversation_id)
        for text in texts:
            events.say(session, talk, text)

    await desk.runtime.database.write(write)


async def test_more_events_than_a_page_holds_arrive_at_once(desk: Desk) -> None:
    shopper = await desk.shopper()
    await say_something(desk, shopper, *map(str, range(2 * events.PAGE)), "last")
    async with connect(url(desk)) as socket:
        await greet(socket, shopper)
        view, _ = await until_said(socket, "last")
    await shopper.until_said("last")
    assert view == shopper.view


async def test_an_event_costs_one_look_into_the_database(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper, database = await desk.shopper(), desk.runtime.database
    looks = 0
    read_as_usual = database.read

    async def read(work: Any) -> Any:
        nonlocal looks
        looks += getattr(work, "func", None) is events.since
        return await read_as_usual(work)

    async with connect(url(desk)) as socket:
        await greet(socket, shopper, after=shopper.session["last_seq"])
        await say_something(desk, shopper, "ready")
        await until_text(socket, "ready")
        monkeypatch.setattr(database, "read", read)
        for number in range(20):
            await say_something(desk, shopper, f"number {number}")
            await until_text(socket, f"number {number}")
    # The poller may wake the socket as well, once a second.
    assert 20 <= looks <= 30


async def until_text(socket: ClientConnection, text: str) -> None:
    while json.loads(await asyncio.wait_for(socket.recv(), 10)).get("text") != text:
        pass


async def test_a_refused_message_is_an_error_frame_and_the_socket_stays(desk: Desk) -> None:
    shopper = await desk.shopper()
    async with connect(url(desk)) as socket:
        await greet(socket, shopper, after=1)
        empty = {"type": "message", "client_message_id": "1", "text": " "}
        await socket.send(json.dumps(empty))
        frame = json.loads(await socket.recv())
        assert (frame["type"], frame["client_message_id"]) == ("error", "1")
        assert frame["problem"]["code"] == "message_refused"
        await socket.send(json.dumps({**empty, "client_message_id": "2", "text": "你好"}))
        await until_said_after(socket, "echo 你好")


async def until_said_after(socket: ClientConnection, text: str) -> None:
    while text not in await asyncio.wait_for(socket.recv(), 10):
        pass


BAD_FRAMES: list[tuple[str | bytes, int]] = [
    ("nonsense", 4400),
    ("{}", 4400),
    (b"binary", 4400),
    ('{"session_token": "x", "after": -1}', 4400),
    ('{"session_token": "x", "after": 0}', 4401),
    (json.dumps({"session_token": "x" * 4096}), 4413),
]


async def test_a_bad_first_frame_closes_the_socket(desk: Desk) -> None:
    for frame, code in BAD_FRAMES:
        async with connect(url(desk)) as socket:
            await socket.send(frame)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 5)
            assert socket.close_code == code


async def test_a_frame_over_the_limit_closes_the_socket(desk: Desk) -> None:
    shopper = await desk.shopper()
    async with connect(url(desk)) as socket:
        await greet(socket, shopper, after=1)
        message = {"type": "message", "client_message_id": "1", "text": "你好"}
        await socket.send(json.dumps(message).ljust(LARGEST_FRAME))
        await until_said_after(socket, '"ack"')
        await socket.send(json.dumps(message).ljust(LARGEST_FRAME + 1))
        with pytest.raises(ConnectionClosed):
            await until_said_after(socket, "nothing more")
        assert socket.close_code == 1009


async def test_who_says_nothing_is_cut_off(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "FIRST_FRAME_SECONDS", 0.2)
    async with connect(url(desk)) as socket:
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 4408


async def test_the_socket_ends_when_its_token_runs_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "LIFETIME", timedelta(seconds=2))
    shopper = await desk.shopper()
    async with connect(url(desk)) as socket:
        await greet(socket, shopper, after=1)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 4401


async def test_a_desk_that_stops_says_goodbye(desk: Desk, engine: EngineServer) -> None:
    shopper = await desk.shopper()
    async with connect(url(desk)) as socket:
        await greet(socket, shopper, after=1)
        await asyncio.sleep(0.2)
        stopping = asyncio.create_task(desk.stop())
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        # 1001 from the desk or 1012 from the server, whichever is first.
        assert socket.close_code in {1001, 1012}
        await stopping
