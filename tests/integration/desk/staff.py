"""Agents and supervisors at their desks, and shoppers who wait for one."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from argon2 import PasswordHasher
from sqlalchemy.orm import Session
from websockets.asyncio.client import ClientConnection, connect

from kefu.store.database import utc_now
from kefu.store.handoff_tables import StaffGroup
from kefu.store.tables import Staff, StaffRole
from tests.desk_stage import Desk, Shopper, agent
from tests.engine_server import EngineServer, answer

Json = dict[str, Any]

PASSWORD = "a password for tests"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
DESK = "/api/v1/desk"
HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": "顾客要求人工"}


def add_staff(
    session: Session,
    username: str,
    roles: Mapping[str, tuple[str, ...]],
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> int:
    """A person whose name is 客服 and the user name; their id."""
    staff = Staff(
        username=username,
        name=f"客服{username}",
        password_hash=CHEAP_HASH,
        active=True,
        created_at=utc_now(),
    )
    session.add(staff)
    session.flush()
    for profile, names in roles.items():
        for name in names:
            session.add(StaffRole(staff_id=staff.staff_id, profile=profile, role=name))
    for profile, names in (groups or {}).items():
        for name in names:
            session.add(StaffGroup(staff_id=staff.staff_id, profile=profile, agent_group=name))
    return staff.staff_id


@dataclass
class Person:
    """A member of the staff with a browser."""

    desk: Desk
    staff_id: int
    client: httpx.AsyncClient

    async def get(self, path: str) -> Json:
        response = await self.client.get(f"{DESK}{path}")
        assert response.status_code == 200, response.text
        return response.json()

    async def post(self, path: str, body: Json | None = None) -> httpx.Response:
        return await self.client.post(f"{DESK}{path}", json=body)

    async def put(self, path: str, body: Json) -> httpx.Response:
        return await self.client.put(f"{DESK}{path}", json=body)

    async def is_(self, status: str, **more: Any) -> Json:
        response = await self.put("/presence", {"status": status, **more})
        assert response.status_code == 200, response.text
        return response.json()

    async def do(self, shopper: Shopper, deed: str, body: Json | None = None) -> httpx.Response:
        return await self.post(f"/conversations/{shopper.conversation_id}/{deed}", body)

    async def say(self, shopper: Shopper, text: str) -> None:
        body = {"client_message_id": f"{self.staff_id}-{time.monotonic_ns()}", "text": text}
        response = await self.do(shopper, "messages", body)
        assert response.status_code == 202, response.text

    @asynccontextmanager
    async def socket(self, origin: str | None = None, **watch: int) -> AsyncIterator[Socket]:
        url = self.desk.base.replace("http", "ws") + f"{DESK}/ws"
        cookie = f"kefu_staff={self.client.cookies['kefu_staff']}"
        headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
        async with connect(url, additional_headers=headers, proxy=None) as line:
            hello = {"csrf_token": self.client.headers["X-CSRF-Token"], "watch": watch}
            await line.send(json.dumps(hello))
            yield Socket(line)


@dataclass
class Socket:
    line: ClientConnection
    frames: list[Json] = field(default_factory=list)

    async def send(self, type_: str, **more: Any) -> None:
        await self.line.send(json.dumps({"type": type_, **more}))

    async def until(self, wanted: Callable[[Json], bool], seconds: float = 15) -> Json:
        """The first frame, of those that came or come, that is ``wanted``."""
        for frame in self.frames:
            if wanted(frame):
                return frame
        async with asyncio.timeout(seconds):
            while True:
                frame = json.loads(await self.line.recv())
                self.frames.append(frame)
                if wanted(frame):
                    return frame

    async def until_inbox(self, wanted: Callable[[Json], bool], seconds: float = 15) -> Json:
        frame = await self.until(
            lambda frame: frame["type"] == "inbox" and wanted(frame["inbox"]), seconds
        )
        return frame["inbox"]


async def person(
    desk: Desk,
    username: str,
    *,
    roles: Mapping[str, tuple[str, ...]] | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
) -> Person:
    """A new member of the staff, logged in; an agent of the demo shop unless ``roles`` say else."""
    staff_id = await desk.runtime.database.write(
        lambda session: add_staff(session, username, roles or {"demo": ("agent",)}, groups)
    )
    return Person(desk, staff_id, await agent(desk, username, PASSWORD))


async def calling(
    desk: Desk,
    engine: EngineServer,
    *,
    profile: str = "demo",
    token: str | None = None,
    **command: Any,
) -> Shopper:
    """A shopper who has asked for a person; ``command`` says more of the call.

    ``token`` is the shop's own, for one who is signed in.
    """
    call = {**HANDOFF, **command}
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[call]))
    shopper = await desk.shopper(profile=profile, token=token)
    await shopper.say("转人工")
    await shopper.until(lambda view: view["state"] != "bot")
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    return shopper
