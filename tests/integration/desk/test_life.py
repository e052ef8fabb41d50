"""Any life of a conversation: whatever shopper, agents and engine do, it keeps its word."""

from __future__ import annotations

import asyncio
import itertools
import threading
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kefu.accounts.passwords import hash_password
from kefu.conversation import events
from kefu.conversation.waiting import LEAVE_BUTTON
from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.tables import Staff, StaffRole
from tests.desk_stage import Desk, Shopper, agent, run_desk, texts
from tests.engine_server import Drop, EngineServer, Refuse, answer
from tests.integration.desk.conftest import QUICK
from tests.invariants import EMPTY, Client, Invariants

Json = dict[str, Any]
T = TypeVar("T")

PERSON, NEVER, ONCE, CUT, BUTTON = "人工", "总是坏", "坏一次", "断一次", "给按钮"
LONG = "，这是很长很完整的一句话，不会和别的话合并"
DESK = "/api/v1/desk/conversations"
AGENTS = ("wang", "li")


async def behave(request: Json) -> Json:
    """An engine that does what the shopper's words say."""
    said = request["message"].get("text", "")
    # So that messages do wait behind a turn.
    await asyncio.sleep(0.03)
    first = request["attempt"] == 1
    if NEVER in said or (ONCE in said and first):
        raise Refuse(502, "action_failed", action="action_x")
    if CUT in said and first:
        raise Drop
    done = answer(request, f"echo {said}" if said else f"echo /{request['message']['intent']}")
    if PERSON in said:
        done["commands"] = [{"type": "handoff", "reason": "requested", "note": ""}]
    if BUTTON in said:
        done["replies"][0]["buttons"] = [{"title": f"选{said}", "payload": "/greet"}]
    return done


class Stage:
    """A desk and an engine on an event loop of their own; ``run`` waits for a coroutine there."""

    def __init__(self, settings: Settings) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._doors = AsyncExitStack()
        settings.address_messages_per_minute = 1_000_000
        self.run(self._open(settings))
        self.truth = Invariants(settings.desk_database, settings.shop_database)

    async def _open(self, settings: Settings) -> None:
        self.engine = EngineServer(settings.derive_key("engine").hex())
        self.engine.behave = behave
        await self.engine.start()
        self._doors.push_async_callback(self.engine.kill)
        settings.engine_port = self.engine.port
        self.desk: Desk = await self._doors.enter_async_context(run_desk(settings, QUICK))
        await self.desk.runtime.database.write(_hire)
        self.agents: dict[str, httpx.AsyncClient] = {
            name: await agent(self.desk, name, "geheim") for name in AGENTS
        }

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def close(self) -> None:
        self.truth.close()
        self.run(self._doors.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _hire(session: Any) -> None:
    for name in AGENTS:
        staff = Staff(
            username=name,
            name=name,
            password_hash=hash_password("geheim"),
            active=True,
            created_at=utc_now(),
        )
        session.add(staff)
        session.flush()
        session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role="agent"))


class Life(RuleBasedStateMachine):
    """``state``, ``owner``, ``heard`` (what the bot must have answered) are the model."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.numbers = itertools.count(1)
        self.past: list[tuple[Shopper, Client]] = []

    @initialize()
    def open(self) -> None:
        self._begin(self.stage.run(self.stage.desk.shopper()))

    def _begin(self, shopper: Shopper) -> None:
        self.shopper = shopper
        self.client = Client(shopper.conversation_id)
        self.state, self.owner = "bot", ""
        self.heard: list[str] = []
        self.buttons: list[str] = []

    # The shopper.

    @rule(words=st.sampled_from(["", ONCE, CUT, BUTTON, PERSON, NEVER]))
    def say(self, words: str) -> None:
        text = f"第{next(self.numbers)}句{words}"
        if not self._post(text=text) or self.state != "bot":
            return
        self._settle()
        if words != NEVER:
            self.heard.append(text)
        if words in {PERSON, NEVER}:
            self.state = "waiting"

    @precondition(lambda self: self.state == "bot")
    @rule(ends=st.lists(st.sampled_from(["", LONG]), min_size=2, max_size=7))
    def say_several(self, ends: list[str]) -> None:
        said = [f"第{next(self.numbers)}句{end}" for end in ends]
        for text in said:
            assert self._post(text=text)
        self._settle()
        self.heard += said

    @precondition(lambda self: self.state == "bot")
    @rule(more=st.integers(1, 3))
    def say_more_behind_a_call_for_a_person(self, more: int) -> None:
        """What waits behind it waits for the person: the bot does not come back to it."""
        call = f"第{next(self.numbers)}句{PERSON}{LONG}"
        assert self._post(text=call)
        for _ in range(more):
            assert self._post(text=f"第{next(self.numbers)}句")
        self._settle()
        self.heard.append(call)
        self.state = "waiting"

    @precondition(lambda self: self.state == "bot")
    @rule()
    def say_while_the_engine_is_away(self) -> None:
        text = f"第{next(self.numbers)}句"
        self.stage.run(self.stage.engine.kill())
        assert self._post(text=text)
        self.stage.run(self.stage.engine.start())
        self._settle()
        self.heard.append(text)

    @precondition(lambda self: self.buttons)
    @rule(data=st.data())
    def press(self, data: st.DataObject) -> None:
        button = data.draw(st.sampled_from(self.buttons))
        leaving = self._title(button) == LEAVE_BUTTON["title"]
        if not self._post(button=button):
            return
        self._settle()
        if leaving:
            self.state = "bot" if self.state == "waiting" else self.state
        elif self.state == "bot":
            self.heard.append("/greet")

    @precondition(lambda self: self.client.accepted)
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """Also long after, and with other words: the first ones stand."""
        client_id = data.draw(st.sampled_from(sorted(self.client.accepted)))
        answers = self.stage.run(self._copies(client_id))
        assert {each.status_code for each in answers} == {202}
        assert {each.json()["seq"] for each in answers} == {self.client.accepted[client_id]}

    async def _copies(self, client_id: str) -> list[httpx.Response]:
        return await asyncio.gather(*(self.shopper.post("换个说法", client_id) for _ in range(3)))

    @rule()
    def leave_the_queue(self) -> None:
        status = self._shoppers("/queue/leave")
        assert status == (204 if self.state in {"bot", "waiting"} else 409)
        self.state = "bot" if self.state == "waiting" else self.state

    @rule()
    def close_the_talk(self) -> None:
        assert self._shoppers("/close") == 204
        self.state = "closed"

    @rule()
    def come_back(self) -> None:
        """With the resume token: to the same talk, unless it is closed; then a new one begins."""
        token = self.shopper.session["resume_token"]
        back = self.stage.run(self.stage.desk.shopper(resume_token=token))
        if self.state == "closed":
            assert back.conversation_id != self.client.conversation_id
            self.past.append((self.shopper, self.client))
            self._begin(back)
            return
        assert back.conversation_id == self.client.conversation_id
        self.shopper = back

    # The agents.

    @rule(name=st.sampled_from(AGENTS))
    def claim(self, name: str) -> None:
        mine = self.state == "assigned" and self.owner == name
        status = self._agents(name, "claim")
        assert status == (204 if self.state == "waiting" or mine else 409)
        if status == 204:
            self.state, self.owner = "assigned", name

    @rule(name=st.sampled_from(AGENTS), twice=st.booleans())
    def agent_answers(self, name: str, twice: bool) -> None:
        body = {"client_message_id": uuid.uuid4().hex, "text": f"第{next(self.numbers)}答"}
        mine = self.state == "assigned" and self.owner == name
        for _ in range(1 + twice):
            assert self._agents(name, "messages", body) == (202 if mine else 409)

    @rule(name=st.sampled_from(AGENTS), how=st.sampled_from(["return-to-bot", "close"]))
    def agent_ends(self, name: str, how: str) -> None:
        mine = self.state == "assigned" and self.owner == name
        assert self._agents(name, how) == (204 if mine else 409)
        if mine:
            self.state = "bot" if how == "return-to-bot" else "closed"

    # What always holds.

    @invariant()
    def the_view_is_what_the_model_says(self) -> None:
        if not hasattr(self, "client"):
            return
        self._settle()
        self._read()
        view = self.client.view
        assert view["state"] == self.state
        echoes = [each for each in texts(view, "bot") if each.startswith("echo ")]
        said = [line for each in echoes for line in each.removeprefix("echo ").split("\n")]
        assert said == self.heard, "each message answered once and in order"
        self.buttons = [
            button["id"]
            for message in view["messages"][1:]
            for button in message.get("buttons", [])
            if button["title"].startswith("选") or button["title"] == LEAVE_BUTTON["title"]
        ]

    def teardown(self) -> None:
        if not hasattr(self, "client"):
            return
        clients = [*(client for _, client in self.past), self.client]
        self._settle()
        self.stage.truth.check(clients)
        for shopper, _ in [*self.past, (self.shopper, self.client)]:
            self.stage.run(shopper.client.aclose())

    def _title(self, button: str) -> str:
        shown = (b for m in self.client.view["messages"] for b in m.get("buttons", []))
        return next(each["title"] for each in shown if each["id"] == button)

    def _post(self, **content: str) -> bool:
        """Whether it was accepted, which it is unless the talk is closed."""
        client_id = uuid.uuid4().hex
        body = {"client_message_id": client_id, **content}
        send = self.shopper.client.post("/api/v1/shopper/messages", json=body)
        response = self.stage.run(send)
        if self.state == "closed":
            assert response.json()["code"] == "conversation_closed"
            return False
        assert response.status_code == 202, response.text
        self.client.accepted[client_id] = response.json()["seq"]
        return True

    def _shoppers(self, path: str) -> int:
        send = self.shopper.client.post(f"/api/v1/shopper{path}")
        return self.stage.run(send).status_code

    def _agents(self, name: str, what: str, body: Json | None = None) -> int:
        path = f"{DESK}/{self.client.conversation_id}/{what}"
        return self.stage.run(self.stage.agents[name].post(path, json=body)).status_code

    def _settle(self) -> None:
        async def settled() -> None:
            talk = [self.client.conversation_id]
            async with asyncio.timeout(30):
                while await asyncio.to_thread(self.stage.truth.unsettled, talk):
                    await asyncio.sleep(0.01)

        self.stage.run(settled())

    def _read(self) -> None:
        found = self.stage.run(self.shopper.read())
        self.client.view = events.apply(self.client.view, found)
        fresh = self.shopper.view if self.shopper.view["last_seq"] else EMPTY
        assert self.client.view == fresh, "who comes back sees the same"


@pytest.fixture
def stage(settings: Settings, tmp_path: Path) -> Iterator[Stage]:
    opened = Stage(settings)
    yield opened
    opened.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("database_url", "examples"), [("sqlite", 8), ("postgresql", 4)], indirect=["database_url"]
)
def test_any_life_of_a_conversation(stage: Stage, examples: int) -> None:
    run_state_machine_as_test(
        lambda: Life(stage),
        settings=hypothesis_settings(
            max_examples=examples,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
