"""What an agent writes: guarded against crossing words, taken back, drafted, with pictures."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from kefu.conversation import events
from kefu.desk import answering
from kefu.store.desk_tables import Draft
from kefu.store.tables import Conversation, Event, Message
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer
from tests.integration.desk.staff import DESK, Person, calling, person

pytestmark = pytest.mark.either_database

EMPTY = {"state": "bot", "last_seq": 0, "messages": []}


@pytest.fixture
async def wang(desk: Desk) -> Person:
    return await person(desk, "wang")


@pytest.fixture
async def talk(desk: Desk, engine: EngineServer, wang: Person) -> Shopper:
    """Wang's talk."""
    shopper = await calling(desk, engine)
    assert (await wang.do(shopper, "claim")).status_code == 204
    await shopper.until_state("assigned")
    return shopper


async def write(who: Person, shopper: Shopper, text: str, key: str, **more: Any) -> Any:
    body = {"client_message_id": key, "text": text, **more}
    return await who.do(shopper, "messages", body)


async def fresh_view(shopper: Shopper) -> Any:
    query = {"after": 0, "wait": 0}
    found = (await shopper.client.get("/api/v1/shopper/events", params=query)).json()["events"]
    return events.apply(EMPTY, found)


async def test_nothing_is_sent_past_words_that_the_agent_has_not_seen(
    wang: Person, talk: Shopper
) -> None:
    seen = (await wang.get(f"/conversations/{talk.conversation_id}"))["last_seq"]
    newest = await talk.say("等等，我要改一下")
    crossed = await write(wang, talk, "好的，已经办好了", "a1", seen_seq=seen)
    assert (crossed.status_code, crossed.json()["code"]) == (409, "newer_messages")
    assert crossed.json()["newest_seq"] == newest
    assert "好的，已经办好了" not in texts(await talk.until_said("等等"))
    assert (await write(wang, talk, "好的，已经办好了", "a1")).status_code == 202
    own = await write(wang, talk, "还有别的吗", "a2", seen_seq=newest)
    assert own.status_code == 202
    # What was sent before is answered as before, whatever came since.
    again = await write(wang, talk, "还有别的吗", "a2", seen_seq=seen)
    assert (again.status_code, again.json()) == (202, own.json())


async def test_a_colleagues_word_counts_as_unseen_too(
    desk: Desk, engine: EngineServer, wang: Person, talk: Shopper
) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    seen = (await wang.get(f"/conversations/{talk.conversation_id}"))["last_seq"]
    assert (await boss.do(talk, "take-over")).status_code == 204
    boss_seq = (await write(boss, talk, "我来处理", "b1")).json()["seq"]
    assert (await write(boss, talk, "请稍等", "b2", seen_seq=boss_seq)).status_code == 202
    refused = await write(boss, talk, "再见", "b3", seen_seq=seen)
    assert refused.status_code == 202, "one's own words are known to oneself"


async def test_colleagues_know_who_wrote_and_shoppers_do_not(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    li = await person(desk, "li")
    async with li.socket(**{talk.conversation_id: 0}) as socket:
        await socket.until_inbox(lambda inbox: bool(inbox["colleagues"]))
        seq = (await write(wang, talk, "您好", "a1")).json()["seq"]
        pushed = await socket.until(lambda frame: (frame.get("event") or {}).get("seq") == seq)
        assert pushed["event"]["staff_id"] == wang.staff_id
    path = f"/conversations/{talk.conversation_id}"
    for found in (await li.get(path), await li.get(f"{path}/events")):
        mine = {each["seq"]: each.get("staff_id") for each in found["events"]}
        assert mine[seq] == wang.staff_id
        assert [each for each in mine.values() if each] == [wang.staff_id]
    view = await talk.until_said("您好")
    assert "staff_id" not in str(view)


async def test_a_recalled_message_is_gone_for_everybody(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    seq = (await write(wang, talk, "您的密码是秘密", "a1")).json()["seq"]
    await talk.until_said("秘密")
    done = await wang.post(f"/conversations/{talk.conversation_id}/messages/{seq}/recall")
    assert done.status_code == 200, done.text
    assert done.json()["seq"] > seq
    view = await talk.until(lambda view: view["last_seq"] >= done.json()["seq"])
    gone = next(message for message in view["messages"] if message["seq"] == seq)
    assert (gone["text"], gone["recalled"], gone["from"]) == (None, True, "agent")
    assert view == await fresh_view(talk)
    seen = await wang.get(f"/conversations/{talk.conversation_id}")
    transcript = await talk.client.get("/api/v1/shopper/transcript")
    assert "秘密" not in str(seen) + transcript.text
    assert "消息已撤回" in transcript.text
    assert seen["last_text"] == "消息已撤回"
    twice = await wang.post(f"/conversations/{talk.conversation_id}/messages/{seq}/recall")
    assert twice.json() == done.json()
    rows = await desk.runtime.database.read(
        lambda session: [
            *session.scalars(select(Event.body).where(Event.seq == seq)),
            *session.scalars(select(Message.text).where(Message.seq == seq)),
        ]
    )
    assert "秘密" not in str(rows)


async def test_only_ones_own_words_are_recalled_and_only_soon(
    desk: Desk, wang: Person, talk: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = f"/conversations/{talk.conversation_id}/messages"
    seq = (await write(wang, talk, "您好", "a1")).json()["seq"]
    said = await talk.say("你好")
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    stranger = await person(desk, "stranger", roles={"tp": ("agent",)})
    answers = [
        (await boss.post(f"{base}/{seq}/recall"), 403, "message_not_yours"),
        (await wang.post(f"{base}/{said}/recall"), 404, "message_not_found"),
        (await wang.post(f"{base}/9999/recall"), 404, "message_not_found"),
        (await stranger.post(f"{base}/{seq}/recall"), 404, "conversation_not_found"),
    ]
    monkeypatch.setattr(answering, "RECALL_WITHIN", timedelta(0))
    answers.append((await wang.post(f"{base}/{seq}/recall"), 409, "recall_too_late"))
    for response, status, code in answers:
        assert (response.status_code, response.json()["code"]) == (status, code)
    assert "您好" in texts(await fresh_view(talk), "agent")


async def test_a_recalled_picture_is_deleted(desk: Desk, wang: Person, talk: Shopper) -> None:
    picture = await upload(wang, talk)
    seq = (await write(wang, talk, "", "p1", attachment_id=picture["id"])).json()["seq"]
    view = await talk.until(lambda view: view["last_seq"] >= seq)
    shown = next(each for each in view["messages"] if each["seq"] == seq)["attachments"][0]
    assert (await talk.client.get(shown["url"])).status_code == 200
    await wang.post(f"/conversations/{talk.conversation_id}/messages/{seq}/recall")
    assert (await talk.client.get(shown["url"])).status_code == 404
    assert (await wang.client.get(f"{DESK}/attachments/{picture['id']}")).status_code == 404


async def upload(who: Person, shopper: Shopper) -> Any:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(content, "PNG")
    response = await who.client.post(
        f"{DESK}/conversations/{shopper.conversation_id}/attachments",
        files={"file": ("a.png", content.getvalue(), "image/png")},
    )
    assert response.status_code == 201, response.text
    return response.json()


async def test_an_agents_picture_is_theirs_to_send(desk: Desk, wang: Person, talk: Shopper) -> None:
    picture = await upload(wang, talk)
    # Until it is sent, the shopper can neither see nor send it.
    path = f"/api/v1/shopper/attachments/{picture['id']}"
    assert (await talk.client.get(path)).status_code == 404
    body = {"client_message_id": "s1", "attachment_id": picture["id"]}
    stolen = await talk.client.post("/api/v1/shopper/messages", json=body)
    assert stolen.json()["code"] == "attachment_not_found"
    both = await write(wang, talk, "看图", "p0", attachment_id=picture["id"])
    assert both.json()["code"] == "message_refused"
    sent = [await write(wang, talk, "", "p1", attachment_id=picture["id"]) for _ in range(2)]
    assert [each.status_code for each in sent] == [202, 202]
    assert sent[0].json() == sent[1].json()
    assert (await talk.client.get(path)).status_code == 200
    li = await person(desk, "li")
    refused = await li.client.post(
        f"{DESK}/conversations/{talk.conversation_id}/attachments",
        files={"file": ("a.png", b"x", "image/png")},
    )
    assert refused.status_code == 409


async def test_a_help_article_goes_out_as_a_card(wang: Person, talk: Shopper) -> None:
    listed = await wang.get("/articles?profile=demo&q=退款多久到账")
    slug = listed["articles"][0]["article"]
    assert slug == "refund-arrival"
    body = {"client_message_id": "c1", "article": slug}
    sent = [await wang.do(talk, "articles", body) for _ in range(2)]
    assert [each.status_code for each in sent] == [202, 202]
    assert sent[0].json() == sent[1].json()
    view = await talk.until(lambda view: view["last_seq"] >= sent[0].json()["seq"])
    cards = [card for message in view["messages"] for card in message.get("cards") or ()]
    assert [(card["type"], card["url"]) for card in cards] == [("article", f"/help/demo/{slug}")]
    missing = await wang.do(talk, "articles", {"client_message_id": "c2", "article": "no-such"})
    assert missing.json()["code"] == "article_not_found"


async def test_a_draft_is_kept_for_its_writer_and_goes_with_the_message(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    path = f"/conversations/{talk.conversation_id}"
    li = await person(desk, "li")
    async with li.socket(**{talk.conversation_id: 0}) as socket:
        await socket.until_inbox(lambda inbox: bool(inbox["colleagues"]))
        assert (await wang.put(f"{path}/draft", {"text": "我写到一半"})).status_code == 204
        told = await socket.until(lambda frame: (frame.get("event") or {}).get("type") == "draft")
        assert told["event"] == {
            "type": "draft",
            "from": "agent",
            "staff_id": wang.staff_id,
            "name": "客服wang",
            "on": True,
        }
        assert (await wang.get(path))["draft"] == "我写到一半"
        assert (await li.get(path))["draft"] == ""
        assert (await write(wang, talk, "写完了", "a1")).status_code == 202
        await socket.until(
            lambda frame: (
                (frame.get("event") or {}).get("type") == "draft" and not frame["event"]["on"]
            )
        )
        # Words of a draft are nobody's but the writer's.
        assert "我写到一半" not in str(socket.frames)
    assert (await wang.get(path))["draft"] == ""
    assert (
        await desk.runtime.database.read(lambda session: session.scalars(select(Draft)).all()) == []
    )


async def test_drafts_saved_at_once_leave_one(wang: Person, talk: Shopper) -> None:
    path = f"/conversations/{talk.conversation_id}"
    answers = await asyncio.gather(
        *(wang.put(f"{path}/draft", {"text": f"第{number}稿"}) for number in range(6))
    )
    assert {each.status_code for each in answers} == {204}
    assert (await wang.get(path))["draft"].startswith("第")


async def test_tags_are_tidied_kept_and_offered(desk: Desk, wang: Person, talk: Shopper) -> None:
    path = f"/conversations/{talk.conversation_id}"
    put = await wang.put(f"{path}/tags", {"tags": [" 催 发货 ", "VIP", "", "VIP"]})
    assert put.json() == {"tags": ["催 发货", "VIP"]}
    assert (await wang.get(path))["tags"] == ["催 发货", "VIP"]
    inbox = await wang.get("/inbox")
    assert inbox["mine"][0]["tags"] == ["催 发货", "VIP"]
    assert set((await wang.get("/tags?profile=demo"))["tags"]) == {"催 发货", "VIP"}
    too_long = await wang.put(f"{path}/tags", {"tags": ["长" * 21]})
    assert too_long.status_code == 422
    stored = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, talk.conversation_id).tags
    )
    assert stored == ["催 发货", "VIP"]
