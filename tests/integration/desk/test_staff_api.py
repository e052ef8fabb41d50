from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts import create_admin_once, reset_admin_password
from kefu.desk import talks
from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.tables import Audit, Staff, StaffRole
from tests.desk_stage import Desk, Shopper, agent, texts
from tests.engine_server import EngineServer, answer

pytestmark = pytest.mark.either_database

PASSWORD = "a password for tests"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
DESK = "/api/v1/desk"
HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": "顾客要求人工"}


def add_agent(session: Session, username: str, name: str, profile: str) -> None:
    staff = Staff(
        username=username,
        name=name,
        password_hash=CHEAP_HASH,
        active=True,
        created_at=utc_now(),
    )
    session.add(staff)
    session.flush()
    session.add(StaffRole(staff_id=staff.staff_id, profile=profile, role="agent"))


@dataclass
class People:
    wang: httpx.AsyncClient
    li: httpx.AsyncClient
    stranger: httpx.AsyncClient


@pytest.fixture
async def people(desk: Desk) -> People:
    write = desk.runtime.database.write
    await write(lambda session: add_agent(session, "wang", "小王", "demo"))
    await write(lambda session: add_agent(session, "li", "小李", "*"))
    await write(lambda session: add_agent(session, "stranger", "别家客服", "other"))
    return People(
        await agent(desk, "wang", PASSWORD),
        await agent(desk, "li", PASSWORD),
        await agent(desk, "stranger", PASSWORD),
    )


@pytest.fixture
async def waiting(desk: Desk, engine: EngineServer) -> Shopper:
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF]))
    shopper = await desk.shopper()
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    engine.behave = lambda request: asyncio.sleep(0, answer(request))
    return shopper


async def test_an_agent_sees_who_waits_answers_and_gives_back(
    desk: Desk, engine: EngineServer, people: People, waiting: Shopper
) -> None:
    talk = f"{DESK}/conversations/{waiting.conversation_id}"
    listed = (await people.wang.get(f"{DESK}/conversations?state=waiting")).json()["conversations"]
    assert [(row["conversation_id"], row["reason"], row["note"]) for row in listed] == [
        (waiting.conversation_id, "requested", "顾客要求人工")
    ]
    assert (await people.wang.post(f"{talk}/claim")).status_code == 204
    body = {"client_message_id": "a1", "text": "您好，请问有什么可以帮您？"}
    sent = [await people.wang.post(f"{talk}/messages", json=body) for _ in range(2)]
    assert [response.status_code for response in sent] == [202, 202]
    assert sent[0].json() == sent[1].json()
    view = await waiting.until_said("有什么可以帮您")
    assert texts(view, "agent") == ["您好，请问有什么可以帮您？"]
    assert view["messages"][-1]["name"] == "小王"

    await waiting.say("谢谢")
    opened = (await people.wang.get(talk)).json()
    assert [e["text"] for e in opened["events"] if e["type"] == "message"][-1] == "谢谢"
    assert opened["parse"]["intent"]["name"] == "greet"
    assert (await people.wang.post(f"{talk}/return-to-bot")).status_code == 204
    await waiting.until_state("bot")
    await waiting.say("你好")
    await waiting.until_said("echo 你好")
    assert engine.requests[-1]["tracker"] is None


async def test_a_long_talk_opens_at_its_end(
    people: People, waiting: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talks, "SHOWN_EVENTS", 3)
    for number in range(4):
        await waiting.say(f"第{number}句")
    opened = (await people.wang.get(f"{DESK}/conversations/{waiting.conversation_id}")).json()
    assert [event["text"] for event in opened["events"]] == ["第1句", "第2句", "第3句"]
    assert opened["events"][-1]["seq"] == opened["last_seq"]


async def test_the_administrators_office_is_no_name_for_shoppers(
    settings: Settings, desk: Desk, waiting: Shopper
) -> None:
    client = await agent(desk, "admin", await asyncio.to_thread(reset_admin_password, settings))
    talk = f"{DESK}/conversations/{waiting.conversation_id}"
    await client.post(f"{talk}/claim")
    body = {"client_message_id": "1", "text": "我来看看"}
    await client.post(f"{talk}/messages", json=body)
    view = await waiting.until_said("我来看看")
    assert "人工客服为您服务。" in texts(view, "system")
    assert "管理员" not in str(view)


async def test_of_two_agents_one_wins_and_the_other_is_told_who(
    desk: Desk, people: People, waiting: Shopper
) -> None:
    claim = f"{DESK}/conversations/{waiting.conversation_id}/claim"
    answers = await asyncio.gather(people.wang.post(claim), people.li.post(claim))
    assert sorted(response.status_code for response in answers) == [204, 409]
    names = ("小王", "小李")
    winner = names[[response.status_code for response in answers].index(204)]
    loser = next(response for response in answers if response.status_code == 409)
    assert winner in loser.json()["title"]
    actions = await desk.runtime.database.read(
        lambda session: session.scalars(
            select(Audit.action).where(Audit.subject == waiting.conversation_id)
        ).all()
    )
    assert list(actions) == ["hand_off", "claim"]


async def test_only_the_owner_answers_gives_back_or_closes(
    people: People, waiting: Shopper
) -> None:
    talk = f"{DESK}/conversations/{waiting.conversation_id}"
    await people.wang.post(f"{talk}/claim")
    body = {"client_message_id": "1", "text": "插话"}
    for response in (
        await people.li.post(f"{talk}/messages", json=body),
        await people.li.post(f"{talk}/return-to-bot"),
        await people.li.post(f"{talk}/close"),
    ):
        assert response.status_code == 409
        assert "小王" in response.json()["title"]
    assert (await people.wang.post(f"{talk}/close")).status_code == 204
    await waiting.until_state("closed")
    late = await people.wang.post(f"{talk}/messages", json=body)
    assert late.json()["code"] == "conversation_closed"


async def test_the_shopper_who_leaves_the_queue_beats_the_agent(
    people: People, waiting: Shopper
) -> None:
    await waiting.client.post("/api/v1/shopper/queue/leave")
    response = await people.wang.post(f"{DESK}/conversations/{waiting.conversation_id}/claim")
    assert response.status_code == 409
    assert "智能客服" in response.json()["title"]


async def test_another_brands_staff_sees_nothing(people: People, waiting: Shopper) -> None:
    talk = f"{DESK}/conversations/{waiting.conversation_id}"
    listed = await people.stranger.get(f"{DESK}/conversations?state=waiting")
    assert listed.json() == {"conversations": []}
    body = {"client_message_id": "1", "text": "你好"}
    answers = [
        await people.stranger.get(talk),
        await people.stranger.get(f"{talk}/events"),
        await people.stranger.post(f"{talk}/claim"),
        await people.stranger.post(f"{talk}/messages", json=body),
        await people.stranger.post(f"{talk}/return-to-bot"),
        await people.stranger.post(f"{talk}/close"),
    ]
    assert {response.json()["code"] for response in answers} == {"conversation_not_found"}


async def test_nothing_opens_without_a_login(desk: Desk, waiting: Shopper) -> None:
    client = desk.client()
    talk = f"{DESK}/conversations/{waiting.conversation_id}"
    reads = [f"{DESK}/me", f"{DESK}/conversations", talk, f"{talk}/events"]
    writes = [f"{DESK}/logout", *(f"{talk}/{deed}" for deed in ("claim", "close"))]
    answers = [await client.get(path) for path in reads]
    answers += [await client.post(path) for path in writes]
    assert {response.json()["code"] for response in answers} == {"not_logged_in"}
    cookie = {"Cookie": f"kefu_staff={waiting.session['session_token']}"}
    assert (await client.get(f"{DESK}/me", headers=cookie)).status_code == 401


async def test_changes_need_the_csrf_token_and_the_own_origin(
    desk: Desk, people: People, waiting: Shopper
) -> None:
    claim = f"{DESK}/conversations/{waiting.conversation_id}/claim"
    good = people.wang.headers["X-CSRF-Token"]
    for headers in (
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "wrong"},
        {"X-CSRF-Token": people.li.headers["X-CSRF-Token"]},
        {"X-CSRF-Token": good, "Origin": "https://evil.example"},
        {"X-CSRF-Token": good, "Origin": "null"},
        {"X-CSRF-Token": good, "Origin": "http://["},
        {"X-CSRF-Token": good, "Sec-Fetch-Site": "cross-site"},
    ):
        response = await people.wang.post(claim, headers=headers)
        assert (response.status_code, response.json()["code"]) == (403, "request_forged")
    login = {"username": "wang", "password": PASSWORD}
    foreign = await desk.client().post(
        f"{DESK}/login", json=login, headers={"Origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    own = await people.wang.post(claim, headers={"Origin": desk.base})
    assert own.status_code == 204


async def test_the_cookie_is_out_of_reach_and_the_session_ends_at_logout(
    desk: Desk, people: People
) -> None:
    response = await desk.client().post(
        f"{DESK}/login", json={"username": "wang", "password": PASSWORD}
    )
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    key = people.wang.cookies["kefu_staff"]
    assert (await people.wang.get(f"{DESK}/me")).json()["user"]["name"] == "小王"
    assert (await people.wang.post(f"{DESK}/logout")).status_code == 204
    replay = await desk.client().get(f"{DESK}/me", headers={"Cookie": f"kefu_staff={key}"})
    assert replay.status_code == 401


async def test_wrong_passwords_are_throttled_even_in_parallel(desk: Desk, people: People) -> None:
    wrong = {"username": "wang", "password": "wrong"}
    client = desk.client()
    answers = await asyncio.gather(*(client.post(f"{DESK}/login", json=wrong) for _ in range(8)))
    codes = [response.json()["code"] for response in answers]
    assert sorted(codes) == ["login_refused"] * 5 + ["login_throttled"] * 3
    right = await client.post(f"{DESK}/login", json={"username": "wang", "password": PASSWORD})
    assert right.status_code == 429
    other = await client.post(f"{DESK}/login", json={"username": "li", "password": PASSWORD})
    assert other.status_code == 200


async def test_the_first_start_makes_one_admin_and_says_the_password_once(
    settings: Settings, desk: Desk
) -> None:
    made = await asyncio.gather(*(asyncio.to_thread(create_admin_once, settings) for _ in range(4)))
    (password,) = [each for each in made if each]
    client = await agent(desk, "admin", password)
    assert await asyncio.to_thread(create_admin_once, settings) is None
    fresh = await asyncio.to_thread(reset_admin_password, settings)
    assert (await client.get(f"{DESK}/me")).status_code == 401
    await agent(desk, "admin", fresh)
