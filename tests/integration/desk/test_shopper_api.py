from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import select
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from kefu.channels import tokens
from kefu.settings import Settings
from kefu.shop.demo import demo_shoppers
from kefu.store.tables import Conversation, Event, Message
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer, answer

Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SECRET = "the demo shop's signing secret, 32 bytes"


@pytest.fixture(autouse=True)
def identity_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", SECRET)


def shop_token(key: str = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    body = {
        "iss": "demo-shop",
        "aud": "demo",
        "sub": "u0001",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **claims,
    }
    return jwt.encode({k: v for k, v in body.items() if v is not None}, key, algorithm=algorithm)


async def open_session(desk: Desk, **body: Any) -> httpx.Response:
    return await desk.client().post("/api/v1/shopper/sessions", json={"profile": "demo", **body})


def assert_problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert any("\u4e00" <= char <= "\u9fff" for char in problem["title"]), problem["title"]


async def test_a_talk_begins_with_a_greeting_whose_buttons_hide_their_payload(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    (greeting,) = await shopper.read()
    titles = [button["title"] for button in greeting["buttons"]]
    assert titles == ["查订单", "查物流", "付款问题", "退换货", "转人工"]
    assert all(set(button) == {"id", "title"} for button in greeting["buttons"])
    assert (await shopper.press(greeting["buttons"][1]["id"])).status_code == 202
    view = await shopper.until_said("echo /track_logistics")
    assert texts(view, "shopper") == ["查物流"]
    assert engine.requests[0]["message"] == {
        "intent": "track_logistics",
        "entities": {},
        "title": "查物流",
    }


async def test_buttons_on_cards_carry_their_entities_back(desk: Desk, engine: EngineServer) -> None:
    payload = '/return_request{"order_number":"KF20261108004217"}'
    card = {
        "type": "order",
        "order_number": "KF20261108004217",
        "buttons": [{"title": "申请退货", "payload": payload}],
    }

    async def with_card(request: dict[str, Any]) -> dict[str, Any]:
        if "text" in request["message"]:
            buttons = [{"title": "都不是", "payload": "/deny"}]
            replies = [{"text": None, "buttons": buttons, "cards": [card]}]
            return {**answer(request), "replies": replies}
        return answer(request, "收到")

    engine.behave = with_card
    shopper = await desk.shopper()
    await shopper.say("退货")
    view = await shopper.until(lambda view: any(m.get("cards") for m in view["messages"]))
    shown = view["messages"][-1]
    assert "payload" not in str(shown)
    (button,) = shown["cards"][0]["buttons"]
    assert button["id"] != shown["buttons"][0]["id"]
    await shopper.press(button["id"])
    await shopper.until_said("收到")
    assert engine.requests[-1]["message"]["entities"] == {"order_number": "KF20261108004217"}


async def test_a_button_of_another_talk_or_of_none_is_refused(
    desk: Desk, engine: EngineServer
) -> None:
    buttons = [{"title": "好", "payload": "/affirm"}]

    async def ask(request: dict[str, Any]) -> dict[str, Any]:
        return {**answer(request), "replies": [{"text": "好吗", "buttons": buttons, "cards": []}]}

    engine.behave = ask
    mine, other = await desk.shopper(), await desk.shopper()
    await mine.say("你好")
    view = await mine.until_said("好吗")
    shown = view["messages"][-1]["buttons"][0]["id"]
    assert (await mine.press(shown)).status_code == 202
    for button in (shown, "1.9", "99.0", "999999999.999"):
        assert_problem(await other.press(button), 422, "button_unknown")
    for button in ("99999999999999999999.0", "1.0000", "x", "²", "².0", "１.0", "1.0\n", "1", ""):
        assert_problem(await other.press(button), 422, "invalid_request")


async def test_a_title_typed_instead_of_pressed_is_the_button(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    await shopper.say("查物流。")
    view = await shopper.until_said("echo /track_logistics")
    assert texts(view, "shopper") == ["查物流。"]
    assert engine.requests[-1]["message"]["intent"] == "track_logistics"
    # The greeting's buttons are behind the shopper's last message now.
    await shopper.say("查物流")
    await shopper.until_said("echo 查物流")

    def card(number: str) -> dict[str, Any]:
        payload = f'/pick_order{{"order_number":"{number}"}}'
        mine = {"title": f"查看{number[-1]}", "payload": payload}
        buttons = [{"title": "查看", "payload": payload}, mine]
        return {"type": "order", "order_number": number, "buttons": buttons}

    async def with_cards(request: dict[str, Any]) -> dict[str, Any]:
        replies = [
            {"text": "这两个", "buttons": [], "cards": [card("KF1"), card("KF2")]},
            {"text": "选哪个", "buttons": [], "cards": []},
        ]
        return {**answer(request), "replies": replies}

    engine.behave = with_cards
    await shopper.say("我的订单")
    await shopper.until_said("选哪个")
    await shopper.say("查看2")
    await shopper.until(lambda view: texts(view, "bot").count("选哪个") == 2)
    await shopper.say("查看")
    await shopper.until(lambda view: texts(view, "bot").count("选哪个") == 3)
    chosen, ambiguous = engine.requests[-2:]
    assert chosen["message"]["entities"] == {"order_number": "KF2"}
    assert ambiguous["message"] == {"text": "查看"}


ODD_MESSAGES: list[tuple[dict[str, Any], str]] = [
    ({"text": "  \n "}, "message_refused"),
    ({"text": "\u0000\u0007"}, "message_refused"),
    ({"text": "长" * 2001}, "message_refused"),
    ({}, "invalid_request"),
    ({"text": "a", "button": "1.0"}, "invalid_request"),
    ({"text": 3}, "invalid_request"),
    ({"text": "a", "client_message_id": "中文"}, "invalid_request"),
    ({"text": "a", "client_message_id": "x" * 65}, "invalid_request"),
    ({"text": "a", "attachment_id": "1"}, "invalid_request"),
]


async def test_odd_messages_are_refused_with_a_sentence(desk: Desk) -> None:
    shopper = await desk.shopper()
    for body, code in ODD_MESSAGES:
        response = await shopper.client.post(
            "/api/v1/shopper/messages", json={"client_message_id": "1", **body}
        )
        assert_problem(response, 422, code)
    assert [event["seq"] for event in await shopper.read()] == [1]


async def test_broken_surrogates_and_null_characters_do_no_harm(desk: Desk) -> None:
    shopper = await desk.shopper()
    raw = b'{"client_message_id": "1", "text": "\\ud800"}'
    headers = {"Content-Type": "application/json"}
    response = await shopper.client.post("/api/v1/shopper/messages", content=raw, headers=headers)
    assert response.status_code == 422
    await shopper.say("你\u0000好")
    await shopper.until_said("echo 你好")


async def test_the_longest_text_is_taken(desk: Desk) -> None:
    shopper = await desk.shopper()
    await shopper.say("长" * 2000)
    await shopper.until_said("echo 长")


async def test_too_large_a_body_is_refused_even_without_a_length(desk: Desk) -> None:
    shopper = await desk.shopper()

    async def chunks():
        for _ in range(40):
            yield b"x" * 1024

    url = "/api/v1/shopper/messages"
    assert_problem(await shopper.client.post(url, content=b"x" * 40_000), 413, "too_large")
    assert_problem(await shopper.client.post(url, content=chunks()), 413, "too_large")


async def test_what_does_not_exist_is_a_problem_too(desk: Desk) -> None:
    client = desk.client()
    assert_problem(await client.get("/api/v1/nowhere"), 404, "not_found")
    assert_problem(await client.get("/api/v1/shopper/messages"), 405, "method_not_allowed")
    assert_problem(await open_session(desk, profile="nobody"), 404, "profile_not_found")
    assert_problem(await client.post("/api/v1/shopper/sessions"), 422, "invalid_request")


async def test_who_writes_too_fast_is_told_to_wait(start_desk: Start, settings: Settings) -> None:
    settings.message_burst, settings.messages_per_second = 3, 0.01
    desk = await start_desk()
    shopper = await desk.shopper()
    for number in range(3):
        await shopper.post("你好", f"id{number}")
    response = await shopper.post("你好")
    assert_problem(response, 429, "too_many_requests")
    assert (await shopper.post("你好", "id2")).status_code == 202, "known already"
    assert int(response.headers["retry-after"]) > 0
    await (await desk.shopper()).say("我是别人")


async def test_without_a_good_session_token_nothing_is_shown(desk: Desk) -> None:
    client = desk.client()
    for header in (None, "Bearer", "Bearer x", "Basic abc", "Bearer a.b.c"):
        headers = {"Authorization": header} if header else {}
        for path in ("events", "transcript"):
            response = await client.get(f"/api/v1/shopper/{path}", headers=headers)
            assert_problem(response, 401, "session_refused")


async def test_an_expired_or_foreign_session_token_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shopper = await desk.shopper()
    monkeypatch.setattr(tokens, "LIFETIME", timedelta(seconds=-1))
    key = desk.runtime.session_key
    for token in (
        tokens.sign(shopper.conversation_id, "demo", key),
        jwt.encode({"aud": "kefu-actions", "sub": shopper.conversation_id}, key),
    ):
        response = await desk.client().get(
            "/api/v1/shopper/events", headers={"Authorization": f"Bearer {token}"}
        )
        assert_problem(response, 401, "session_refused")


async def test_the_shops_token_says_who_the_shopper_is(desk: Desk, engine: EngineServer) -> None:
    shopper = await desk.shopper(token=shop_token(name="张三"))
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )
    assert (row.account_id, row.shopper_name) == ("u0001", "张三")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\u202e三张\u202c\x85", "三张"),
        (" 张\n三 ", "张 三"),
        ("e\u0301" * 100, "é" * 80),
        ("\u202e\x9f", "顾客 u0001"),
        ("", "顾客 u0001"),
    ],
)
async def test_a_name_turns_or_breaks_nothing_around_it(desk: Desk, name: str, shown: str) -> None:
    shopper = await desk.shopper(token=shop_token(name=name))
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )
    assert (row.account_id, row.shopper_name) == ("u0001", shown)


async def test_where_the_shopper_is_is_told_in_readable_characters(
    desk: Desk, engine: EngineServer
) -> None:
    place = {"order_id": " KF\u202e1\x85 ", "page": "/cafe\u0301"}
    shopper = await desk.shopper(context=place)
    await shopper.say("在吗")
    await shopper.until_said("echo 在吗")
    assert engine.requests[0]["context"] == {"order_id": "KF1", "page": "/café"}
    for refused in ("KF\x001", "KF\n1", "长" * 201):
        response = await open_session(desk, context={"order_id": refused})
        assert_problem(response, 422, "invalid_request")


async def test_a_token_that_the_shop_did_not_sign_for_us_is_refused(desk: Desk) -> None:
    for token in (shop_token("another secret that is 32 bytes long"), "nonsense"):
        assert_problem(await open_session(desk, token=token), 401, "identity_refused")


async def test_demo_accounts_are_refused_outside_the_demo(desk: Desk) -> None:
    assert_problem(await open_session(desk, demo_account="u0001"), 401, "identity_refused")
    assert_problem(await desk.client().get("/api/v1/demo/shoppers"), 404, "not_found")


async def test_a_guest_comes_back_with_a_rotating_token(desk: Desk) -> None:
    first = await desk.shopper()
    second = await desk.shopper(resume_token=first.session["resume_token"])
    assert second.conversation_id == first.conversation_id
    # The answer got lost on the way: the old token is still good once more.
    third = await desk.shopper(resume_token=first.session["resume_token"])
    assert third.conversation_id == first.conversation_id
    lost = await desk.shopper(resume_token=second.session["resume_token"])
    assert lost.conversation_id != first.conversation_id
    fourth = await desk.shopper(resume_token=third.session["resume_token"])
    assert fourth.conversation_id == first.conversation_id
    old = await desk.shopper(resume_token=first.session["resume_token"])
    assert old.conversation_id != first.conversation_id


async def test_an_accounts_talk_comes_back_to_that_account_only(desk: Desk) -> None:
    mine = await desk.shopper(token=shop_token())
    resume = mine.session["resume_token"]
    for body in ({}, {"token": shop_token(sub="u0002")}):
        other = await desk.shopper(resume_token=resume, **body)
        assert other.conversation_id != mine.conversation_id
    again = await desk.shopper(resume_token=resume, token=shop_token())
    assert again.conversation_id == mine.conversation_id


async def test_a_guest_who_logs_in_keeps_the_talk(desk: Desk, engine: EngineServer) -> None:
    guest = await desk.shopper()
    known = await desk.shopper(resume_token=guest.session["resume_token"], token=shop_token())
    assert known.conversation_id == guest.conversation_id
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, guest.conversation_id)
    )
    assert row.account_id == "u0001"


async def test_secrets_are_starred_out_before_they_are_stored(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    card, identity = "6222021234567890128", "11010519491231002X"
    await shopper.say(f"卡号{card}，身份证{identity}，订单KF20261108004217，电话13812345678")
    view = await shopper.until_said("echo")
    stored = await desk.runtime.database.read(
        lambda session: [
            *session.scalars(select(Message.text)),
            *(str(body) for body in session.scalars(select(Event.body))),
            *session.scalars(select(Conversation.last_text)),
            *(str(each) for each in session.scalars(select(Conversation.tracker))),
        ]
    )
    everywhere = "".join(stored) + str(engine.requests) + str(view)
    assert card not in everywhere
    assert identity not in everywhere
    assert "KF20261108004217" in texts(view, "shopper")[0]
    assert "13812345678" in texts(view, "shopper")[0]
    assert "请不要在聊天中发送" in texts(view, "system")[0]


async def test_a_closed_talk_takes_no_more_messages_and_a_new_one_begins(desk: Desk) -> None:
    shopper = await desk.shopper()
    for _ in range(2):
        assert (await shopper.client.post("/api/v1/shopper/close")).status_code == 204
    view = await shopper.until_state("closed")
    assert len(texts(view, "system")) == 1
    assert_problem(await shopper.post("还在吗"), 409, "conversation_closed")
    again = await desk.shopper(resume_token=shopper.session["resume_token"])
    assert again.conversation_id != shopper.conversation_id


@pytest.mark.parametrize("resumed", [False, True])
async def test_two_windows_that_begin_anew_with_one_token_begin_one_talk(
    desk: Desk, resumed: bool
) -> None:
    shopper = await desk.shopper()
    token = shopper.session["resume_token"]
    if resumed:
        await desk.shopper(resume_token=token)
    await shopper.client.post("/api/v1/shopper/close")
    one = await desk.shopper(resume_token=token)
    # The second window does not know yet what the first was told.
    two = await desk.shopper(resume_token=token)
    late = await desk.shopper(resume_token=token, ended_too=True)
    assert one.conversation_id != shopper.conversation_id
    assert one.conversation_id == two.conversation_id == late.conversation_id
    last = await desk.shopper(resume_token=late.session["resume_token"])
    assert last.conversation_id == one.conversation_id
    assert [event["from"] for event in await last.read()] == ["bot"]


async def test_the_transcript_holds_what_was_said(desk: Desk) -> None:
    shopper = await desk.shopper()
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
    response = await shopper.client.get("/api/v1/shopper/transcript")
    lines = response.text.splitlines()
    assert lines[1].endswith("我：你好")
    assert lines[2].endswith("智能客服：echo 你好")
    assert response.headers["cache-control"] == "no-store"


async def test_a_long_poll_ends_at_once_with_an_event_and_in_time_without(desk: Desk) -> None:
    shopper = await desk.shopper()
    await shopper.read()
    began = time.monotonic()
    assert await shopper.read(wait=0.3) == []
    assert 0.25 < time.monotonic() - began < 10
    poll = asyncio.create_task(shopper.read(wait=25))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await Shopper(shopper.client, shopper.session).say("你好")
    assert (await poll)[0]["text"] == "你好"
    assert time.monotonic() - began < 15


async def test_a_session_keeps_only_so_many_connections_open(desk: Desk) -> None:
    shopper, other = await desk.shopper(), await desk.shopper()
    await shopper.read()
    polls = [asyncio.create_task(shopper.read(wait=20)) for _ in range(10)]
    await asyncio.sleep(0.3)
    refused = await shopper.client.get("/api/v1/shopper/events")
    assert_problem(refused, 429, "too_many_connections")
    async with connect(desk.base.replace("http", "ws") + "/api/v1/shopper/ws") as socket:
        token = shopper.session["session_token"]
        await socket.send(json.dumps({"session_token": token, "after": 0}))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 4429
    await other.read()
    await shopper.post("你好")
    await asyncio.gather(*polls)
    assert (await shopper.client.get("/api/v1/shopper/events")).status_code == 200


@pytest.mark.parametrize(("trusted", "codes"), [("127.0.0.1", [200, 200]), ("", [200, 429])])
async def test_shoppers_behind_a_trusted_proxy_are_counted_one_by_one(
    start_desk: Start, settings: Settings, trusted: str, codes: list[int]
) -> None:
    settings.sessions_per_minute, settings.trusted_proxies = 1, trusted
    desk = await start_desk()
    answers = [
        await desk.client().post(
            "/api/v1/shopper/sessions",
            json={"profile": "demo"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        for number in range(2)
    ]
    assert [response.status_code for response in answers] == codes


async def test_a_desk_that_stops_lets_polls_end_at_once(desk: Desk) -> None:
    shopper = await desk.shopper()
    await shopper.read()
    poll = asyncio.create_task(shopper.read(wait=25))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await desk.stop()
    assert await poll == []
    assert time.monotonic() - began < 3


async def test_the_database_being_changed_elsewhere_is_noticed(
    start_desk: Start,
) -> None:
    here, elsewhere = await start_desk(), await start_desk()
    shopper = await here.shopper()
    await shopper.read()
    poll = asyncio.create_task(shopper.read(wait=20))
    await asyncio.sleep(0.1)
    other = elsewhere.client(headers=dict(shopper.client.headers))
    body = {"client_message_id": "1", "text": "你好"}
    await other.post("/api/v1/shopper/messages", json=body)
    assert (await asyncio.wait_for(poll, 6))[0]["text"] == "你好"


async def test_demo_mode_offers_shoppers_and_knows_their_names(
    start_desk: Start, settings: Settings
) -> None:
    settings.demo = True
    desk = await start_desk()
    assert_problem(await open_session(desk, demo_account="u9999"), 401, "identity_refused")
    offered = (await desk.client().get("/api/v1/demo/shoppers")).json()
    assert [shopper["account_id"] for shopper in offered] == [one for one, _, _ in demo_shoppers()]
    assert all(shopper["name"] and shopper["hint"] for shopper in offered)


async def test_a_shop_that_is_away_does_not_keep_a_talk_from_beginning(
    start_desk: Start, settings: Settings
) -> None:
    settings.demo = True
    settings.shop_url = "postgresql://nobody@127.0.0.1:1/none"
    desk = await start_desk()
    shopper = await desk.shopper(demo_account="u0001")
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
