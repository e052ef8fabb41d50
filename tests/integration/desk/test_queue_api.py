"""The queue through the API: what shoppers are told, what supervisors do, who may see what."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from kefu.desk import authors, socket
from kefu.handoff import packet
from kefu.store.handoff_tables import Handoff, ToldWait
from kefu.store.tables import Audit, Conversation
from tests.desk_stage import Desk, Shopper, agent, texts
from tests.engine_server import EngineServer, answer
from tests.integration.desk.staff import HANDOFF, PASSWORD, Person, calling, person

Json = dict[str, Any]

# What is the page's or the rules' alone is the same on either database.
ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AGENT, SUPERVISOR = ("agent",), ("supervisor",)


async def row_of(desk: Desk, shopper: Shopper) -> Conversation:
    return await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )


async def told_waits(desk: Desk) -> list[int]:
    return await desk.runtime.database.read(
        lambda session: list(session.scalars(select(ToldWait.told_id).order_by(ToldWait.told_id)))
    )


@ONE_DATABASE
async def test_an_agents_network_is_cut_and_both_sides_are_told(
    desk: Desk, engine: EngineServer
) -> None:
    desk.runtime.returner.lease = 2.0
    wang = await person(desk, "wang")
    await wang.is_("online")
    async with wang.socket() as line:
        shopper = await calling(desk, engine)
        await line.until_inbox(lambda inbox: bool(inbox["mine"]))
    # The page is gone and gives no sign any more.
    await shopper.until_said("客服的连接中断了", seconds=30)
    row = await row_of(desk, shopper)
    assert (row.state, row.returned) == ("waiting", True)
    desk.runtime.returner.lease = 30.0
    desk.runtime.beats.forget(wang.staff_id)
    async with wang.socket() as line:
        back = await line.until_inbox(lambda inbox: bool(inbox["mine"]), seconds=30)
        assert back["presence"]["status"] == "online"
        assert back["mine"][0]["conversation_id"] == shopper.conversation_id
    await shopper.until_state("assigned")


async def test_who_logs_out_or_is_shut_out_gives_the_chats_back_at_once(
    desk: Desk, engine: EngineServer
) -> None:
    wang, li = await person(desk, "wang"), await person(desk, "li")
    root = await person(desk, "root", roles={"*": ("admin",)})
    first, second = await calling(desk, engine), await calling(desk, engine)
    for who, shopper in ((wang, first), (li, second)):
        assert (await who.do(shopper, "claim")).status_code == 204
    elsewhere = await agent(desk, "wang", PASSWORD)
    assert (await wang.post("/logout")).status_code == 204
    assert (await row_of(desk, first)).state == "assigned", "still there with another browser"
    assert (await elsewhere.post("/api/v1/desk/logout")).status_code == 204
    assert (await root.put(f"/staff/{li.staff_id}", {"active": False})).status_code == 200
    for who, shopper in ((wang, first), (li, second)):
        row = await row_of(desk, shopper)
        assert (row.state, row.returned, row.assigned_to) == ("waiting", True, None)
        await shopper.until_said("您已排在队伍最前面")
        query = select(Audit.detail).where(
            Audit.action == "give_back", Audit.subject == shopper.conversation_id
        )
        detail = await desk.runtime.database.read(
            lambda session, query=query: session.scalar(query)
        )
        assert (detail or {})["owner"] == who.staff_id
    # Their presence says so too: nothing is given to who has left.
    shown = {each["staff_id"]: each["status"] for each in (await root.get("/colleagues"))}
    assert shown[wang.staff_id] == "offline"


@ONE_DATABASE
async def test_the_socket_is_for_the_staff_of_this_desk_alone(desk: Desk) -> None:
    trainer = await person(desk, "trainer", roles={"demo": ("trainer",)})
    with pytest.raises(Exception, match="4401"):
        async with trainer.socket() as line:
            await line.until(lambda _: True)
    wang = await person(desk, "wang")
    wang.client.headers["X-CSRF-Token"] = "wrong"
    with pytest.raises(Exception, match="4401"):
        async with wang.socket() as line:
            await line.until(lambda _: True)


@ONE_DATABASE
async def test_the_socket_is_for_pages_of_this_desk_alone(desk: Desk) -> None:
    wang = await person(desk, "wang")
    for origin in ("https://evil.example", "null", "http://["):
        with pytest.raises(Exception, match="4401"):
            async with wang.socket(origin) as line:
                await line.until(lambda _: True)
    async with wang.socket(desk.base) as line:
        await line.until_inbox(lambda inbox: inbox["mine"] == [])


@ONE_DATABASE
async def test_a_session_that_ends_ends_the_socket(desk: Desk) -> None:
    wang = await person(desk, "wang")
    async with wang.socket() as line:
        await line.until(lambda frame: frame["type"] == "inbox")
        assert (await wang.post("/logout")).status_code == 204
        await line.send("ping")
        await line.until(lambda frame: frame["type"] == "forced_out")


async def test_the_shopper_is_told_place_and_range_and_it_is_kept_and_compared(
    desk: Desk, engine: EngineServer
) -> None:
    wang = await person(desk, "wang")
    await wang.is_("online", capacity=1)
    first = await calling(desk, engine)
    await first.until_state("assigned")
    second = await calling(desk, engine)
    again = await second.client.post(
        "/api/v1/shopper/sessions",
        json={"profile": "demo", "resume_token": second.session["resume_token"]},
    )
    told = again.json()["queue"]
    assert told["position"] == 1
    low, high = told["wait_seconds"]
    assert 0 <= low < high
    second.client.headers["Authorization"] = f"Bearer {again.json()['session_token']}"
    after = second.view["last_seq"]
    news = await second.client.get(f"/api/v1/shopper/events?after={after}&wait=5")
    (event,) = [each for each in news.json()["passing"] if each["type"] == "queue"]
    assert event["wait_seconds"] == [low, high]
    await wang.do(first, "close", {"resolution": "solved", "note": "已补发"})
    await second.until_state("assigned")
    rows = await desk.runtime.database.read(lambda session: session.scalars(select(ToldWait)).all())
    assert [(row.position, row.low, row.high) for row in rows] == [(1, low, high)]
    assert rows[0].had is not None
    ended = await desk.runtime.database.read(
        lambda session: session.scalars(
            select(Handoff).where(Handoff.conversation_id == first.conversation_id)
        ).one()
    )
    assert (ended.outcome, ended.resolution, ended.closing_note) == ("closed", "solved", "已补发")


@ONE_DATABASE
async def test_calls_that_are_repeated_are_one_entry_and_the_bot_is_silent_meanwhile(
    desk: Desk, engine: EngineServer
) -> None:
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF, HANDOFF]))
    shopper = await desk.shopper()
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    for text in ("人工！", "转人工", "在吗"):
        await shopper.say(text)
    assert len(engine.requests) == 1, "nothing more reached the bot"
    view = await shopper.until_said("已收到")
    assert sum("正在为您转接" in text for text in texts(view)) == 1
    rows = await desk.runtime.database.read(lambda session: session.scalars(select(Handoff)).all())
    assert [row.outcome for row in rows] == ["waiting"]
    assert (await row_of(desk, shopper)).unread == 3
    left = await shopper.client.post("/api/v1/shopper/queue/leave")
    assert left.status_code == 204
    await shopper.until_state("bot")
    await shopper.until_said("已为您取消排队")
    rows = await desk.runtime.database.read(lambda session: session.scalars(select(Handoff)).all())
    assert [row.outcome for row in rows] == ["left"]


@ONE_DATABASE
async def test_the_packet_is_frozen_at_the_hand_off_and_masked(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    await shopper.say("我的订单 KF20261120000001 一直没发货，电话 13912345678")
    await shopper.until_said("echo")
    now_meant = {"number": "KF20261120000001", "at": "2026-11-20T02:00:00+00:00"}
    slots = [
        {"event": "slot", "name": "current_order", "value": now_meant},
        {"event": "slot", "name": "return_kind", "value": "exchange"},
        {"event": "slot", "name": "guest_proof", "value": "a signed secret"},
        {"event": "slot", "name": "waiting_requests", "value": [{"text": "还要开发票"}]},
    ]
    parse = {
        "intent": {"name": "human_agent", "confidence": 0.93},
        "intent_ranking": [
            {"name": "human_agent", "confidence": 0.93},
            {"name": "complaint", "confidence": 0.05},
        ],
        "entities": [],
    }
    engine.behave = lambda request: asyncio.sleep(
        0,
        answer(
            request,
            commands=[HANDOFF],
            tracker={"events": slots},
            parse=parse,
            actions=["action_urge_shipping", "action_handoff"],
        ),
    )
    await shopper.say("气死我了！！转人工")
    await shopper.until_state("waiting")
    await shopper.say("后来说的话")
    found = await desk.runtime.database.read(
        lambda session: packet.of(session, session.get_one(Conversation, shopper.conversation_id))
    )
    assert found
    said = [each["text"] for each in found["transcript"] if each["from"] == "shopper"]
    assert said[0].startswith("我的订单 KF20261120000001")
    assert "13912345678" not in str(found)
    assert "a signed secret" not in str(found)
    assert "后来说的话" not in said
    assert found["understanding"][-1] == {
        "text": "气死我了！！转人工",
        "intent": "human_agent",
        "confidence": 0.93,
        "alternatives": [{"name": "complaint", "confidence": 0.05}],
    }
    assert found["tried"] == ["催发货"]
    assert found["orders"] == ["KF20261120000001"]
    assert found["slots"] == {"售后类型": "换货"}
    assert found["lost"] == ["还要开发票"]
    assert found["sentiment"]["label"] == "angry"
    assert (found["visits_30_days"], found["reason"]) == (1, "requested")


@ONE_DATABASE
async def test_danger_and_anger_go_before_those_who_came_first(
    desk: Desk, engine: EngineServer
) -> None:
    calm = await calling(desk, engine)
    member = await calling(desk, engine, member_level="钻石会员")
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF]))
    robbed = await desk.shopper()
    await robbed.say("我的钱被盗刷了，快转人工")
    await robbed.until_state("waiting")
    wang = await person(desk, "wang")
    queue = (await wang.get("/inbox"))["queue"]
    assert [(row["conversation_id"], row["priority"], row["position"]) for row in queue] == [
        (robbed.conversation_id, 2, 1),
        (member.conversation_id, 1, 2),
        (calm.conversation_id, 0, 3),
    ]


async def test_supervisors_take_over_move_and_send_agents_away(
    desk: Desk, engine: EngineServer
) -> None:
    boss = await person(desk, "boss", roles={"demo": SUPERVISOR})
    wang, li = await person(desk, "wang"), await person(desk, "li")
    shopper = await calling(desk, engine)
    await wang.do(shopper, "claim")
    for deed, body in (("move", {"to_group": "agents"}), ("take-over", None)):
        refused = await wang.do(shopper, deed, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    assert (
        await wang.put(f"/agents/{li.staff_id}/presence", {"status": "away"})
    ).status_code == 403
    assert (await wang.client.get("/api/v1/desk/wall")).status_code == 403
    assert (await boss.do(shopper, "take-over")).status_code == 204
    await shopper.until_said("接下来由人工客服客服boss为您服务")
    assert (await wang.do(shopper, "close")).status_code == 409
    await li.is_("online")
    moved = await boss.do(shopper, "move", {"to_staff": li.staff_id, "note": "请跟进"})
    assert moved.status_code == 204
    assert (await row_of(desk, shopper)).assigned_to == li.staff_id
    wall = await boss.get("/wall?profile=demo")
    (group,) = wall["groups"]
    assert (group["online"], group["load"], group["waiting"]) == (1, 1, 0)
    assert {each["staff_id"]: each["load"] for each in wall["agents"]}[li.staff_id] == 1
    assert wall["today"]["handoffs"] == 1
    sent = await boss.put(f"/agents/{li.staff_id}/presence", {"status": "away"})
    assert sent.json()["status"] == "away"
    assert (await li.get("/presence"))["status"] == "away"
    audited = await desk.runtime.database.read(
        lambda session: session.scalars(
            select(Audit.action).where(Audit.actor == f"staff:{boss.staff_id}")
        ).all()
    )
    assert {"take_over", "move_to", "set_presence"} <= set(audited)


@ONE_DATABASE
async def test_a_group_is_changed_and_the_shoppers_read_the_new_hours(desk: Desk) -> None:
    boss = await person(desk, "boss", roles={"demo": SUPERVISOR})
    wang = await person(desk, "wang")
    group = await boss.get("/groups/demo/agents")
    assert group["hours"]["weekly"] == {"mon-sun": "00:00-24:00"}
    kept = ("name", "mode", "hours", "overflow", "overflow_minutes", "answer_seconds")
    body = {key: group[key] for key in kept}
    body |= {"name": "青禾客服", "mode": "pull", "hours": {"weekly": {"mon-sun": "closed"}}}
    assert (await wang.put("/groups/demo/agents", body)).status_code == 403
    changed = await boss.put("/groups/demo/agents", body)
    assert changed.status_code == 200, changed.text
    opened = await desk.shopper()
    assert opened.session["people"]["open"] is False
    profile = (await opened.client.get("/api/v1/profiles/demo")).json()
    (chat,) = [each for each in profile["channels"] if each["kind"] == "chat"]
    assert chat["open"] is False
    assert (await wang.get("/presence"))["groups"] == [
        {"profile": "demo", "group": "agents", "name": "青禾客服", "mode": "pull"}
    ]
    wrong = {**body, "hours": {"weekly": {"mon-fri": "18:00-09:00"}}}
    refused = await boss.put("/groups/demo/agents", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "group_invalid")
    assert "结束早于开始" in refused.json()["title"]
    assert (await boss.put("/groups/demo/nobody", body)).status_code == 404


@ONE_DATABASE
async def test_out_of_hours_a_failed_turn_says_when_people_are_back(
    desk: Desk, engine: EngineServer
) -> None:
    boss = await person(desk, "boss", roles={"demo": SUPERVISOR})
    group = await boss.get("/groups/demo/agents")
    kept = ("name", "mode", "overflow", "overflow_minutes", "answer_seconds")
    body = {key: group[key] for key in kept} | {"hours": {"weekly": {"mon": "closed"}}}
    await boss.put("/groups/demo/agents", body)
    shopper = await calling(desk, engine, reason="action_failed")
    view = await shopper.until_said("现在不是在线客服的工作时间")
    assert view["state"] == "waiting"


async def test_who_waits_when_the_last_agent_has_gone_home_is_told_once(
    desk: Desk, engine: EngineServer
) -> None:
    boss, wang = await person(desk, "boss", roles={"demo": SUPERVISOR}), await person(desk, "wang")
    shopper, taken = await calling(desk, engine), await calling(desk, engine)
    assert (await wang.do(taken, "claim")).status_code == 204
    group = await boss.get("/groups/demo/agents")
    kept = ("name", "overflow", "overflow_minutes", "answer_seconds")
    body = {key: group[key] for key in kept} | {"mode": "pull"}
    body |= {"hours": {"weekly": {"mon": "closed"}}}
    assert (await boss.put("/groups/demo/agents", body)).status_code == 200
    returner = desk.runtime.returner

    async def told(who: Shopper) -> int:
        returner._closed_next = -math.inf
        await returner.look()
        await who.read()
        return sum("现在不是在线客服的工作时间" in text for text in texts(who.view, "system"))

    await wang.is_("online")
    assert await told(shopper) == 0, "somebody is still there"
    await wang.is_("offline")
    assert await told(shopper) == 1
    assert await told(shopper) == 1, "once is enough"
    assert await told(taken) == 0, "who is served needs no such word"
    assert shopper.view["state"] == "waiting"
    await shopper.until_said("您也可以取消排队，给我们留言")


@pytest.fixture
async def mall(desk: Desk) -> dict[str, Person]:
    """People of a mall: of one seller, of another, of the mall itself, and its supervisor."""
    return {
        "clothes": await person(
            desk, "clothes", roles={"tmall": AGENT}, groups={"tmall": ("shop-clothes",)}
        ),
        "digital": await person(
            desk, "digital", roles={"tmall": AGENT}, groups={"tmall": ("shop-digital",)}
        ),
        "official": await person(
            desk, "official", roles={"tmall": AGENT}, groups={"tmall": ("official",)}
        ),
        "boss": await person(desk, "boss", roles={"tmall": SUPERVISOR}),
        "trainer": await person(desk, "trainer", roles={"tmall": ("trainer",)}),
        "stranger": await person(desk, "stranger", roles={"demo": ("admin",)}),
    }


async def test_a_sellers_agent_sees_only_the_sellers_talks(
    desk: Desk, engine: EngineServer, mall: dict[str, Person]
) -> None:
    talk = await calling(desk, engine, profile="tmall", group="shop-clothes", seller_id="s01")
    path = f"/api/v1/desk/conversations/{talk.conversation_id}"
    seen = {name: (await who.client.get(path)).status_code for name, who in mall.items()}
    assert seen == {
        "clothes": 200,
        "digital": 404,
        "official": 404,
        "boss": 200,
        "trainer": 403,
        "stranger": 404,
    }
    body = {"client_message_id": "1", "text": "您好"}
    for name in ("digital", "official", "trainer", "stranger"):
        who = mall[name]
        answers = [
            await who.do(talk, "claim"),
            await who.do(talk, "messages", body),
            await who.do(talk, "close"),
            await who.do(talk, "return-to-bot"),
            await who.do(talk, "transfer", {"to_group": "official"}),
            await who.do(talk, "move", {"to_group": "official"}),
            await who.do(talk, "take-over"),
            await who.do(talk, "typing"),
            await who.client.get(f"{path}/events"),
        ]
        told = "role_missing" if name == "trainer" else "conversation_not_found"
        assert {each.json()["code"] for each in answers} == {told}
    lists = {
        name: (await who.get("/inbox"))["queue"] for name, who in mall.items() if name != "trainer"
    }
    assert {name: len(rows) for name, rows in lists.items()} == {
        "clothes": 1,
        "digital": 0,
        "official": 0,
        "boss": 1,
        "stranger": 0,
    }
    assert (await mall["trainer"].client.get("/api/v1/desk/inbox")).status_code == 403
    for name in ("clothes", "boss"):
        moved = await mall["boss"].do(talk, "move", {"to_group": "shop-clothes"})
        assert moved.status_code == 204, name
    assert (await mall["boss"].do(talk, "move", {"to_group": "official"})).status_code == 204
    assert (await mall["clothes"].client.get(path)).status_code == 404, "no longer theirs"
    assert (await mall["official"].client.get(path)).status_code == 200


@ONE_DATABASE
async def test_a_seller_gets_no_talk_pushed_that_is_anothers(
    desk: Desk, engine: EngineServer, mall: dict[str, Person]
) -> None:
    for name in ("clothes", "digital"):
        await mall[name].is_("online")
    talk = await calling(desk, engine, profile="tmall", group="shop-digital", seller_id="s02")
    await talk.until_state("assigned")
    assert (await row_of(desk, talk)).assigned_to == mall["digital"].staff_id


@ONE_DATABASE
async def test_a_watch_on_a_talk_out_of_sight_shows_nothing(
    desk: Desk, engine: EngineServer, mall: dict[str, Person]
) -> None:
    talk = await calling(desk, engine, profile="tmall", group="shop-clothes")
    async with mall["digital"].socket(**{talk.conversation_id: 0}) as line:
        await line.until(lambda frame: frame["type"] == "inbox")
        await talk.say("秘密")
        await line.send("ping")
        await line.until(lambda frame: frame["type"] == "pong")
    assert "秘密" not in str(line.frames)


@ONE_DATABASE
async def test_an_agent_who_looks_is_told_no_wait_and_none_is_kept(
    desk: Desk, engine: EngineServer
) -> None:
    wang = await person(desk, "wang")
    await wang.is_("online", capacity=1)
    await (await calling(desk, engine)).until_state("assigned")
    waiting = await calling(desk, engine)
    # The shopper themselves may have been told while they were still listening.
    before = await told_waits(desk)
    async with wang.socket(**{waiting.conversation_id: waiting.view["last_seq"]}) as line:
        await line.until_inbox(lambda inbox: bool(inbox["queue"]))
        await desk.runtime.queue_news.look()
        await line.send("ping")
        await line.until(lambda frame: frame["type"] == "pong")
    assert [frame for frame in line.frames if frame["type"] == "event"] == []
    assert await told_waits(desk) == before


@ONE_DATABASE
async def test_a_line_whose_talk_cannot_be_followed_is_closed_and_the_next_brings_all(
    desk: Desk, engine: EngineServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await person(desk, "wang")
    talk = await calling(desk, engine)
    after = talk.view["last_seq"]
    signed, broken = authors.signed, threading.Semaphore(1)

    def fail_once(session: Session, conversation_id: str, found: list[Json]) -> list[Json]:
        if found and broken.acquire(blocking=False):
            raise RuntimeError("nobody has thought of this")
        return signed(session, conversation_id, found)

    monkeypatch.setattr(authors, "signed", fail_once)
    with capture_logs() as logged:
        async with wang.socket(**{talk.conversation_id: after}) as line:
            await line.until(lambda frame: frame["type"] == "inbox")
            await talk.say("还在吗")
            await line.line.wait_closed()
    assert line.line.close_code == socket.BROKEN
    assert [each for each in logged if each["log_level"] == "error"]
    async with wang.socket(**{talk.conversation_id: after}) as line:
        await line.until(lambda frame: frame.get("event", {}).get("text") == "还在吗")


@ONE_DATABASE
async def test_who_asks_for_the_person_in_charge_reaches_the_supervisors_who_are_there(
    desk: Desk, engine: EngineServer
) -> None:
    wang, lead = await person(desk, "wang"), await person(desk, "lead", roles={"demo": SUPERVISOR})
    away = await person(desk, "away", roles={"demo": SUPERVISOR})
    await wang.is_("online", capacity=1)
    await lead.is_("offline")
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF]))
    shopper = await desk.shopper()
    await shopper.say("叫你们主管来")
    await shopper.until_state("assigned")
    colleagues: Any = await wang.get("/colleagues")
    leading = [each["staff_id"] for each in colleagues if each["leads"]]
    assert leading == [away.staff_id, lead.staff_id]
    async with lead.socket() as line:
        asked = await line.until_inbox(lambda inbox: bool(inbox["invited"]))
    assert asked["invited"][0]["conversation_id"] == shopper.conversation_id
    assert (await away.get("/inbox"))["invited"] == []
    assert (await wang.get("/inbox"))["invited"] == []
    assert (await lead.do(shopper, "take-over")).status_code == 204
    assert (await row_of(desk, shopper)).assigned_to == lead.staff_id
