"""The webhook channel on a running desk: what a shop's server sends, and what it is sent."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password
from kefu.settings import Settings
from kefu.store.channel_tables import WebhookMessage
from kefu.store.database import utc_now
from kefu.store.service_tables import Attachment
from kefu.store.tables import Conversation, Message, Staff, StaffRole
from tests.desk_stage import Desk, agent
from tests.engine_server import EngineServer, answer
from tests.integration.desk.test_shopper_api import assert_problem
from tests.integration.desk.test_verify import PHONE, account, shop_session
from tests.webhook_stage import (
    KEY,
    KEY_ENV,
    OTHER_KEY,
    OTHER_KEY_ENV,
    Receiver,
    ShopServer,
    profiles_with_channel,
    receiver,
    sign,
)

pytestmark = pytest.mark.either_database

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]

HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": ""}


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def settings(
    settings: Settings, tmp_path: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setenv(KEY_ENV, KEY)
    monkeypatch.setenv(OTHER_KEY_ENV, OTHER_KEY)
    settings.profiles_dir = profiles_with_channel(tmp_path, server.url)
    return settings


@pytest.fixture
async def shop(desk: Desk) -> ShopServer:
    return ShopServer(desk.client(), "o1")


async def until(holds: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


def wants(engine: EngineServer, *commands: Json) -> None:
    engine.behave = lambda request: asyncio.sleep(
        0, answer(request, "好的", commands=list(commands))
    )


async def counted(desk: Desk, table: type[Any]) -> int:
    query = select(func.count()).select_from(table)
    found = await desk.runtime.database.read(lambda session: session.scalar(query))
    assert found is not None
    return found


async def talk_of(desk: Desk, conversation_id: str) -> Conversation:
    return await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, conversation_id)
    )


async def test_a_message_is_answered_at_the_shops_server(
    shop: ShopServer, server: Receiver
) -> None:
    taken = await shop.say("你好", "m1", at="2026-11-30T12:00:00+08:00")
    assert taken["seq"] == 2, "behind the greeting"
    await until(lambda: "echo 你好" in server.texts())
    assert server.seqs(taken["conversation_id"]) == [1, 3], "all but the shopper's own"
    greeting, echo = server.taken
    assert greeting["event"]["buttons"][0]["title"] == "查订单"
    assert "payload" not in json.dumps(greeting)
    assert echo["user"] == {"id": "o1"}
    assert echo["profile"] == "demo"
    assert echo["event_id"] == f"{taken['conversation_id']}:3"
    assert server.headers[-1]["Idempotency-Key"] == echo["event_id"]
    assert datetime.fromisoformat(echo["event"]["at"]).tzinfo


async def test_the_talk_goes_on_and_a_closed_one_begins_anew(
    desk: Desk, shop: ShopServer, server: Receiver
) -> None:
    first = await shop.say("你好")
    assert (await shop.say("在吗"))["conversation_id"] == first["conversation_id"]
    closed = await shop.act("close", first["conversation_id"])
    assert closed.json() == {"conversation_id": first["conversation_id"], "state": "closed"}
    assert (await shop.act("close", first["conversation_id"])).status_code == 200, "twice is none"
    second = await shop.say("我又来了")
    assert second["conversation_id"] != first["conversation_id"]
    await until(lambda: "echo 我又来了" in server.texts())
    await until(lambda: any(event["state"] == "closed" for event in server.events("state")))
    talk = await talk_of(desk, second["conversation_id"])
    assert (talk.channel, talk.account_id, talk.shopper_name) == ("webhook", None, "访客")


async def test_the_name_of_a_guest_turns_nothing_around_it(desk: Desk, shop: ShopServer) -> None:
    for user, name, shown in (("o1", "\u202e明小", "明小"), ("o2", "\u202e\x9f", "访客")):
        shop.user = {"id": user, "name": name}
        taken = await shop.say("你好")
        talk = await talk_of(desk, taken["conversation_id"])
        assert talk.shopper_name == shown


async def test_the_same_message_again_is_answered_alike_and_once(
    desk: Desk, shop: ShopServer, engine: EngineServer, server: Receiver
) -> None:
    first = await shop.say("你好", "m1")
    await until(lambda: "echo 你好" in server.texts())
    assert await shop.say("你好", "m1") == first
    await shop.act("close", first["conversation_id"])
    assert await shop.say("你好", "m1") == first, "also when the talk is over"
    assert engine.texts() == ["你好"]
    assert (await counted(desk, Conversation), await counted(desk, Message)) == (1, 1)
    shop.user = {"id": "o2"}
    other = await shop.say("你好", "m1")
    assert other["conversation_id"] != first["conversation_id"], "ids are each user's own"


async def test_fifty_copies_at_once_are_one_message_in_one_talk(
    start_desk: Start, engine: EngineServer, server: Receiver
) -> None:
    desks = [await start_desk(), await start_desk()]
    shops = [ShopServer(desk.client(), "o1") for desk in desks]
    answers = await asyncio.gather(*(shops[n % 2].say("你好", "same") for n in range(50)))
    assert len({(each["seq"], each["conversation_id"]) for each in answers}) == 1
    await until(lambda: "echo 你好" in server.texts())
    assert engine.texts() == ["你好"]
    for table in (Conversation, Message, WebhookMessage):
        assert await counted(desks[0], table) == 1


async def test_first_messages_at_once_begin_one_talk(start_desk: Start) -> None:
    desks = [await start_desk(), await start_desk()]
    shops = [ShopServer(desk.client(), "o1") for desk in desks]
    answers = await asyncio.gather(*(shops[n % 2].say(f"第{n}句") for n in range(10)))
    assert len({each["conversation_id"] for each in answers}) == 1
    assert len({each["seq"] for each in answers}) == 10


async def test_what_is_not_signed_now_by_this_shop_is_refused(desk: Desk, shop: ShopServer) -> None:
    body = json.dumps(shop.message("你好"), ensure_ascii=False).encode()
    for headers, code in (
        (sign(body, OTHER_KEY), "signature_refused"),
        (sign(body + b" "), "signature_refused"),
        ({"X-Kefu-Signature": ""}, "signature_refused"),
        (sign(body, at=time.time() - 310), "timestamp_refused"),
        (sign(body, at=time.time() + 310), "timestamp_refused"),
        ({"X-Kefu-Timestamp": ""}, "timestamp_refused"),
    ):
        assert_problem(await shop.post_raw(body, **headers), 401, code)
    assert await counted(desk, Conversation) == 0


async def test_an_unknown_brand_and_one_without_a_channel_are_refused(shop: ShopServer) -> None:
    for profile, code in (("nobody", "profile_not_found"), ("tmall", "channel_off")):
        shop.path = f"/api/v1/channels/webhook/{profile}"
        assert_problem(await shop.post(shop.message("你好")), 404, code)


async def test_a_key_is_worth_nothing_at_another_brand(desk: Desk) -> None:
    stranger = ShopServer(desk.client(), "o1", "tp")
    assert_problem(await stranger.post(stranger.message("你好")), 401, "signature_refused")
    stranger.key = OTHER_KEY
    assert (await stranger.say("你好"))["seq"] == 2


async def test_another_users_and_brands_talks_are_refused(desk: Desk, shop: ShopServer) -> None:
    conversation_id = (await shop.say("你好"))["conversation_id"]
    web = await desk.shopper()
    other = ShopServer(desk.client(), "o2")
    brand = ShopServer(desk.client(), "o1", "tp")
    brand.key = OTHER_KEY
    acts = {
        "close": {},
        "queue_leave": {},
        "rating": {"seq": 1, "stars": 5},
        "verify": {"verify_id": "a" * 32, "code": "123456"},
        "verify_resend": {"verify_id": "a" * 32},
    }
    for type_, more in acts.items():
        for stranger in (other, brand):
            refused = await stranger.act(type_, conversation_id, **more)
            assert_problem(refused, 404, "conversation_not_found")
        refused = await shop.act(type_, web.conversation_id, **more)
        assert_problem(refused, 404, "conversation_not_found")
    assert (await talk_of(desk, conversation_id)).state == "bot"


async def test_malformed_requests_are_problems_that_name_the_place(shop: ShopServer) -> None:
    for change, place in (
        ({"text": 5}, "body.text.text"),
        ({"user": {"id": "o 1"}}, "body.text.user.id"),
        ({"type": "voice"}, "body"),
    ):
        response = await shop.post({**shop.message("秘密"), **change})
        assert_problem(response, 422, "invalid_request")
        assert place in response.json()["detail"]
        assert "秘密" not in response.text
    assert_problem(await shop.post_raw(b"{"), 422, "invalid_request")
    assert_problem(await shop.post(shop.message("  ")), 422, "message_refused")
    assert_problem(await shop.post(shop.message("长" * 40_000)), 413, "too_large")


async def test_buttons_are_pressed_by_id_or_typed(
    shop: ShopServer, engine: EngineServer, server: Receiver
) -> None:
    await shop.say("你好")
    await until(lambda: "echo 你好" in server.texts())
    button = server.taken[0]["event"]["buttons"][0]["id"]
    assert (await shop.press(button)).status_code == 202
    await until(lambda: len(engine.requests) == 2)
    assert engine.requests[1]["message"]["intent"] == "order_status"
    assert_problem(await shop.press("99.0"), 422, "button_unknown")


async def test_an_old_button_of_a_closed_talk_begins_none(desk: Desk, shop: ShopServer) -> None:
    conversation_id = (await shop.say("你好"))["conversation_id"]
    await shop.act("close", conversation_id)
    assert_problem(await shop.press("1.9"), 422, "button_unknown")
    assert await counted(desk, Conversation) == 1, "nothing is left behind"


async def test_whom_the_server_vouches_for_is_that_account(
    desk: Desk, shop: ShopServer, engine: EngineServer, server: Receiver
) -> None:
    guest = await shop.say("你好")
    shop.user = {"id": "o1", "name": "黄磊", "account_id": "u0007"}
    assert (await shop.say("登录了"))["conversation_id"] == guest["conversation_id"]
    talk = await talk_of(desk, guest["conversation_id"])
    assert (talk.account_id, talk.shopper_name) == ("u0007", "黄磊")
    shop.user = {"id": "o1"}
    refused = await shop.act("close", guest["conversation_id"])
    assert_problem(refused, 404, "conversation_not_found")
    signed_out = await shop.say("退出了")
    assert signed_out["conversation_id"] != guest["conversation_id"]
    assert (await talk_of(desk, guest["conversation_id"])).state == "closed"
    assert (await talk_of(desk, signed_out["conversation_id"])).account_id is None


async def test_where_the_chat_was_opened_from_is_kept(desk: Desk, shop: ShopServer) -> None:
    talk = await shop.say("你好", context={"order_id": "KF1", "page": "/cart"})
    await shop.say("还有", context={"page": "/order"})
    found = await talk_of(desk, talk["conversation_id"])
    assert found.context == {"order_id": "KF1", "page": "/order"}


async def test_a_person_is_waited_for_and_answers(
    desk: Desk, shop: ShopServer, engine: EngineServer, server: Receiver
) -> None:
    wants(engine, HANDOFF)
    conversation_id = (await shop.say("转人工"))["conversation_id"]
    await until(lambda: [e["state"] for e in server.events("state")] == ["waiting"])
    left = await shop.act("queue_leave", conversation_id)
    assert left.json()["state"] == "bot"
    await shop.say("还是转人工")
    await until(
        lambda: [e["state"] for e in server.events("state")] == ["waiting", "bot", "waiting"]
    )
    staff = await colleague(desk)
    path = f"/api/v1/desk/conversations/{conversation_id}"
    (await staff.post(f"{path}/claim")).raise_for_status()
    body = {"client_message_id": "a1", "text": "您好，我来帮您"}
    (await staff.post(f"{path}/messages", json=body)).raise_for_status()
    (await staff.post(f"{path}/close")).raise_for_status()
    await until(lambda: any(e["state"] == "closed" for e in server.events("state")))
    assert "您好，我来帮您" in server.texts()
    (asked,) = server.events("rating_request")
    rated = await shop.act("rating", conversation_id, seq=asked["seq"], stars=5, text="很好")
    assert rated.status_code == 200, rated.text
    seqs = server.seqs(conversation_id)
    assert seqs == sorted(seqs)


async def colleague(desk: Desk) -> httpx.AsyncClient:
    """An agent of the brand's, logged in."""

    def add(session: Session) -> None:
        person = Staff(
            username="wang",
            name="小王",
            password_hash=hash_password("a password for tests"),
            active=True,
            created_at=utc_now(),
        )
        session.add(person)
        session.flush()
        session.add(StaffRole(staff_id=person.staff_id, profile="demo", role="agent"))

    await desk.runtime.database.write(add)
    return await agent(desk, "wang", "a password for tests")


class TestCodes:
    """One-time codes through the channel."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        settings.demo = True
        with shop_session(settings) as session:
            session.add(account("u0007", PHONE, None))
        return settings

    async def test_a_code_is_asked_for_and_entered_apart_from_the_talk(
        self, desk: Desk, shop: ShopServer, engine: EngineServer, server: Receiver
    ) -> None:
        shop.user = {"id": "o1", "account_id": "u0007"}
        wants(engine, {"type": "verify_request", "purpose": "unlock"})
        conversation_id = (await shop.say("解锁账号"))["conversation_id"]
        await until(lambda: server.events("verify_request"))
        (asked,) = server.events("verify_request")
        mailbox = desk.runtime.settings.home / "notices.log"
        await until(lambda: mailbox.exists() and "验证码" in mailbox.read_text("utf-8"))
        code = mailbox.read_text("utf-8").partition("验证码 ")[2][:6]
        wrong = f"{(int(code) + 1) % 10**6:06d}"
        verify = {"verify_id": asked["verify_id"]}
        refused = await shop.act("verify", conversation_id, **verify, code=wrong)
        assert refused.json()["code"] == "code_wrong"
        early = await shop.act("verify_resend", conversation_id, **verify)
        assert early.json()["code"] == "resend_too_early"
        engine.behave = lambda request: asyncio.sleep(0, answer(request, "已解锁"))
        passed = await shop.act("verify", conversation_id, **verify, code=code)
        assert (passed.status_code, passed.json()) == (200, {"purpose": "unlock", "done": True})
        await until(lambda: "已解锁" in server.texts())
        assert code not in json.dumps(server.tried, ensure_ascii=False)


def picture(colour: str = "red") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_picture_is_signed_with_its_message_and_sent_once(
    desk: Desk, shop: ShopServer, engine: EngineServer, server: Receiver
) -> None:
    first = await shop.picture(picture(), "p1")
    assert first.status_code == 202, first.text
    again = await shop.picture(picture(), "p1")
    assert (again.status_code, again.json()) == (202, first.json())
    await until(lambda: len(engine.requests) == 1)
    assert engine.requests[0]["message"]["intent"] == "picture_sent"
    assert await counted(desk, Attachment) == 1
    copies = await asyncio.gather(*(shop.picture(picture("blue"), "p2") for _ in range(5)))
    assert {(each.status_code, each.json()["seq"]) for each in copies} == {
        (202, copies[0].json()["seq"])
    }
    assert await counted(desk, Attachment) == 2


async def test_pictures_that_are_none_or_not_signed_are_refused(
    desk: Desk, shop: ShopServer
) -> None:
    assert_problem(await shop.picture(b"text", "p1"), 415, "picture_type_refused")
    assert_problem(await shop.picture(b"x" * (11 * 1024 * 1024), "p1"), 413, "picture_too_large")
    stale = await shop.picture(picture(), "p1", **{"X-Kefu-Timestamp": "1"})
    assert_problem(stale, 401, "timestamp_refused")
    forged = await shop.picture(picture(), "p1", **{"X-Kefu-Signature": "v1=0"})
    assert_problem(forged, 401, "signature_refused")
    body = json.dumps({"message_id": "p1", "user": shop.user, "type": "image"}).encode()
    headers = {"Content-Type": "application/json", **sign(body)}
    bare = await shop.client.post(f"{shop.path}/images", content=body, headers=headers)
    assert_problem(bare, 422, "picture_missing")
    shop.user = {"id": "o 1"}
    assert_problem(await shop.picture(picture(), "p1"), 422, "invalid_request")
    assert (await counted(desk, Attachment), await counted(desk, Conversation)) == (0, 0)


async def test_too_many_requests_are_told_when_to_come_again(
    settings: Settings, start_desk: Start
) -> None:
    settings.message_burst = 2
    desk = await start_desk()
    shop, other = ShopServer(desk.client(), "o1"), ShopServer(desk.client(), "o2")
    first = await shop.say("一", "m1")
    await shop.say("二")
    refused = await shop.post(shop.message("三"))
    assert_problem(refused, 429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) >= 1
    assert await shop.say("一", "m1") == first, "what was accepted may be sent at any rate"
    await other.say("别人")


async def test_an_address_is_limited_before_its_signature_is_looked_at(
    settings: Settings, start_desk: Start
) -> None:
    settings.webhook_requests_per_minute = 2
    shop = ShopServer((await start_desk()).client(), "o1")
    shop.key = "of somebody else"
    codes = [(await shop.post(shop.message("你好"))).json()["code"] for _ in range(3)]
    assert codes == ["signature_refused", "signature_refused", "too_many_requests"]


async def test_after_a_restart_it_goes_on_where_it_was(
    start_desk: Start, engine: EngineServer, server: Receiver
) -> None:
    server.behave = lambda _: 503
    first = await start_desk()
    taken = await ShopServer(first.client(), "o1").say("你好", "m1")
    await until(lambda: server.tried)
    await until(lambda: engine.texts() == ["你好"])
    await first.stop()
    server.behave = lambda _: 200
    second = await start_desk()
    shop = ShopServer(second.client(), "o1")
    assert await shop.say("你好", "m1") == taken
    assert (await shop.say("在吗"))["conversation_id"] == taken["conversation_id"]
    await until(lambda: "echo 在吗" in server.texts(), 30)
    assert server.seqs(taken["conversation_id"]) == [1, 3, 5]
    assert engine.texts() == ["你好", "在吗"]


async def test_the_public_description_names_the_channel(desk: Desk) -> None:
    async with httpx.AsyncClient(base_url=desk.base, trust_env=False) as client:
        paths = (await client.get("/api/openapi.json")).json()["paths"]
    body = paths["/api/v1/channels/webhook/{profile}"]["post"]["requestBody"]
    kinds = body["content"]["application/json"]["schema"]["discriminator"]["mapping"]
    assert {"text", "button", "verify", "rating", "close", "ready"} <= set(kinds)
