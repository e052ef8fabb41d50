"""The documented example server, as it is, against a running desk."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from kefu.settings import Settings
from tests.desk_stage import Desk
from tests.e2e.stack import free_ports
from tests.engine_server import EngineServer, answer
from tests.notice_servers import HttpService, http_service
from tests.webhook_stage import KEY, KEY_ENV, profiles_with_channel

Json = dict[str, Any]

EXAMPLE = Path("docs/examples/webhook_bridge.py")
TOKEN = "token of the official account"
RATE = {"type": "rating_request"}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def port() -> int:
    return free_ports()


@pytest.fixture
def settings(
    settings: Settings, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setenv(KEY_ENV, KEY)
    settings.profiles_dir = profiles_with_channel(tmp_path, f"http://127.0.0.1:{port}/kefu")
    return settings


class Example:
    """The running example; ``lines`` are what it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self.reading = asyncio.create_task(self._read())

    async def type(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def until(self, text: str, seconds: float = 30) -> None:
        await until(lambda: any(text in line for line in self.lines), seconds, self.lines)

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())


async def until(holds: Callable[[], object], seconds: float = 30, said: object = "") -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited in vain: {said}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def example(desk: Desk, port: int, *options: str, **env: str) -> AsyncIterator[Example]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLE),
        *options,
        *("--kefu", desk.base, "--port", str(port), "--key-env", KEY_ENV),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
    )
    running = Example(process)
    try:
        yield running
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await running.reading
        assert process.stdin
        process.stdin.close()
        with suppress(ConnectionError):
            await process.stdin.wait_closed()


async def test_one_talks_to_kefu_in_a_terminal(
    desk: Desk, port: int, engine: EngineServer, tmp_path: Path
) -> None:
    async with example(desk, port, "--chat", "--user", "o1", "--account", "u0007") as chat:
        await chat.until("请输入您的问题")
        await chat.type("你好")
        await chat.until("机器人：echo 你好")
        await chat.until("1. 查订单")
        await chat.type("/按钮 1")
        await until(lambda: len(engine.requests) == 2)
        assert engine.requests[1]["message"]["intent"] == "order_status"
        picture = io.BytesIO()
        Image.new("RGB", (20, 20), "red").save(picture, "PNG")
        (tmp_path / "a.png").write_bytes(picture.getvalue())
        await chat.type(f"/图片 {tmp_path / 'a.png'}")
        await until(lambda: len(engine.requests) == 3)
        assert engine.requests[2]["message"]["intent"] == "picture_sent"
        await chat.type("/验证码 123456")
        await chat.until("现在没有可以操作的内容")
        engine.behave = lambda request: asyncio.sleep(0, answer(request, "好的", commands=[RATE]))
        await chat.type("谢谢")
        await chat.until("请为本次服务评分")
        await chat.type("/评价 5 很好")
        await chat.type("/结束")
        await chat.until("（会话状态：closed）")
        await chat.type("/退出")
        assert await asyncio.wait_for(chat.process.wait(), 20) == 0
        assert not any("Traceback" in line for line in chat.lines)


@pytest.fixture
def wechat() -> Iterator[HttpService]:
    """Where WeChat takes what an official account says."""
    with http_service() as service:
        yield service


def signed(nonce: str = "n1") -> dict[str, str]:
    parts = sorted([TOKEN, "1790000000", nonce])
    digest = hashlib.sha1("".join(parts).encode()).hexdigest()
    return {"timestamp": "1790000000", "nonce": nonce, "signature": digest}


def xml(text: str, message_id: str) -> bytes:
    return (
        f"<xml><ToUserName>gh_1</ToUserName><FromUserName>oABC</FromUserName>"
        f"<CreateTime>1790000000</CreateTime><MsgType>text</MsgType>"
        f"<Content><![CDATA[{text}]]></Content><MsgId>{message_id}</MsgId></xml>"
    ).encode()


async def test_an_official_account_is_bridged(
    desk: Desk, port: int, engine: EngineServer, wechat: HttpService, tmp_path: Path
) -> None:
    env = {"WECHAT_TOKEN": TOKEN, "WECHAT_API": wechat.url}
    # WeChat is away for a moment: Kefu sends the event again.
    wechat.statuses = [500]
    base = f"http://127.0.0.1:{port}"
    options = ("--wechat", "--events", str(tmp_path / "events.db"))
    async with (
        example(desk, port, *options, **env) as bridge,
        httpx.AsyncClient(base_url=base, timeout=20, trust_env=False) as account,
    ):
        await until(lambda: is_open(port), said=bridge.lines)
        echo = await account.get("/wechat", params={**signed(), "echostr": "42"})
        assert (echo.status_code, echo.text) == (200, "42")
        forged = {**signed(), "signature": "0" * 40}
        assert (await account.post("/wechat", params=forged, content=xml("x", "1"))).is_error
        unsigned = await account.post("/kefu", json={"event_id": "a:1"})
        assert unsigned.status_code == 401
        for _ in range(2):
            taken = await account.post("/wechat", params=signed(), content=xml("你好", "77"))
            assert (taken.status_code, taken.text) == (200, "success")
        await until(lambda: "echo 你好" in str(sent(wechat)), said=bridge.lines)
    assert engine.texts() == ["你好"]
    said = sent(wechat)
    assert {each["touser"] for each in said} == {"oABC"}
    contents = [each["text"]["content"] for each in said]
    assert contents[0] == contents[1], "sent again"
    assert "1. 查订单" in contents[0]
    assert contents[2:] == ["echo 你好"]


def sent(wechat: HttpService) -> list[Json]:
    return [json.loads(each.body) for each in wechat.received]


def is_open(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/", timeout=1, trust_env=False)
    except httpx.TransportError:
        return False
    return True
