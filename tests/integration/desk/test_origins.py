"""Which web pages may speak for a shopper: one brand's page is a stranger to the other brand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from kefu.settings import Settings
from tests.desk_stage import Desk, Shopper
from tests.integration.desk.test_shopper_api import assert_problem
from tests.unit.profiles.files import folder

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

API = "/api/v1/shopper"
NORTH, SOUTH = "https://north.example", "https://south.example:8443"
FOREIGN = ["https://evil.example", "http://north.example", f"{NORTH}.evil.example", "null", "[", ""]


@pytest.fixture
async def desk(
    tmp_path: Path, settings: Settings, start_desk: Callable[[], Awaitable[Desk]]
) -> Desk:
    """Two brands with a page each."""
    brand = "profile: {0}\nbrand: {0}\ngreeting: 您好\norigins: ['{1}']\n"
    settings.profiles_dir = folder(
        tmp_path, north=brand.format("north", NORTH), south=brand.format("south", SOUTH)
    )
    return await start_desk()


@pytest.fixture
async def shopper(desk: Desk) -> Shopper:
    return await desk.shopper(profile="north")


def host_of(desk: Desk) -> str:
    return desk.base.removeprefix("http://")


def good_origins(desk: Desk) -> list[str | None]:
    """Those of the brand, of the desk (which may stand behind TLS), and of what is no page."""
    return [NORTH, f"http://{host_of(desk)}", f"https://{host_of(desk)}", None]


def from_page(origin: str | None) -> dict[str, str]:
    return {} if origin is None else {"Origin": origin}


async def open_at(desk: Desk, profile: str, origin: str | None) -> httpx.Response:
    body = {"profile": profile}
    return await desk.client().post(f"{API}/sessions", json=body, headers=from_page(origin))


def assert_refused(response: httpx.Response) -> None:
    assert_problem(response, 403, "origin_refused")


async def test_a_page_opens_a_session_at_its_own_brand_only(desk: Desk) -> None:
    for origin in good_origins(desk):
        assert (await open_at(desk, "north", origin)).status_code == 200, origin
    for origin in [SOUTH, *FOREIGN]:
        assert_refused(await open_at(desk, "north", origin))
    assert (await open_at(desk, "south", SOUTH)).status_code == 200
    assert_refused(await open_at(desk, "south", NORTH))


async def test_a_session_is_worth_nothing_on_another_page(shopper: Shopper, desk: Desk) -> None:
    message = {"client_message_id": "1", "text": "你好"}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "messages", {"json": message}),
        ("GET", "events", {}),
        ("POST", "signals", {"json": {"type": "typing"}}),
        ("POST", "queue/leave", {}),
        ("GET", "transcript", {}),
        ("POST", "transcript/link", {}),
        ("GET", "tickets", {}),
        ("POST", "rating", {"json": {"seq": 1, "stars": 5}}),
        ("POST", "verify", {"json": {"verify_id": "0" * 32, "code": "123456"}}),
        ("POST", "verify/resend", {"json": {"verify_id": "0" * 32}}),
        ("POST", "attachments", {"files": {"file": ("a.jpg", b"x")}}),
        ("GET", f"attachments/{'0' * 32}", {}),
        ("POST", "close", {}),
    ]
    for method, path, content in calls:
        for origin in (SOUTH, "https://evil.example", "null"):
            call = {**content, "headers": from_page(origin)}
            assert_refused(await shopper.client.request(method, f"{API}/{path}", **call))
    assert len(await shopper.read()) == 1, "only the greeting"
    for number, origin in enumerate(good_origins(desk)):
        body = {**message, "client_message_id": f"m{number}"}
        answer = await shopper.client.post(f"{API}/messages", json=body, headers=from_page(origin))
        assert answer.status_code == 202, origin


async def test_the_form_and_the_looks_belong_to_their_brand_too(desk: Desk) -> None:
    client = desk.client()
    form = {"profile": "north", "kind": "service", "details": "请回电", "contact": "a@b.example"}
    for origin, fits in ((NORTH, True), (SOUTH, False)):
        page = from_page(origin)
        sent = await client.post(f"{API}/tickets", json=form, headers=page)
        look = await client.get("/api/v1/profiles/north", headers=page)
        if fits:
            assert (sent.status_code, look.status_code) == (201, 200)
        else:
            assert_refused(sent)
            assert_refused(look)


async def test_a_listed_page_may_ask_and_may_read_what_is_answered(desk: Desk) -> None:
    asks = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    client = desk.client()
    for origin in (NORTH, SOUTH):
        asked = await client.options(f"{API}/messages", headers={**asks, "Origin": origin})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == origin
    asked = await client.options(
        f"{API}/messages", headers={**asks, "Origin": "https://evil.example"}
    )
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
    opened, refused = await open_at(desk, "north", NORTH), await open_at(desk, "south", NORTH)
    for readable in (opened, refused):
        assert readable.headers["access-control-allow-origin"] == NORTH
    hidden = await open_at(desk, "north", "https://evil.example")
    assert "access-control-allow-origin" not in hidden.headers


async def test_a_socket_opens_on_the_brands_pages_only(desk: Desk, shopper: Shopper) -> None:
    url = desk.base.replace("http", "ws") + f"{API}/ws"
    hello = json.dumps({"session_token": shopper.session["session_token"], "after": 0})

    async def first_frame(origin: str | None) -> dict[str, Any]:
        async with connect(url, additional_headers=from_page(origin)) as socket:
            await socket.send(hello)
            return json.loads(await asyncio.wait_for(socket.recv(), 30))

    for origin in good_origins(desk):
        assert (await first_frame(origin))["text"] == "您好", origin
    for origin in [SOUTH, *FOREIGN]:
        with pytest.raises(ConnectionClosed) as closed:
            await first_frame(origin)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403, origin
