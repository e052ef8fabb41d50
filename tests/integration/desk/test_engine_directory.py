"""Turns find the engine that holds their model, while models come and go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation import models
from kefu.engines.directory import Directory, EngineState, Listed
from kefu.settings import Settings
from kefu.store.database import Database
from kefu.store.model_tables import ModelChange
from kefu.store.tables import Model, Turn
from kefu.trainer import canary, promotion
from kefu.trainer.training import add_candidate
from tests.desk_stage import Desk
from tests.engine_server import EngineServer

OLD, NEW = "a" * 64, "b" * 64
STARTING, READY, DRAINING = EngineState.STARTING, EngineState.READY, EngineState.DRAINING


@pytest.fixture
async def second(settings: Settings) -> AsyncIterator[EngineServer]:
    """An engine with the new model, beside ``engine`` with the old one."""
    server = EngineServer(settings.derive_key("engine").hex())
    server.model = NEW
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
def directory(settings: Settings) -> Directory:
    return Directory.of(settings)


def listed(server: EngineServer, state: EngineState = READY) -> Listed:
    return Listed(f"http://127.0.0.1:{server.port}", state)


def know_both(session: Session) -> None:
    models.make_live(session, OLD, {})
    add_candidate(session, NEW, {})


async def test_desks_that_start_together_note_the_same_model_once(database: Database) -> None:
    start = Barrier(2)

    def noted(session: Session) -> None:
        models.make_live(session, OLD, {})

    def together(session: Session) -> None:
        # SQLite lets only one of them in here at a time.
        if session.get_bind().dialect.name != "sqlite":
            session.execute(select(Model.sha256))
            start.wait(10)
        noted(session)

    await asyncio.gather(database.write(together), database.write(together))
    assert await database.read(lambda session: session.scalars(select(Model.sha256)).all()) == [OLD]
    changes = select(func.count()).select_from(ModelChange)
    assert await database.read(lambda session: session.scalar(changes)) == 1


promote = partial(promotion.promote, sha256=NEW, profiles=["demo"], by="test", reason="")
Start = Callable[..., Awaitable[Desk]]


async def model_of_last_turn(desk: Desk) -> str | None:
    latest = select(Turn.model).order_by(Turn.created_at.desc()).limit(1)
    return await desk.runtime.database.read(lambda session: session.scalar(latest))


async def test_turns_move_to_the_promoted_model_once_its_engine_is_warm(
    start_desk: Start, engine: EngineServer, second: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: listed(engine)})
    desk = await start_desk()
    await desk.runtime.database.write(know_both)
    shopper = await desk.shopper()
    await shopper.say("一")
    await shopper.until_said("echo 一")
    await desk.runtime.database.write(promote)
    directory.write({OLD: listed(engine), NEW: listed(second, STARTING)})
    await shopper.say("二")
    await shopper.until_said("echo 二")
    assert engine.texts() == ["一", "二"], "nobody waits for the new engine"
    directory.write({OLD: listed(engine), NEW: listed(second)})
    await shopper.say("三")
    await shopper.until_said("echo 三")
    assert second.texts() == ["三"]
    assert await model_of_last_turn(desk) == NEW


async def test_an_open_turn_ends_on_the_engine_it_began_on(
    start_desk: Start, engine: EngineServer, second: EngineServer, directory: Directory
) -> None:
    import asyncio

    from tests.engine_server import Json, answer

    directory.write({OLD: listed(engine)})
    desk = await start_desk()
    await desk.runtime.database.write(know_both)
    go_on = asyncio.Event()

    async def slow(request: Json) -> Json:
        await go_on.wait()
        return answer(request)

    engine.behave = slow
    shopper = await desk.shopper()
    await shopper.say("慢慢来")
    async with asyncio.timeout(10):
        while not engine.requests:
            await asyncio.sleep(0.01)
    await desk.runtime.database.write(promote)
    directory.write({OLD: listed(engine, DRAINING), NEW: listed(second)})
    go_on.set()
    await shopper.until_said("echo 慢慢来")
    assert second.requests == []
    assert await model_of_last_turn(desk) == OLD


async def test_a_turn_whose_engine_is_gone_begins_anew_on_the_live_model(
    start_desk: Start, engine: EngineServer, second: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: Listed("http://127.0.0.1:9", READY)})
    desk = await start_desk()
    await desk.runtime.database.write(know_both)
    shopper = await desk.shopper()
    await shopper.say("还在吗")
    await desk.runtime.database.write(promote)
    directory.write({NEW: listed(second)})
    await shopper.until_said("echo 还在吗")
    assert await model_of_last_turn(desk) == NEW


async def test_a_killed_engine_is_waited_for(
    start_desk: Start, engine: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: listed(engine)})
    desk = await start_desk()
    await desk.runtime.database.write(know_both)
    await engine.kill()
    directory.write({OLD: listed(engine, STARTING)})
    shopper = await desk.shopper()
    await shopper.say("喂")
    await engine.start()
    directory.write({OLD: listed(engine)})
    await shopper.until_said("echo 喂")


async def test_a_rollback_leads_back_and_the_pile_is_taken_off(
    start_desk: Start, engine: EngineServer, second: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: listed(engine), NEW: listed(second)})
    desk = await start_desk()
    write = desk.runtime.database.write
    await write(know_both)
    await write(promote)
    back = await write(partial(promotion.roll_back, profile="demo", by="test"))
    assert (back.from_sha256, back.to_sha256) == (NEW, OLD)
    shopper = await desk.shopper()
    await shopper.say("旧的好")
    await shopper.until_said("echo 旧的好")
    assert engine.texts() == ["旧的好"]
    assert await write(partial(promotion.previous_model, profile="demo")) is None


async def test_a_canary_answers_its_share_and_is_halted_when_it_hands_off_more(
    start_desk: Start, engine: EngineServer, second: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: listed(engine), NEW: listed(second)})
    desk = await start_desk()
    write = desk.runtime.database.write
    await write(know_both)
    await write(partial(canary.start, sha256=NEW, profile="demo", share=0.5, by="test"))
    shoppers = [await desk.shopper() for _ in range(12)]
    for shopper in shoppers:
        await shopper.say("你好")
        await shopper.until_said("echo 你好")
    chosen = [s for s in shoppers if models.takes_part(s.conversation_id, NEW, 0.5)]
    assert len(second.requests) == len(chosen)
    assert len(engine.requests) == 12 - len(chosen)
    await write(partial(fill_turns, canary_handed=40, live_handed=5))
    assert await write(canary.halt_worse) == ["demo"]
    assert await write(canary.halt_worse) == []
    (halt, *_) = await write(partial(promotion.history, profiles=["demo"]))
    assert (halt["action"], halt["actor"]) == ("canary_halt", "system")
    assert halt["detail"]["canary"]["handed_off"] == 40
    assert "转人工率" in halt["reason"]
    sent = len(engine.requests)
    for shopper in chosen[:1]:
        await shopper.say("再问")
        await shopper.until_said("echo 再问")
        assert len(engine.requests) == sent + 1


def fill_turns(session: Session, canary_handed: int, live_handed: int, each: int = 80) -> None:
    """Finished conversations of both models, so many of them handed off."""
    from kefu.store.tables import Conversation

    pattern = session.scalars(select(Turn).limit(1)).one()
    talk = session.get_one(Conversation, pattern.conversation_id)
    for model, handed in ((NEW, canary_handed), (OLD, live_handed)):
        for number in range(each):
            name = f"{model[0]}{number}"
            session.add(copied(talk, conversation_id=name, resume_hash=name))
            session.flush()
            session.add(
                copied(
                    pattern,
                    turn_id=name,
                    conversation_id=name,
                    model=model,
                    handed_off=number < handed,
                )
            )


def copied(row: object, **values: object) -> object:
    columns = type(row).__mapper__.columns.keys()  # type: ignore[attr-defined]
    kept = {name: getattr(row, name) for name in columns if name != "previous_resume_hash"}
    return type(row)(**(kept | values))


async def test_without_a_keeper_the_only_engine_answers(
    start_desk: Start, engine: EngineServer
) -> None:
    desk = await start_desk()
    shopper = await desk.shopper()
    await shopper.say("在")
    await shopper.until_said("echo 在")
    assert await model_of_last_turn(desk) == engine.model


async def test_the_list_of_a_keeper_that_has_died_counts_no_more(
    settings: Settings, engine: EngineServer, directory: Directory
) -> None:
    directory.write({OLD: listed(engine)})
    path = settings.home / f"engines-{settings.port}.json"
    assert Directory(path).read() == {OLD: listed(engine)}
    text = path.read_text()
    keeper = text.split('"')[3]
    machine, pid, start = keeper.rsplit(":", 2)
    path.write_text(text.replace(keeper, f"{machine}:{pid}:{int(start) + 1}"))
    assert Directory(path).read() == {}
    path.write_text(text.replace(keeper, f"elsewhere:{pid}:{start}"))
    assert Directory(path).read() == {}
    directory.remove()
    assert directory.read() is None
