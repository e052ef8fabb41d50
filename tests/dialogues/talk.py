"""A shopper who goes through a conversation on the public API, as an app would."""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
from sqlalchemy import update

from kefu.store.service_tables import Verification
from tests.dialogues.format import GUEST, Conversation, Turn
from tests.dialogues.rows import Holder
from tests.dialogues.variables import fill_in
from tests.dialogues.worlds import World
from tests.e2e.shopper import Event, buttons_of

ANSWER_WITHIN = 45.0
EVENT_WITHIN = 10.0
_CODE = re.compile(r"验证码 (\d{6})")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


class Stuck(Exception):
    """The conversation cannot go on as it is written."""


@dataclass
class Answer:
    """What came of one step: new events without the shopper's own, or the API's refusal."""

    shown: str
    events: list[Event] = field(default_factory=list)
    refused: str | None = None
    title: str = ""

    @property
    def text(self) -> str:
        return "\n".join(event.get("text") or "" for event in self.events)

    @property
    def titles(self) -> list[str]:
        return [button["title"] for event in self.events for button in buttons_of(event)]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for event in self.events for card in event.get("cards") or []]


class Talk:
    """``events`` holds all that was delivered, in order."""

    def __init__(self, world: World, profile: str, conversation: Conversation, key: str) -> None:
        self.world = world
        self.profile = profile
        self.conversation = conversation
        self.account = world.accounts.get(key)
        self.http = httpx.AsyncClient(
            base_url=f"{world.stack.base_url}/api/v1/shopper",
            timeout=40,
            # Codes and sessions are limited by address: each shopper comes from another one.
            headers={"X-Forwarded-For": _address(key)},
            trust_env=False,
        )
        self.events: list[Event] = []
        self.session: dict[str, Any] = {}
        self.state = "bot"
        self.typed: list[str] = []

    @property
    def holder(self) -> Holder:
        world = self.world
        talk = str(self.session.get("conversation_id", ""))
        return Holder(world.shop, world.desk, self.profile, self.account, talk)

    async def open(self) -> Answer:
        """Open the chat, or come back to it; what is shown first."""
        body: dict[str, Any] = {"profile": self.profile, "context": await self._context()}
        if self.conversation.shopper != GUEST:
            body["demo_account"] = self.account
        if self.session:
            body["resume_token"] = self.session["resume_token"]
        before = self.session.get("conversation_id")
        answer = await self.http.post("/sessions", json=body)
        answer.raise_for_status()
        self.session = answer.json()
        if before and before != self.session["conversation_id"]:
            raise Stuck("the shopper came back and found another talk")
        self.http.headers["Authorization"] = f"Bearer {self.session['session_token']}"
        return Answer("（打开聊天）", await self._read(0 if before else 5))

    async def take(self, turn: Turn) -> Answer:
        """Do what the turn says and wait for all that comes of it."""
        (step,) = turn.step
        value = getattr(turn, step)
        match step:
            case "say":
                text = await asyncio.to_thread(fill_in, value, self.holder)
                self.typed.append(text)
                return await self._turn(turn, text, text=text)
            case "press" | "press_old":
                text = await asyncio.to_thread(fill_in, value, self.holder)
                button = self._button(text, oldest=step == "press_old")
                return await self._turn(turn, f"［{button['title']}］", button=button["id"])
            case "code":
                return await self._enter(turn, value)
            case "resend":
                found = await self._verification()
                body = {"verify_id": found["verify_id"]}
                return await self._after(turn, "（重新获取验证码）", "/verify/resend", body)
            case "leave":
                path = "/queue/leave" if value == "queue" else "/close"
                return await self._after(turn, f"（离开 {value}）", path, None)
            case _:
                return await self.open()

    async def close(self) -> None:
        await self.http.aclose()

    async def _context(self) -> dict[str, str]:
        given = self.conversation.context
        return {
            name: await asyncio.to_thread(fill_in, text, self.holder)
            for name, text in given.items()
        }

    async def _turn(self, turn: Turn, shown: str, **content: str) -> Answer:
        await self._read(0)
        body = {"client_message_id": uuid.uuid4().hex, **content}
        return await self._after(turn, shown, "/messages", body)

    async def _after(self, turn: Turn, shown: str, path: str, body: Any) -> Answer:
        """POST, then read until the bot is done and what the turn waits for has come."""
        answer = await self.http.post(path, json=body)
        if answer.is_error:
            problem = answer.json()
            return Answer(shown, refused=problem["code"], title=problem["title"])
        fresh: list[Event] = []
        await self._gather(fresh, ANSWER_WITHIN, self._is_answered)
        if turn.event:
            # A code is asked for once the turn is over.
            await self._gather(fresh, EVENT_WITHIN, partial(_holds, fresh, turn.event))
        fresh += await self._read(0)
        return Answer(shown, [each for each in fresh if each.get("from") != "shopper"])

    async def _gather(
        self, fresh: list[Event], seconds: float, done: Callable[[], Awaitable[bool]]
    ) -> None:
        """Read into ``fresh`` until it is enough, or the time is up."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            fresh += await self._read(0.3 if fresh else 1)
            if await done():
                return

    async def _is_answered(self) -> bool:
        return not await asyncio.to_thread(self.holder.unanswered)

    async def _read(self, wait: float) -> list[Event]:
        seq = self.events[-1]["seq"] if self.events else 0
        answer = await self.http.get("/events", params={"after": seq, "wait": wait})
        answer.raise_for_status()
        new: list[Event] = answer.json()["events"]
        for event in new:
            if event["seq"] != (self.events[-1]["seq"] + 1 if self.events else 1):
                raise Stuck("a gap or a repeat in the events")
            self.events.append(event)
            if event["type"] == "state":
                self.state = event["state"]
        return new

    def _button(self, title: str, *, oldest: bool) -> dict[str, str]:
        shown = self.events if oldest else reversed(self.events)
        for event in shown:
            fitting = [each for each in buttons_of(event) if title in each["title"]]
            exact = [each for each in fitting if each["title"] == title]
            if fitting:
                return (exact or fitting)[0]
        raise Stuck(f"no button {title!r} was shown")

    async def _verification(self) -> Event:
        for event in reversed(self.events):
            if event["type"] == "verify_request":
                return event
        raise Stuck("no code was asked for")

    async def _enter(self, turn: Turn, what: str) -> Answer:
        """Enter the code that was sent, a wrong one, or the right one too late."""
        asked = await self._verification()
        right = await self._sent_code() if what in ("right", "expired", "wrong") else what
        code = f"{(int(right) + 1) % 10**6:06d}" if what == "wrong" else right
        if what == "expired":
            await asyncio.to_thread(self._let_expire, asked["verify_id"])
        body = {"verify_id": asked["verify_id"], "code": code}
        return await self._after(turn, f"（输入验证码：{what}）", "/verify", body)

    async def _sent_code(self) -> str:
        """The newest code in the mailbox for this shopper's addresses."""
        requests = sum(event["type"] == "verify_request" for event in self.events)
        addresses = set(await asyncio.to_thread(self._addresses))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            mailbox = self.world.mailbox
            lines = mailbox.read_text(encoding="utf-8").splitlines() if mailbox.exists() else []
            codes = [
                found[1]
                for line in lines
                if line.split(" ", 3)[2] in addresses and (found := _CODE.search(line))
            ]
            if len(codes) >= requests:
                return codes[-1]
            await asyncio.sleep(0.1)
        raise Stuck("no code arrived")

    def _addresses(self) -> list[str]:
        (account,) = self.holder.rows("accounts") or [{}]
        own = [account.get("phone"), account.get("email")]
        return [each for each in own if each] + _PHONE.findall("\n".join(self.typed))

    def _let_expire(self, verify_id: str) -> None:
        """What five minutes would do."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        with self.world.desk.begin() as connection:
            connection.execute(
                update(Verification)
                .where(Verification.verify_id == verify_id)
                .values(expires_at=past)
            )


async def _holds(events: list[Event], type_: str) -> bool:
    return any(event["type"] == type_ for event in events)


def _address(key: str) -> str:
    digest = uuid.uuid5(uuid.NAMESPACE_URL, key).bytes
    return f"10.{digest[0]}.{digest[1]}.{digest[2]}"
