"""What could be answered: the bot's words, canned ones, articles; and nothing changes by it."""

from __future__ import annotations

import asyncio
from typing import Any

import jwt
import pytest
from sqlalchemy import func, select

from kefu.store.desk_tables import CannedResponse
from kefu.store.tables import Conversation, Event, Turn
from tests.desk_stage import Desk, Shopper
from tests.engine_server import EngineServer, Refuse, answer, understood
from tests.integration.desk.staff import DESK, Person, calling, person

pytestmark = pytest.mark.either_database

Json = dict[str, Any]


@pytest.fixture
async def wang(desk: Desk) -> Person:
    return await person(desk, "wang")


@pytest.fixture
async def talk(desk: Desk, engine: EngineServer, wang: Person) -> Shopper:
    shopper = await calling(desk, engine)
    assert (await wang.do(shopper, "claim")).status_code == 204
    await shopper.until_state("assigned")
    engine.requests.clear()
    return shopper


async def suggested(who: Person, talk: Shopper) -> list[Json]:
    found = await who.get(f"/conversations/{talk.conversation_id}/suggestions")
    return found["suggestions"]


def by_bot(found: list[Json]) -> list[Json]:
    return [each for each in found if each["source"] == "bot"]


def says(engine: EngineServer, intent: str, text: str = "在路上了", **more: Any) -> None:
    """The engine reads ``intent`` and answers it."""
    engine.understand = understood(intent, 0.87)
    parse = {"text": "", "intent": {"name": intent, "confidence": 0.87}}
    actions = more.pop("actions", [f"action_{intent}"])
    engine.behave = lambda request: asyncio.sleep(
        0, {**answer(request, text), "parse": parse, "actions": actions, **more}
    )


async def snapshot(desk: Desk, talk: Shopper) -> Any:
    def read(session: Any) -> Any:
        row = session.get_one(Conversation, talk.conversation_id)
        turns = session.scalar(select(func.count()).select_from(Turn))
        events = session.scalar(select(func.count()).select_from(Event))
        return row.last_seq, row.state, row.tracker_version, turns, events

    return await desk.runtime.database.read(read)


async def test_the_bots_answer_is_told_with_its_confidence_and_changes_nothing(
    desk: Desk, engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    await talk.say("我的快递到哪了")
    says(engine, "track_logistics")
    before = await snapshot(desk, talk)
    found = await suggested(wang, talk)
    assert by_bot(found) == [
        {
            "text": "在路上了",
            "intent": "track_logistics",
            "confidence": 0.87,
            "cards": [],
            "left_out": [],
            "source": "bot",
        }
    ]
    (asked,) = engine.requests
    assert asked["tracker"] is None
    assert asked["message"] == {"text": "我的快递到哪了"}
    claims = jwt.decode(asked["turn_token"], options={"verify_signature": False})
    assert claims["looking"] is True
    assert engine.parsed[-1]["text"] == "我的快递到哪了"
    assert await snapshot(desk, talk) == before


async def test_cards_go_with_the_words_unless_these_were_changed(
    desk: Desk, engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    await talk.say("我的订单到哪了")
    order = {"type": "order", "order_number": "KF20261108004217"}
    asks = {"title": "查看物流", "payload": "/track_logistics"}
    reply = {"text": "查到您的订单：", "cards": [{**order, "buttons": [asks]}], "buttons": [asks]}
    says(engine, "track_logistics", replies=[reply])
    (bot,) = by_bot(await suggested(wang, talk))
    assert (bot["cards"], bot["left_out"]) == ([order], ["查看物流"])
    signed = bot["signed"]
    li = await person(desk, "li")
    other = await calling(desk, engine)
    assert (await wang.do(other, "claim")).status_code == 204

    async def send(who: Person, where: Shopper, text: str, **more: Any) -> tuple[int, str]:
        body = {"client_message_id": "the-same", "text": text, **more}
        sent = await who.client.post(
            f"{DESK}/conversations/{where.conversation_id}/messages", json=body
        )
        return sent.status_code, sent.json().get("code", "")

    refused = (409, "suggestion_refused")
    assert await send(wang, talk, "改过的话", suggested=signed) == refused
    assert await send(wang, talk, bot["text"], suggested=f"{signed[:-4]}abcd") == refused
    assert await send(wang, other, bot["text"], suggested=signed) == refused
    await wang.is_("online")
    await li.is_("online")
    passed = {"to_staff": li.staff_id, "note": ""}
    assert (await wang.do(talk, "transfer", passed)).status_code == 204
    assert await send(li, talk, bot["text"], suggested=signed) == refused
    passed = {"to_staff": wang.staff_id, "note": ""}
    assert (await li.do(talk, "transfer", passed)).status_code == 204
    assert await send(wang, talk, bot["text"], suggested=signed) == (202, "")
    view = await talk.until_said(bot["text"])
    assert view["messages"][-1]["cards"] == [order]
    # The same message again is known, whatever has become of the signature since.
    assert await send(wang, talk, bot["text"], suggested="old") == (202, "")
    assert len(view["messages"]) == len((await talk.until_said(bot["text"]))["messages"])


@pytest.mark.parametrize(
    "intent",
    ["urge_shipping", "cancel_order", "change_order", "return_request", "human_agent", "complaint",
     "account_locked", "payment_charged", "ticket_progress", "affirm", "no_such"],
)  # fmt: skip
async def test_what_would_do_something_is_never_asked_of_the_bot(
    engine: EngineServer, wang: Person, talk: Shopper, intent: str
) -> None:
    await talk.say("那就帮我办了吧")
    says(engine, intent)
    assert by_bot(await suggested(wang, talk)) == []
    assert engine.requests == []


@pytest.mark.parametrize(
    "more",
    [
        {"commands": [{"type": "ticket", "kind": "service", "subject": "x", "details": ""}]},
        {"commands": [{"type": "handoff", "reason": "requested", "note": ""}]},
        {"active_loop": "guest_form"},
        {"actions": ["action_track_logistics", "action_urge_shipping"]},
        {"actions": ["action_clarify"]},
    ],
)
async def test_an_answer_that_does_more_than_answer_is_thrown_away(
    desk: Desk, engine: EngineServer, wang: Person, talk: Shopper, more: Json
) -> None:
    await talk.say("到哪了，顺便催一下")
    says(engine, "track_logistics", **more)
    before = await snapshot(desk, talk)
    assert by_bot(await suggested(wang, talk)) == []
    assert await snapshot(desk, talk) == before


async def test_a_misread_question_gets_no_bots_answer(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    await talk.say("到哪了")
    says(engine, "track_logistics")
    engine.understand = understood("order_status")
    assert by_bot(await suggested(wang, talk)) == []


async def test_canned_responses_and_articles_are_suggested_by_intent(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    await talk.say("退款要多久到账")
    says(engine, "refund_progress", "退款已提交")
    found = await suggested(wang, talk)
    sources = [each["source"] for each in found]
    assert sources[:2] == ["bot", "canned"]
    assert "article" in sources
    canned = next(each for each in found if each["source"] == "canned")
    assert "原路退回" in canned["text"]
    article = next(each for each in found if each["source"] == "article")
    assert article["article"] == "refund-arrival"


async def test_articles_remain_while_the_engine_is_away(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    await talk.say("退款要多久到账")
    await engine.kill()
    found = await suggested(wang, talk)
    assert {each["source"] for each in found} == {"article"}
    await engine.start()

    async def broken(request: Json) -> Json:
        raise Refuse(500, "action_failed")

    says(engine, "refund_progress")
    engine.behave = broken
    assert by_bot(await suggested(wang, talk)) == []


async def test_the_last_words_that_nobody_has_answered_are_the_question(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    says(engine, "track_logistics")
    await talk.say("在吗")
    await wang.say(talk, "在的")
    await talk.say("我的快递")
    await talk.say("到哪了")
    await suggested(wang, talk)
    assert engine.parsed[-1]["text"] == "我的快递\n到哪了"


async def test_what_the_bot_has_answered_is_no_part_of_the_question(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    says(engine, "track_logistics")
    # No agent has written yet: before this stands 「转人工」.
    await talk.say("我的快递到哪了")
    await suggested(wang, talk)
    assert engine.parsed[-1]["text"] == "我的快递到哪了"


async def test_a_sellers_agent_gets_no_answer_from_other_sellers_orders(
    desk: Desk, engine: EngineServer
) -> None:
    seller = await person(
        desk, "s1", roles={"tmall": ("agent",)}, groups={"tmall": ("shop-clothes",)}
    )
    talk = await calling(desk, engine, profile="tmall", group="shop-clothes")
    await seller.do(talk, "claim")
    await talk.say("我的订单到哪了")
    says(engine, "track_logistics")
    assert by_bot(await suggested(seller, talk)) == []
    says(engine, "payment_method", "支持支付宝")
    assert [each["text"] for each in by_bot(await suggested(seller, talk))] == ["支持支付宝"]


async def test_nothing_is_suggested_before_anything_was_asked(
    desk: Desk, engine: EngineServer, wang: Person
) -> None:
    shopper = await calling(desk, engine)
    engine.understand = understood("human_agent")
    found = await suggested(wang, shopper)
    assert by_bot(found) == []


async def test_canned_responses_are_kept_by_supervisors_and_ones_own_by_oneself(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    li = await person(desk, "li")
    body = {"profile": "demo", "shortcut": "xx", "title": "我的", "text": "您好{agent_name}"}
    mine = (await wang.post("/canned", body)).json()
    assert (mine["scope"], mine["editable"]) == ("mine", True)
    path = f"/canned/{mine['canned_id']}"
    for who in (boss, li):
        denied = await who.put(path, {**body, "title": "改"})
        assert (denied.status_code, denied.json()["code"]) == (404, "canned_not_found")
    double = await wang.post("/canned", {**body, "shortcut": "XX"})
    assert (double.status_code, double.json()["code"]) == (409, "shortcut_taken")
    shared = await wang.post("/canned", {**body, "scope": "all"})
    assert (shared.status_code, shared.json()["code"]) == (403, "role_missing")
    wrong = await wang.post("/canned", {**body, "shortcut": "yy", "text": "{password}"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "canned_refused")
    everybodys = (await boss.post("/canned", {**body, "scope": "all"})).json()
    found = (await wang.get("/canned?profile=demo&q=xx"))["canned"]
    assert [each["scope"] for each in found] == ["mine", "all"]
    assert [each["editable"] for each in found] == [True, False]
    await boss.put(f"/canned/{everybodys['canned_id']}", {**body, "scope": "all", "title": "新"})
    assert (await wang.client.delete(f"{DESK}{path}")).status_code == 204
    found = (await wang.get("/canned?profile=demo&q=xx"))["canned"]
    assert [each["title"] for each in found] == ["新"]


async def test_a_canned_response_is_filled_from_the_talk(
    engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    path = f"conversation_id={talk.conversation_id}"
    listed = {each["shortcut"]: each["canned_id"] for each in (
        await wang.get("/canned?profile=demo")
    )["canned"]}  # fmt: skip
    empty = await wang.get(f"/canned/{listed['cf']}/filled?{path}")
    assert empty["missing"] == ["order_number"]
    assert "{order_number}" in empty["text"]
    await talk.say("订单 kf20261130083407 催一下")
    filled = await wang.get(f"/canned/{listed['cf']}/filled?{path}")
    assert filled["missing"] == []
    assert "KF20261130083407" in filled["text"]
    greeting = await wang.get(f"/canned/{listed['nh']}/filled?{path}")
    assert greeting == {
        "text": "您好，我是青禾生活客服客服wang，很高兴为您服务，请问有什么可以帮您？",
        "missing": [],
    }


async def test_the_files_texts_are_read_once(desk: Desk, wang: Person, start_desk: Any) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    listed = (await boss.get("/canned?profile=demo"))["canned"]
    await boss.client.delete(f"{DESK}/canned/{listed[0]['canned_id']}")
    second = await start_desk()
    count = await second.runtime.database.read(
        lambda session: session.scalar(select(func.count()).where(CannedResponse.profile == "demo"))
    )
    assert count == len(listed) - 1
