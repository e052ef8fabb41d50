"""How a talk ends, and what the trainer hears of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from kefu.conversation import models
from kefu.store.desk_tables import Correction
from kefu.store.handoff_tables import Handoff
from kefu.store.tables import Conversation
from tests.desk_stage import Desk, Shopper
from tests.engine_server import EngineServer, answer
from tests.integration.desk.staff import HANDOFF, Person, person

pytestmark = pytest.mark.either_database


@pytest.fixture
async def wang(desk: Desk) -> Person:
    return await person(desk, "wang")


async def talk_about(
    desk: Desk, engine: EngineServer, wang: Person, words: str, intent: str
) -> Shopper:
    """The bot read ``words`` as ``intent``; then the shopper asked for a person."""

    async def behave(request: Any) -> Any:
        human = request["message"].get("text") == "转人工"
        name = "human_agent" if human else intent
        said = answer(request, commands=[HANDOFF] if human else None)
        return {**said, "parse": {"text": "", "intent": {"name": name, "confidence": 0.8}}}

    engine.behave = behave
    shopper = await desk.shopper()
    await shopper.say(words)
    await shopper.until_said(f"echo {words}")
    await shopper.say("转人工")
    await shopper.until(lambda view: view["state"] != "bot")
    assert (await wang.do(shopper, "claim")).status_code == 204
    await asyncio.sleep(0)
    return shopper


async def corrections(desk: Desk) -> list[Correction]:
    return list(
        await desk.runtime.database.read(
            lambda session: session.scalars(
                select(Correction).order_by(Correction.correction_id)
            ).all()
        )
    )


async def test_the_right_intent_goes_to_the_trainer(
    desk: Desk, engine: EngineServer, wang: Person
) -> None:
    talk = await talk_about(desk, engine, wang, "我要把它退掉", "exchange_request")
    body = {
        "resolution": "solved",
        "intent_right": False,
        "right_intent": "return_request",
        "tags": ["退货"],
        "note": "已办退货",
    }
    assert (await wang.do(talk, "close", body)).status_code == 204
    await talk.until_state("closed")
    (mark,) = await corrections(desk)
    assert (mark.intent_given, mark.right, mark.right_intent) == (
        "exchange_request",
        False,
        "return_request",
    )
    said = next(each for each in talk.view["messages"] if each["text"] == "我要把它退掉")
    assert (mark.seq, mark.staff_id, mark.profile) == (said["seq"], wang.staff_id, "demo")
    handoff, tags = await desk.runtime.database.read(
        lambda session: (
            session.scalars(select(Handoff)).one(),
            session.get_one(Conversation, talk.conversation_id).tags,
        )
    )
    assert (handoff.resolution, handoff.closing_note, tags) == ("solved", "已办退货", ["退货"])


@pytest.mark.parametrize(
    ("body", "right", "intent"),
    [
        ({"intent_right": True}, True, None),
        ({"intent_right": False}, False, None),
        ({"right_intent": "return_request"}, False, "return_request"),
        # Whoever names another intent says that the bot was wrong.
        ({"intent_right": True, "right_intent": "return_request"}, False, "return_request"),
    ],
)
async def test_one_key_is_enough(
    desk: Desk, engine: EngineServer, wang: Person, body: Any, right: bool, intent: str | None
) -> None:
    talk = await talk_about(desk, engine, wang, "我要把它退掉", "exchange_request")
    assert (await wang.do(talk, "close", body)).status_code == 204
    (mark,) = await corrections(desk)
    assert (mark.right, mark.right_intent) == (right, intent)


async def test_without_a_mark_nothing_is_said(
    desk: Desk, engine: EngineServer, wang: Person
) -> None:
    talk = await talk_about(desk, engine, wang, "我要退货", "return_request")
    assert (await wang.do(talk, "close")).status_code == 204
    assert await corrections(desk) == []


async def test_an_unknown_intent_ends_nothing(
    desk: Desk, engine: EngineServer, wang: Person
) -> None:
    talk = await talk_about(desk, engine, wang, "我要退货", "return_request")
    refused = await wang.do(talk, "close", {"right_intent": "no_such_intent"})
    assert (refused.status_code, refused.json()["code"]) == (422, "intent_unknown")
    await talk.read()
    assert talk.view["state"] == "assigned"
    known = await wang.client.get("/api/v1/desk/intents")
    assert {"name": "return_request", "title": "退货退款", "typed": True} in known.json()


async def test_an_intent_that_trainers_have_made_may_be_named_once_it_is_live(
    desk: Desk, engine: EngineServer, wang: Person
) -> None:
    talk = await talk_about(desk, engine, wang, "旧的能抵钱吗", "exchange_request")
    made = {"name": "trade_in", "title": "以旧换新", "typed": True}
    assert made not in (await wang.client.get("/api/v1/desk/intents")).json()
    card = {"titles": {"requests": {"trade_in": "以旧换新"}}}
    await desk.runtime.database.write(partial(models.make_live, sha256="c" * 64, card=card))
    assert made in (await wang.client.get("/api/v1/desk/intents")).json()
    assert (await wang.do(talk, "close", {"right_intent": "trade_in"})).status_code == 204
    (mark,) = await corrections(desk)
    assert mark.right_intent == "trade_in"
