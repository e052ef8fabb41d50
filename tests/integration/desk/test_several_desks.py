"""Several desks and engines on one PostgreSQL: each message once, whoever fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from kefu.conversation import leases, turns
from kefu.conversation.runner import Patience
from kefu.conversation.turns import Held
from kefu.settings import Settings
from kefu.store.database import Database, utc_now
from kefu.store.tables import Message, Turn
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer, answer
from tests.integration.desk.conftest import QUICK
from tests.tcp_proxy import in_front_of

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Gate:
    """An engine that stops in the middle of each turn until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def behave(self, request: Json) -> Json:
        self.reached.set()
        await self.open.wait()
        return answer(request)


@pytest.fixture
def gate(engine: EngineServer) -> Gate:
    stopping = Gate()
    engine.behave = stopping.behave
    return stopping


async def turns_of(database: Database, shopper: Shopper) -> list[Turn]:
    query = select(Turn).where(Turn.conversation_id == shopper.conversation_id)
    return await database.read(
        lambda session: list(session.scalars(query.order_by(Turn.created_at)))
    )


async def test_one_message_through_two_desks_at_once_is_one_message(
    start_desk: Start, engine: EngineServer
) -> None:
    desks = [await start_desk(), await start_desk()]
    shopper = await desks[0].shopper()
    clients = [shopper.client, desks[1].client(headers=dict(shopper.client.headers))]
    body = {"client_message_id": "same", "text": "你好"}
    answers = await asyncio.gather(
        *(clients[n % 2].post("/api/v1/shopper/messages", json=body) for n in range(50))
    )
    assert {(each.status_code, each.json()["seq"]) for each in answers} == {(202, 2)}
    view = await shopper.until_said("echo 你好")
    assert texts(view, "shopper") == ["你好"]
    assert engine.texts() == ["你好"]


async def test_pieces_that_wait_behind_a_turn_are_answered_together(
    start_desk: Start, engine: EngineServer, gate: Gate
) -> None:
    desks = [await start_desk(), await start_desk()]
    shopper = await desks[0].shopper()
    await shopper.say("在吗")
    await gate.reached.wait()
    other = Shopper(desks[1].client(headers=dict(shopper.client.headers)), shopper.session)
    for text, talker in (("我的订单", other), ("昨天买的", shopper), ("到哪了", other)):
        await talker.say(text)
    await other.say("我上周还买了一件蓝色的外套，想问问可不可以换成大一号的")
    gate.open.set()
    view = await shopper.until_said("echo 我上周还买了")
    assert texts(view, "bot")[1:] == [
        "echo 在吗",
        "echo 我的订单\n昨天买的\n到哪了",
        "echo 我上周还买了一件蓝色的外套，想问问可不可以换成大一号的",
    ]
    assert len(texts(view, "shopper")) == 5, "each keeps its own place in the talk"
    statuses = await desks[0].runtime.database.read(
        lambda session: session.scalars(select(Message.status)).all()
    )
    assert list(statuses) == ["done"] * 5


async def test_an_engine_that_is_away_leaves_the_turn_to_another_desks(
    start_desk: Start, settings: Settings, engine: EngineServer
) -> None:
    well = settings.engine_port
    settings.engine_port = 1
    lame = await start_desk()
    settings.engine_port = well
    await start_desk()
    shopper = await lame.shopper()
    await shopper.say("你好")
    view = await shopper.until_said("echo 你好", seconds=30)
    assert (view["state"], texts(view, "bot").count("echo 你好")) == ("bot", 1)
    (turn,) = await turns_of(lame.runtime.database, shopper)
    assert turn.failures == 0


async def test_a_desk_that_died_on_another_host_is_followed_when_its_lease_is_over(
    start_desk: Start, engine: EngineServer, gate: Gate
) -> None:
    lost = await start_desk(replace(QUICK, lease=2.0))
    lost.runtime.runner.worker = "elsewhere/0123456789ab:1:cafe"
    shopper = await lost.shopper()
    await shopper.say("你好")
    await gate.reached.wait()
    # As if the host were gone: nothing is given back.
    await freeze(lost)
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    other = await start_desk()
    follower = Shopper(other.client(headers=dict(shopper.client.headers)), shopper.session)
    view = await follower.until_said("echo 你好", seconds=30)
    assert texts(view, "bot").count("echo 你好") == 1
    (turn,) = await turns_of(other.runtime.database, shopper)
    assert (turn.attempt, turn.failures, turn.error) == (2, 1, "worker_lost")


async def freeze(desk: Desk) -> None:
    runner = desk.runtime.runner
    runner._stopped = True
    for task in (*runner._serving.values(), runner._sweeping):
        assert task is not None
        task.cancel()
    await asyncio.sleep(0.1)


async def test_a_desk_that_stops_gives_its_turn_back_at_once_and_it_counts_as_no_failure(
    start_desk: Start, engine: EngineServer, gate: Gate
) -> None:
    patience = Patience(lease=600.0, sweep=0.1)
    leaving, staying = await start_desk(patience), await start_desk(patience)
    shopper = await leaving.shopper()
    await shopper.say("你好")
    await gate.reached.wait()
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    await leaving.runtime.runner.stop()
    follower = Shopper(staying.client(headers=dict(shopper.client.headers)), shopper.session)
    await follower.until_said("echo 你好", seconds=30)
    (turn,) = await turns_of(staying.runtime.database, shopper)
    assert (turn.attempt, turn.failures) == (2, 0)


async def test_the_database_away_in_the_middle_of_a_turn_costs_time_and_nothing_else(
    start_desk: Start, settings: Settings, engine: EngineServer, gate: Gate, database_url: str
) -> None:
    with in_front_of(database_url) as (proxy, through):
        settings.database_url = through
        desk = await start_desk(Patience(lease=600.0, sweep=0.1))
        shopper = await desk.shopper()
        await shopper.say("你好")
        await gate.reached.wait()
        proxy.cut()
        gate.open.set()
        refused = await shopper.post("停电了", "later")
        assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
        await asyncio.sleep(1)
        proxy.mend()
        view = await shopper.until_said("echo 你好", seconds=30)
        assert texts(view, "bot").count("echo 你好") == 1
        assert (await shopper.post("来电了", "later")).status_code == 202
        view = await shopper.until_said("echo 来电了")
        assert texts(view, "shopper") == ["你好", "来电了"]
        first, _ = await turns_of(desk.runtime.database, shopper)
        assert first.failures == 0
        await desk.stop()


async def test_a_commit_whose_answer_is_lost_is_not_made_twice(
    start_desk: Start, settings: Settings, engine: EngineServer, database_url: str
) -> None:
    with in_front_of(database_url) as (proxy, through):
        settings.database_url = through
        desk = await start_desk()
        shopper = await desk.shopper()
        proxy.hold_commit_of("echo 你好".encode("unicode_escape"))
        await shopper.say("你好")
        await asyncio.to_thread(proxy.held.wait, 20)
        assert proxy.held.is_set()
        proxy.cut()
        proxy.mend()
        view = await shopper.until_said("echo 你好", seconds=30)
        await shopper.say("还在吗")
        view = await shopper.until_said("echo 还在吗", seconds=30)
        assert texts(view, "bot")[1:] == ["echo 你好", "echo 还在吗"]
        await desk.stop()


async def test_leases_go_by_the_databases_clock(start_desk: Start, database: Database) -> None:
    desk = await start_desk()
    await desk.runtime.runner.stop()
    shopper = await desk.shopper()
    await shopper.say("你好")
    lease = timedelta(seconds=60)
    begin = partial(turns.begin, conversation_id=shopper.conversation_id, lease=lease)
    await database.write(partial(begin, worker="here:1:a"))
    with time_machine.travel(utc_now() + timedelta(hours=1), tick=True):
        held = await database.write(partial(begin, worker="clock an hour ahead:1:b"))
        assert isinstance(held, Held)
        assert 0 < held.seconds <= 60
        assert await database.read(leases.needing_work) == []


async def test_what_another_desk_works_on_needs_no_work(
    start_desk: Start, database: Database
) -> None:
    desk = await start_desk()
    await desk.runtime.runner.stop()
    shopper = await desk.shopper()
    await shopper.say("你好")
    assert await database.read(leases.needing_work) == [shopper.conversation_id]
    begin = partial(
        turns.begin, conversation_id=shopper.conversation_id, lease=timedelta(seconds=60)
    )
    await database.write(partial(begin, worker="here:1:a"))
    await shopper.say("还有一个完整的问题：昨天买的衣服可不可以换大一号的")
    assert await database.read(leases.needing_work) == []
    await database.write(partial(leases.give_back, worker="here:1:a"))
    assert await database.read(leases.needing_work) == [shopper.conversation_id]
