"""What travels to the action server, and what its answers become."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from rasa.core.actions.action import ActionExecutionRejection
from rasa.shared.core.trackers import DialogueStateTracker

from kefu_engine.action_call import ActionCall, ActionServer, TurnActions
from kefu_engine.errors import ActionFailed, ActionsUnreachable

DOMAIN: dict[str, Any] = {"slots": {"reason": {}}, "forms": {"return_form": {}}}


@dataclass
class Recorder:
    """A server that speaks the action protocol and keeps what it was sent."""

    status: int = 200
    answer: Any = field(default_factory=lambda: {"events": [], "responses": []})
    calls: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)
    peers: set[Any] = field(default_factory=set)

    async def webhook(self, request: web.Request) -> web.Response:
        self.calls.append((request.headers.get("X-Kefu-Turn-Token"), await request.json()))
        assert request.transport
        self.peers.add(request.transport.get_extra_info("peername"))
        text = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        return web.Response(text=text, status=self.status)


@dataclass
class Line:
    recorder: Recorder
    actions: TurnActions

    async def call(self, name: str) -> list[Any]:
        tracker = DialogueStateTracker.from_events("c1", [], [])
        return await ActionCall(name, self.actions).run(None, None, tracker, None)  # pyright: ignore


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_post("/webhook", recorder.webhook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server = ActionServer(f"http://127.0.0.1:{port}/", 2.0)
    yield Line(recorder, TurnActions(server, "the-token", DOMAIN))
    await server.close()
    await runner.cleanup()


async def test_the_turn_token_travels_and_the_domain_only_to_validators(line: Line) -> None:
    for name in ("action_order_status", "validate_return_form", "action_validate_slot_mappings"):
        await line.call(name)
    tokens, bodies = zip(*line.recorder.calls, strict=True)
    assert set(tokens) == {"the-token"}
    assert [body["domain"] for body in bodies] == [{}, DOMAIN, DOMAIN]
    assert {body["sender_id"] for body in bodies} == {"c1"}


async def test_calls_share_one_connection(line: Line) -> None:
    for _ in range(5):
        await line.call("action_order_status")
    assert len(line.recorder.peers) == 1


async def test_a_rejection_stays_a_rejection(line: Line) -> None:
    line.recorder.status = 400
    line.recorder.answer = {"action_name": "action_x", "error": "not now"}
    with pytest.raises(ActionExecutionRejection):
        await line.call("action_x")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (400, {"error": "bad body"}),
        (400, "no json"),
        (401, {}),
        (404, {}),
        (449, {}),
        (500, {}),
        (302, {}),
        (200, "no json"),
        (200, []),
        (200, {"events": {}}),
        (200, {"events": [{"event": "no_such_event"}]}),
        (200, {"responses": ["text"]}),
    ],
)
async def test_anything_else_fails_the_action(line: Line, status: int, answer: Any) -> None:
    line.recorder.status, line.recorder.answer = status, answer
    with pytest.raises(ActionFailed) as failed:
        await line.call("action_x")
    assert failed.value.action == "action_x"


async def test_a_server_that_does_not_listen_is_told_apart_from_one_that_fails() -> None:
    server = ActionServer("http://127.0.0.1:1", 1.0)
    try:
        with pytest.raises(ActionsUnreachable) as failed:
            await server.post("action_x", {}, "token")
    finally:
        await server.close()
    assert failed.value.status == 503
    assert failed.value.as_problem()["action"] == "action_x"
