"""What is seen for a moment and stored nowhere: typing, read, the place in the queue."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kefu.accounts import reset_admin_password
from kefu.channels.signals import Read, pass_on
from kefu.settings import Settings
from tests.desk_stage import Desk, Shopper, agent
from tests.engine_server import EngineServer, answer

pytestmark = pytest.mark.either_database

Json = dict[str, Any]

SIGNALS = "/api/v1/shopper/signals"
HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": ""}


@pytest.fixture
async def staff(desk: Desk, settings: Settings) -> httpx.AsyncClient:
    return await agent(desk, "admin", await asyncio.to_thread(reset_admin_password, settings))


async def waiting_shopper(desk: Desk, engine: EngineServer) -> Shopper:
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF]))
    shopper = await desk.shopper()
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    return shopper


async def greet(desk: Desk, socket: ClientConnection, shopper: Shopper) -> None:
    token = shopper.session["session_token"]
    await socket.send(json.dumps({"session_token": token, "after": shopper.view["last_seq"]}))


async def next_of(socket: ClientConnection, type_: str) -> Json:
    while True:
        frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
        if frame["type"] == type_:
            return frame


def socket_url(desk: Desk) -> str:
    return desk.base.replace("http", "ws") + "/api/v1/shopper/ws"


async def test_the_agent_learns_how_far_the_shopper_has_read(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient
) -> None:
    shopper = await waiting_shopper(desk, engine)
    talk = f"/api/v1/desk/conversations/{shopper.conversation_id}"
    assert (await staff.get(talk)).json()["read_up_to"] == 0
    last = shopper.view["last_seq"]
    poll = asyncio.create_task(staff.get(f"{talk}/events?after={last}&wait=20"))
    while shopper.conversation_id not in desk.runtime.live.listened():
        await asyncio.sleep(0.01)
    read = await shopper.client.post(SIGNALS, json={"type": "read", "up_to": 3})
    assert read.status_code == 204
    seen = (await poll).json()
    assert (seen["events"], seen["read_up_to"]) == ([], 3)
    assert {"type": "read", "from": "shopper", "up_to": 3} in seen["passing"]
    await shopper.client.post(SIGNALS, json={"type": "read", "up_to": 2})
    assert (await staff.get(talk)).json()["read_up_to"] == 3


async def test_the_shopper_learns_how_far_the_agent_has_read_and_never_further(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient
) -> None:
    shopper = await waiting_shopper(desk, engine)
    talk = f"/api/v1/desk/conversations/{shopper.conversation_id}"
    cookie = "; ".join(f"{name}={value}" for name, value in staff.cookies.items())
    reads = {"type": "read", "conversation_id": shopper.conversation_id, "up_to": 99}
    async with (
        connect(socket_url(desk)) as socket,
        connect(
            desk.base.replace("http", "ws") + "/api/v1/desk/ws",
            additional_headers={"Cookie": cookie},
        ) as line,
    ):
        await greet(desk, socket, shopper)
        await line.send(json.dumps({"csrf_token": staff.headers["X-CSRF-Token"]}))
        # Not theirs yet: nothing is passed on.
        await line.send(json.dumps({**reads, "up_to": 1}))
        await line.send(json.dumps({"type": "ping"}))
        await next_of(line, "pong")
        assert (await staff.post(f"{talk}/claim")).status_code < 300
        await line.send(json.dumps(reads))
        read = await next_of(socket, "read")
        shown = await shopper.client.get("/api/v1/shopper/events?after=0")
        last = shown.json()["events"][-1]["seq"]
        assert read == {"type": "read", "from": "agent", "up_to": last}


async def test_a_shopper_who_comes_back_knows_how_far_the_agent_has_read(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await waiting_shopper(desk, engine)
    assert shopper.session["read_up_to"] == 0
    pass_on(desk.runtime.live, shopper.conversation_id, Read(up_to=2), "agent")
    again = await desk.shopper(resume_token=shopper.session["resume_token"])
    assert again.session["read_up_to"] == 2
    assert desk.runtime.live.read_up_to(shopper.conversation_id) == 0


@pytest.mark.parametrize(
    "body", [{"type": "read"}, {"type": "queue"}, {"type": "read", "up_to": 0}]
)
async def test_a_signal_that_is_none_is_refused(desk: Desk, body: Json) -> None:
    shopper = await desk.shopper()
    assert (await shopper.client.post(SIGNALS, json=body)).status_code == 422
    async with connect(socket_url(desk)) as socket:
        await greet(desk, socket, shopper)
        await socket.send(json.dumps(body))
        with pytest.raises(ConnectionClosed):
            await next_of(socket, "read")
        assert socket.close_code == 4400


async def test_both_sides_see_the_other_type(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient
) -> None:
    shopper = await waiting_shopper(desk, engine)
    talk = f"/api/v1/desk/conversations/{shopper.conversation_id}"
    async with connect(socket_url(desk)) as socket:
        await greet(desk, socket, shopper)
        await next_of(socket, "queue")
        assert (await staff.post(f"{talk}/typing")).status_code == 204
        assert (await next_of(socket, "typing"))["from"] == "agent"
        last = shopper.view["last_seq"]
        poll = asyncio.create_task(staff.get(f"{talk}/events?after={last}&wait=20"))
        await asyncio.sleep(0.2)
        for _ in range(5):
            await socket.send(json.dumps({"type": "typing"}))
        assert {"type": "typing", "from": "shopper"} in (await poll).json()["passing"]


async def test_who_waits_knows_the_place_and_hears_when_it_changes(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient
) -> None:
    first = await waiting_shopper(desk, engine)
    second = await waiting_shopper(desk, engine)
    again = await desk.shopper(resume_token=second.session["resume_token"])
    assert again.session["queue"] == {"type": "queue", "position": 2, "wait_seconds": None}
    async with connect(socket_url(desk)) as socket:
        await greet(desk, socket, second)
        assert (await next_of(socket, "queue"))["position"] == 2
        await staff.post(f"/api/v1/desk/conversations/{first.conversation_id}/claim")
        assert (await next_of(socket, "queue"))["position"] == 1


async def test_who_does_not_wait_has_no_place(desk: Desk) -> None:
    assert (await desk.shopper()).session["queue"] is None


async def test_a_session_says_whether_a_person_would_answer(desk: Desk) -> None:
    shopper = await desk.shopper()
    assert shopper.session["people"] == {
        "open": True,
        "hours": "每天 24 小时",
        "next_opening": None,
    }
    closed = await desk.client().post(
        "/api/v1/shopper/sessions", json={"profile": "tmall", "context": {"seller_id": "s02"}}
    )
    assert closed.json()["people"]["hours"].startswith("周一至周五 9:00-18:00")
