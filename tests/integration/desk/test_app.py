from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from kefu.settings import Settings
from tests.desk_stage import Desk
from tests.engine_server import EngineServer

Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def actions(settings: Settings) -> AsyncIterator[asyncio.Server]:
    """An action server as far as readiness asks: it answers 200."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    settings.actions_port = server.sockets[0].getsockname()[1]
    yield server
    server.close()


async def test_readiness_names_what_is_missing(
    start_desk: Start, engine: EngineServer, actions: asyncio.Server, settings: Settings
) -> None:
    desk = await start_desk()
    client = desk.client()
    assert (await client.get("/readyz")).json()["missing"] == []
    await engine.kill()
    actions.close()
    response = await client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["missing"] == ["engine", "actions"]
    assert (await client.get("/healthz")).status_code == 200


async def test_readiness_without_a_shop(
    start_desk: Start, actions: asyncio.Server, settings: Settings
) -> None:
    settings.shop_url = "postgresql://nobody@127.0.0.1:1/none"
    desk = await start_desk()
    assert (await desk.client().get("/readyz")).json()["missing"] == ["shop"]


async def test_pages_and_their_headers(start_desk: Start, settings: Settings) -> None:
    (settings.web_dir / "assets").mkdir(parents=True)
    (settings.web_dir / "index.html").write_text("<p>商店</p>")
    (settings.web_dir / "desk.html").write_text("<p>工作台</p>")
    (settings.web_dir / "trainer.html").write_text("<p>训练师</p>")
    (settings.web_dir / "widget.js").write_text("1")
    (settings.web_dir / "assets" / "a.css").write_text("a{}")
    client = (await start_desk()).client()
    shop, desk_page = await client.get("/"), await client.get("/desk")
    assert ("商店" in shop.text, "工作台" in desk_page.text) == (True, True)
    assert "frame-ancestors 'none'" in desk_page.headers["content-security-policy"]
    trainers_page = await client.get("/trainer")
    assert "训练师" in trainers_page.text
    assert "frame-ancestors 'none'" in trainers_page.headers["content-security-policy"]
    assert "script-src 'self';" in shop.headers["content-security-policy"]
    widget = await client.get("/widget.js")
    assert widget.headers["access-control-allow-origin"] == "*"
    assert (await client.get("/assets/a.css")).status_code == 200
    assert (await client.get("/../kefu.db")).status_code == 404
    assert (await client.get("/%2e%2e/kefu.db")).status_code == 404


async def test_without_a_web_build_the_page_says_so(desk: Desk) -> None:
    response = await desk.client().get("/")
    assert response.status_code == 503
    assert "页面尚未构建" in response.text


async def test_the_contract_is_published(desk: Desk) -> None:
    paths = (await desk.client().get("/api/openapi.json")).json()["paths"]
    assert {"/api/v1/shopper/sessions", "/api/v1/desk/login", "/readyz"} <= set(paths)


async def test_foreign_host_names_are_refused_on_a_loopback_address(desk: Desk) -> None:
    response = await desk.client().get("/healthz", headers={"Host": "evil.example"})
    assert response.status_code == 400
