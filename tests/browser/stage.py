"""A real desk with the real pages, over an engine that answers as scripted.

For what pages do whatever the bot says; ``test_main_job.py`` uses the whole of Kefu.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts import create_admin_once
from kefu.accounts.passwords import hash_password
from kefu.conversation.runner import Patience
from kefu.conversation.state import State
from kefu.handoff import queue
from kefu.settings import Settings
from kefu.shop import demo
from kefu.shop import migrate as migrate_shop
from kefu.store import migrate
from kefu.store.database import Database, utc_now
from kefu.store.tables import Conversation, Staff, StaffRole
from tests.browser.shop_site import ShopSite
from tests.desk_stage import Desk, run_desk
from tests.engine_server import EngineServer, Json, answer

ROOT = Path(__file__).resolve().parents[2]

COLLEAGUE = "xiaoli"
SECOND = "wangmin"
LEADER = "sunlei"
PEOPLE = {
    COLLEAGUE: ("小李", "agent"),
    SECOND: ("王敏", "agent"),
    LEADER: ("孙磊", "supervisor"),
}

ORDER = {
    "type": "order",
    "order_number": "KF20261108004217",
    "state": "shipped",
    "state_text": "运输中",
    "placed_at": "2026-11-08T02:10:00+00:00",
    "total": 25900,
    "items": [
        {
            "item_id": "1",
            "name": "羊毛围巾",
            "variant": "燕麦色",
            "quantity": 1,
            "unit_price": 25900,
        }
    ],
    "buttons": [{"title": "查看物流", "payload": "/track_logistics"}],
}
LOGISTICS = {
    "type": "logistics",
    "order_number": "KF20261108004217",
    "carrier_name": "顺丰速运",
    "tracking_number": "SF1402938475610",
    "state_text": "运输中",
    "expected_at": None,
    "events": [
        {"at": "2026-11-10T02:10:00+00:00", "text": "快件已到达杭州"},
        {"at": "2026-11-09T20:30:00+00:00", "text": "快件已离开上海"},
        {"at": "2026-11-09T16:05:00+00:00", "text": "快件已到达上海"},
        {"at": "2026-11-09T10:40:00+00:00", "text": "快件已离开北京"},
        {"at": "2026-11-09T08:00:00+00:00", "text": "已收取快件"},
    ],
}


async def script(request: Json) -> Json:
    """Order card, logistics card, hand-off; anything else is echoed word for word."""
    message = request["message"]
    asked = message.get("text") or message["intent"]
    if asked == "track_logistics":
        return _with_card(answer(request, "您的包裹正在路上。"), LOGISTICS)
    if "到哪" in asked:
        return _with_card(answer(request, "查到您的订单："), ORDER)
    if asked in {"转人工", "human_agent"}:
        note = "顾客要求人工。"
        command = {"type": "handoff", "reason": "requested", "group": None, "note": note}
        return answer(request, commands=[command])
    if asked == "谢谢":
        return answer(request, "不客气。", commands=[{"type": "rating_request"}])
    if asked == "解锁账号":
        return answer(request, "好的。", commands=[{"type": "verify_request", "purpose": "unlock"}])
    return answer(request, asked)


def _with_card(response: Json, card: Json) -> Json:
    response["replies"][0]["cards"] = [card]
    return response


@dataclass
class Stage:
    """Runs in a thread of its own, since the browser is driven from the test's."""

    home: Path
    base_url: str = ""
    admin_password: str = ""
    shop: ShopSite = field(default_factory=ShopSite)
    engine: EngineServer | None = None
    desk: Desk | None = None
    _up: threading.Event = field(default_factory=threading.Event)
    _down: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _failure: BaseException | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._up.wait(60), "the desk did not start"
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        assert self._loop
        assert self._thread
        self.shop.stop()
        if not self._failure:
            self._loop.call_soon_threadsafe(self._down.set)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the desk did not stop"

    @property
    def database(self) -> Database:
        """The running desk's own."""
        assert self.desk
        return self.desk.runtime.database

    def end_talks(self) -> None:
        """End what still waits or is served: else agents who are gone give it back to the queue."""

        def work(session: Session) -> None:
            with_people = Conversation.state.in_([State.WAITING, State.ASSIGNED])
            for conversation_id in session.scalars(
                select(Conversation.conversation_id).where(with_people)
            ).all():
                queue.leave(session, conversation_id)

        self.database.write_now(work)

    def conversations(self) -> list[dict[str, Any]]:
        """What the engine was asked so far."""
        assert self.engine
        return self.engine.requests

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            self._failure = error
            self._up.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        settings = Settings(
            home=self.home,
            secret="stage",
            demo=True,
            web_dir=ROOT / "web" / "dist",
            profiles_dir=self._profiles(),
        )
        self.engine = EngineServer(settings.derive_key("engine").hex())
        self.engine.behave = script
        await self.engine.start()
        settings.engine_port = self.engine.port
        await asyncio.to_thread(self._fill, settings)
        async with run_desk(settings, Patience()) as desk:
            self.desk = desk
            self.base_url = desk.base
            self.shop.embed(desk.base, "demo")
            self._up.set()
            await self._down.wait()
        await self.engine.kill()

    def _profiles(self) -> Path:
        """The real ones, but that the shop's own site may embed the chat of ``demo``."""
        data = self.home / "data"
        folder = shutil.copytree(ROOT / "data" / "profiles", data / "profiles")
        (data / "knowledge").symlink_to(ROOT / "data" / "knowledge")
        with (folder / "demo.yml").open("a", encoding="utf-8") as profile:
            profile.write(f"\norigins: ['{self.shop.listed}']\n")
        return folder

    def _fill(self, settings: Settings) -> None:
        migrate(settings.desk_database)
        migrate_shop(settings.shop_database)
        demo.seed(settings.shop_database, datetime.now(UTC))
        self.admin_password = create_admin_once(settings) or ""
        database = Database(settings.desk_database)
        database.write_now(self._add_people)
        database.close()

    def _add_people(self, session: Session) -> None:
        password_hash = hash_password(self.admin_password)
        for username, (name, role) in PEOPLE.items():
            staff = Staff(
                username=username,
                name=name,
                password_hash=password_hash,
                active=True,
                created_at=utc_now(),
            )
            session.add(staff)
            session.flush()
            session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role=role))
