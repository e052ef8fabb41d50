"""A message that was accepted is answered once, whatever breaks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import turns
from kefu.conversation.errors import TurnOvertaken
from kefu.conversation.turns import TurnInput
from kefu.engine_client import TurnResult
from kefu.settings import Settings
from kefu.shop.ledger import OperationRow
from kefu.store.database import connect, utc_now
from kefu.store.service_tables import Ticket
from kefu.store.tables import Conversation, Message, Model, Turn
from kefu.turn_token import verify
from tests.desk_stage import Desk, texts
from tests.engine_server import MODEL, Drop, EngineServer, Refuse, answer
from tests.integration.desk.conftest import QUICK

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]


def sentence(number: int) -> str:
    """Too long to be read as a piece of another message."""
    return f"第{number}句话说得很完整，所以它自己就是一轮对话，不会和别的合并"


def had_effect(settings: Settings, turn_id: str) -> None:
    """What the action server leaves behind when it has opened an RMA in this turn."""
    shop = connect(settings.shop_database)
    with Session(shop) as session, session.begin():
        session.add(
            OperationRow(
                profile="demo",
                turn_id=turn_id,
                name="request_return",
                target="KF20261108004217/1",
                arguments_hash="0",
                result={"rma_number": "RMA0123456789"},
                at=utc_now(),
            )
        )
    shop.dispose()


async def test_a_message_is_answered_and_the_tracker_travels(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    shopper = await desk.shopper(context={"order_id": "KF20261108004217"})
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
    await shopper.say("在吗")
    await shopper.until_said("echo 在吗")

    first, second = engine.requests
    assert first["tracker"] is None
    assert [event["text"] for event in second["tracker"]["events"]] == ["你好"]
    assert first["context"] == {"order_id": "KF20261108004217"}
    assert first["model"] == second["model"] == MODEL
    claims = verify(first["turn_token"], settings.derive_key("turn-token"))
    assert (claims.turn_id, claims.profile, claims.account_id) == (first["turn_id"], "demo", None)


async def test_fifty_copies_of_a_message_are_one_message_and_one_turn(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    answers = await asyncio.gather(*(shopper.post("你好", "same-id") for _ in range(50)))
    assert {response.status_code for response in answers} == {202}
    assert {response.json()["seq"] for response in answers} == {2}
    await shopper.until_said("echo 你好")
    await shopper.say("再见")
    view = await shopper.until_said("echo 再见")
    assert texts(view, "shopper") == ["你好", "再见"]
    assert engine.texts() == ["你好", "再见"]


async def test_turns_of_one_talk_keep_their_order_and_those_of_others_do_not_wait(
    desk: Desk, engine: EngineServer
) -> None:
    running: dict[str, int] = {}

    async def slow(request: Json) -> Json:
        talk = request["conversation_id"]
        running[talk] = running.get(talk, 0) + 1
        assert running[talk] == 1, "two turns of one conversation at once"
        await asyncio.sleep(0.1)
        running[talk] -= 1
        return answer(request)

    engine.behave = slow
    shoppers = [await desk.shopper() for _ in range(4)]
    for number in range(3):
        await asyncio.gather(*(shopper.say(sentence(number)) for shopper in shoppers))
    for shopper in shoppers:
        view = await shopper.until_said(f"echo {sentence(2)}")
        assert texts(view, "bot")[1:] == [f"echo {sentence(number)}" for number in range(3)]
    assert engine.most_running >= 3


@pytest.mark.parametrize(
    "breaks",
    [Drop(), Refuse(500, "turn_failed"), Refuse(502, "action_failed", action="action_x")],
    ids=["connection cut", "turn failed", "action failed"],
)
async def test_a_failed_turn_is_tried_again_with_the_same_input(
    desk: Desk, engine: EngineServer, breaks: Exception
) -> None:
    async def once_broken(request: Json) -> Json:
        if request["attempt"] == 1:
            raise breaks
        return answer(request)

    engine.behave = once_broken
    shopper = await desk.shopper()
    await shopper.say("你好")
    view = await shopper.until_said("echo 你好")
    assert texts(view, "bot").count("echo 你好") == 1
    assert texts(view, "system") == []
    first, second = (
        {key: value for key, value in request.items() if key not in {"attempt", "turn_token"}}
        for request in engine.requests
    )
    assert first == second


@pytest.mark.parametrize(
    "result",
    [
        {"replies": [], "commands": []},
        {"commands": [{"type": "dance"}]},
        {"commands": [{"type": "handoff", "reason": "because"}]},
        {"replies": [{"text": "选", "buttons": [{"title": "好", "payload": "affirm"}]}]},
        {"turn_id": "another"},
        {"tracker": None},
    ],
    ids=["silence", "unknown command", "bad command", "bad button", "other turn", "no tracker"],
)
async def test_what_cannot_be_carried_out_ends_with_a_person_and_never_with_silence(
    desk: Desk, engine: EngineServer, result: Json
) -> None:
    async def odd(request: Json) -> Json:
        return {**answer(request, "half an answer"), **result}

    engine.behave = odd
    shopper = await desk.shopper()
    await shopper.say("你好")
    view = await shopper.until_state("waiting")
    assert len(engine.requests) == turns.TRIES
    assert "非常抱歉" in texts(view, "system")[0]
    assert "half an answer" not in texts(view)
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )
    assert (row.reason, row.tracker_version) == ("action_failed", 1)
    assert "未能回复" in row.note


async def test_an_engine_that_restarts_is_waited_for(desk: Desk, engine: EngineServer) -> None:
    shopper = await desk.shopper()
    await shopper.say("热身")
    await shopper.until_said("echo 热身")
    await engine.kill()
    await shopper.say("你好")
    await asyncio.sleep(1.0)
    await engine.start()
    view = await shopper.until_said("echo 你好")
    assert texts(view, "bot").count("echo 你好") == 1
    assert view["state"] == "bot"


async def test_an_engine_killed_in_the_middle_of_a_turn_answers_once_after_its_restart(
    desk: Desk, engine: EngineServer
) -> None:
    struck = asyncio.Event()

    async def dies(request: Json) -> Json:
        struck.set()
        await asyncio.sleep(30)
        return answer(request)

    engine.behave = dies
    shopper = await desk.shopper()
    await shopper.say("你好")
    await struck.wait()
    await engine.kill()
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    await asyncio.sleep(0.5)
    await engine.start()
    view = await shopper.until_said("echo 你好")
    assert texts(view, "bot").count("echo 你好") == 1


async def test_an_engine_that_never_comes_back_ends_with_a_person(
    start_desk: Start, engine: EngineServer
) -> None:
    await engine.kill()
    desk = await start_desk(replace(QUICK, engine_restart=0.5))
    shopper = await desk.shopper()
    await shopper.say("你好")
    view = await shopper.until_state("waiting")
    assert "非常抱歉" in texts(view, "system")[0]
    assert engine.requests == []


async def test_an_engine_that_hangs_ends_with_a_person(
    start_desk: Start, engine: EngineServer, settings: Settings
) -> None:
    settings.engine_deadline = 0.1

    async def hang(request: Json) -> Json:
        await asyncio.sleep(30)
        return answer(request)

    engine.behave = hang
    desk = await start_desk(replace(QUICK, lease=5.0))
    shopper = await desk.shopper()
    await shopper.say("你好")
    view = await shopper.until_state("waiting", seconds=15)
    assert "对话引擎处理超时" in await note_of(desk, shopper.conversation_id)
    assert "非常抱歉" in texts(view, "system")[0]


async def test_what_a_given_up_turn_did_in_the_shop_is_told_to_shopper_and_agent(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    async def effect_then_failure(request: Json) -> Json:
        if request["attempt"] == 1:
            await asyncio.to_thread(had_effect, settings, request["turn_id"])
        raise Refuse(502, "action_failed", action="action_return_apply")

    engine.behave = effect_then_failure
    shopper = await desk.shopper()
    await shopper.say("确认退货")
    view = await shopper.until_state("waiting")
    assert "RMA0123456789" in texts(view, "system")[0]
    assert "RMA0123456789" in await note_of(desk, shopper.conversation_id)


async def test_when_the_shop_cannot_say_what_was_done_nobody_is_told_it_was_not(
    start_desk: Start, engine: EngineServer, settings: Settings
) -> None:
    settings.shop_url = "postgresql://nobody@127.0.0.1:1/none"

    async def fail(_request: Json) -> Json:
        raise Refuse(502, "action_failed", action="action_x")

    engine.behave = fail
    desk = await start_desk()
    shopper = await desk.shopper()
    await shopper.say("确认退货")
    view = await shopper.until_state("waiting")
    assert "请不要重复提交" in texts(view, "system")[0]
    assert "先核实" in await note_of(desk, shopper.conversation_id)


async def test_a_person_who_takes_over_in_the_middle_silences_the_bot(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: Json) -> Json:
        await asyncio.to_thread(had_effect, settings, request["turn_id"])
        started.set()
        await go_on.wait()
        return answer(request)

    engine.behave = wait
    shopper = await desk.shopper()
    await shopper.say("确认退货")
    await started.wait()
    await shopper.client.post("/api/v1/shopper/close")
    go_on.set()
    view = await shopper.until_said("RMA0123456789")
    assert "echo 确认退货" not in texts(view)
    turn = await only_turn(desk, shopper.conversation_id)
    assert turn.status == "overtaken"


async def test_a_turn_whose_model_is_gone_starts_afresh_only_without_effects(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    shopper = await desk.shopper()
    await shopper.say("一")
    await shopper.until_said("echo 一")
    engine.model = "b" * 64
    await shopper.say("二")
    await shopper.until_said("echo 二")
    assert [request["model"] for request in engine.requests] == [MODEL, MODEL, "b" * 64]

    async def effect_then_new_model(request: Json) -> Json:
        await asyncio.to_thread(had_effect, settings, request["turn_id"])
        engine.model = "c" * 64
        raise Drop

    engine.behave = effect_then_new_model
    await shopper.say("三")
    view = await shopper.until_state("waiting")
    assert "RMA0123456789" in texts(view, "system")[0]
    live = await desk.runtime.database.read(
        lambda session: session.scalars(select(Model.sha256)).all()
    )
    assert set(live) == {MODEL, "b" * 64}


async def test_a_desk_that_crashes_leaves_its_turn_to_another(
    start_desk: Start, engine: EngineServer
) -> None:
    crashed = await start_desk()
    shopper = await crashed.shopper()
    engine.behave = lambda request: asyncio.sleep(30, answer(request))
    await shopper.say("你好")
    async with asyncio.timeout(20):
        while not engine.requests:
            await asyncio.sleep(0.01)
    await crashed.runtime.runner.stop()

    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    other = await start_desk()
    again = await other.shopper(resume_token=shopper.session["resume_token"])
    assert again.conversation_id == shopper.conversation_id
    view = await again.until_said("echo 你好")
    assert texts(view, "bot").count("echo 你好") == 1
    assert [request["attempt"] for request in engine.requests] == [1, 2]


async def test_two_desks_share_the_work_without_doing_it_twice(
    start_desk: Start, engine: EngineServer
) -> None:
    desks = [await start_desk(), await start_desk()]
    shopper = await desks[0].shopper()
    other = desks[1].client(headers=dict(shopper.client.headers))
    for number in range(6):
        client = (shopper.client, other)[number % 2]
        body = {"client_message_id": f"m{number}", "text": sentence(number)}
        assert (await client.post("/api/v1/shopper/messages", json=body)).status_code == 202
    view = await shopper.until_said(f"echo {sentence(5)}", seconds=20)
    assert texts(view, "bot")[1:] == [f"echo {sentence(number)}" for number in range(6)]
    assert engine.texts() == [sentence(number) for number in range(6)]


async def test_a_late_attempt_cannot_commit(desk: Desk, engine: EngineServer) -> None:
    await desk.runtime.runner.stop()
    shopper = await desk.shopper()
    database = desk.runtime.database
    await shopper.say("你好")
    begin = partial(turns.begin, conversation_id=shopper.conversation_id, worker="w:1:a")
    await database.write(release_all)
    late = await database.write(partial(begin, lease=timedelta(seconds=60)))
    await database.write(release_all)
    second = await database.write(partial(begin, lease=timedelta(seconds=60)))
    assert isinstance(late, TurnInput)
    assert isinstance(second, TurnInput)
    request = {"turn_id": late.turn_id, "message": {"text": "你好"}, "tracker": None}
    result = TurnResult.model_validate(answer(request, "迟到的回答"))
    commit = partial(
        turns.commit,
        result=result,
        executors=desk.runtime.runner._executors,
        profile=desk.runtime.profiles["demo"],
    )
    with pytest.raises(TurnOvertaken):
        await database.write(partial(commit, taken=late))
    assert await database.write(partial(commit, taken=second)) is False, "nothing more waits"
    view = await shopper.until_said("迟到的回答")
    assert texts(view, "bot").count("迟到的回答") == 1


def release_all(session: Any) -> None:
    for turn in session.scalars(select(Turn).where(Turn.status == "open")):
        turn.worker = None
        turn.lease_until = utc_now()


async def test_commands_are_carried_out_with_the_replies(desk: Desk, engine: EngineServer) -> None:
    ticket = {"type": "ticket", "kind": "complaint", "subject": "快递员态度差", "details": "…"}
    commands = [{"type": "verify_order", "order_number": "KF20261108004217"}, ticket]
    engine.behave = lambda request: asyncio.sleep(0, answer(request, "好的", commands=commands))
    shopper = await desk.shopper()
    await shopper.say("我要投诉")
    view = await shopper.until_said("工单号")
    stored = await desk.runtime.database.read(lambda session: session.scalars(select(Ticket)).one())
    assert stored.number in texts(view, "system")[0]
    assert (stored.kind, stored.order_number) == ("complaint", None)
    await shopper.say("还有")
    await shopper.until(lambda view: texts(view, "bot").count("好的") == 2)
    claims = [
        verify(request["turn_token"], desk.runtime.settings.derive_key("turn-token"))
        for request in engine.requests
    ]
    assert [claim.verified_orders for claim in claims] == [
        frozenset(),
        frozenset({"KF20261108004217"}),
    ]


async def test_a_handed_off_talk_is_silent_and_its_messages_wait_for_the_person(
    desk: Desk, engine: EngineServer
) -> None:
    handoff = {"type": "handoff", "reason": "requested", "group": None, "note": "顾客要求人工"}
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[handoff, handoff]))
    shopper = await desk.shopper()
    await shopper.say("我要找人工")
    view = await shopper.until_state("waiting")
    assert texts(view, "system").count(texts(view, "system")[0]) == 1
    await shopper.say("有人吗")
    await asyncio.sleep(0.3)
    assert engine.texts() == ["我要找人工"]
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    assert (await shopper.client.post("/api/v1/shopper/queue/leave")).status_code == 204
    await shopper.until_state("bot")
    await shopper.say("算了问你吧")
    await shopper.until_said("echo 算了问你吧")
    assert engine.requests[-1]["tracker"] is None, "back with the bot a new episode begins"
    assert engine.texts() == ["我要找人工", "算了问你吧"]


async def test_who_writes_while_waiting_hears_once_that_it_will_be_read_and_may_go_back(
    desk: Desk, engine: EngineServer
) -> None:
    handoff = {"type": "handoff", "reason": "requested", "note": ""}
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[handoff]))
    shopper = await desk.shopper()
    await shopper.say("我要找人工")
    await shopper.until_state("waiting")
    await shopper.say("在吗")
    view = await shopper.until_said("客服接入后会看到您的留言")
    (button,) = view["messages"][-1]["buttons"]
    assert set(button) == {"id", "title"}
    await shopper.say("人呢")
    await shopper.read()
    assert sum("您的留言" in said for said in texts(shopper.view, "system")) == 1

    assert (await shopper.press(button["id"])).status_code == 202
    view = await shopper.until_state("bot")
    view = await shopper.until_said("已为您取消排队")
    await shopper.press(button["id"])
    await shopper.until_said("没有在排队")
    assert engine.texts() == ["我要找人工"], "the desk carries it out itself"

    await shopper.say("再找一次人工")
    await shopper.until_state("waiting")
    await shopper.say("在吗")
    view = await shopper.until(lambda view: texts(view, "system")[-1].startswith("已收到"))
    # Typed instead of pressed it is the same.
    await shopper.say("取消排队,继续问机器人。")
    await shopper.until_state("bot")


async def test_old_state_and_events_give_the_fresh_state(desk: Desk, engine: EngineServer) -> None:
    handoff = {"type": "handoff", "reason": "requested", "note": ""}

    async def behave(request: Json) -> Json:
        call = "人工" in request["message"].get("text", "")
        return answer(request, commands=[handoff] if call else None)

    engine.behave = behave
    shopper = await desk.shopper()
    for text in ("你好", "转人工", "在等"):
        await shopper.say(text)
        await shopper.read()
    await shopper.until_state("waiting")
    await shopper.client.post("/api/v1/shopper/queue/leave")
    await shopper.client.post("/api/v1/shopper/close")
    view = await shopper.until_state("closed")
    fresh = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )
    assert (view["state"], view["last_seq"]) == (fresh.state, fresh.last_seq)


async def note_of(desk: Desk, conversation_id: str) -> str:
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, conversation_id)
    )
    return row.note


async def only_turn(desk: Desk, conversation_id: str) -> Turn:
    return await desk.runtime.database.read(
        lambda session: session.scalars(
            select(Turn).where(Turn.conversation_id == conversation_id)
        ).one()
    )


async def test_every_message_is_done_in_the_end(desk: Desk) -> None:
    shopper = await desk.shopper()
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
    statuses = await desk.runtime.database.read(
        lambda session: session.scalars(select(Message.status)).all()
    )
    assert list(statuses) == ["done"]
