"""What the staff say to each other stays among them."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.desk_stage import Desk, Shopper
from tests.engine_server import EngineServer
from tests.integration.desk.staff import Person, calling, person

SECRET = "内部暗号：给顾客补差价"
WHISPERED = "悄悄话：先安抚再说"


@pytest.fixture
async def wang(desk: Desk) -> Person:
    return await person(desk, "wang")


@pytest.fixture
async def talk(desk: Desk, engine: EngineServer, wang: Person) -> Shopper:
    shopper = await calling(desk, engine)
    assert (await wang.do(shopper, "claim")).status_code == 204
    await shopper.until_state("assigned")
    return shopper


async def test_a_note_names_its_writer_and_calls_the_mentioned_in(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    li = await person(desk, "li.na")
    stranger = await person(desk, "stranger", roles={"tp": ("agent",)})
    async with li.socket() as socket:
        await socket.until_inbox(lambda inbox: not inbox["invited"])
        made = await wang.do(talk, "notes", {"text": "请@li.na 看运费，@stranger @nobody a@b.cn。"})
        assert made.status_code == 201, made.text
        note = made.json()
        assert (note["staff_id"], note["name"], note["kind"]) == (wang.staff_id, "客服wang", "note")
        assert note["mentions"] == [li.staff_id]
        inbox = await socket.until_inbox(lambda inbox: bool(inbox["invited"]))
        assert inbox["invited"][0]["conversation_id"] == talk.conversation_id
    path = f"/conversations/{talk.conversation_id}"
    assert (await li.get(f"{path}/notes"))["notes"] == [note]
    opened = await li.get(path)
    assert (opened["notes"], opened["invited"]) == ([note], True)
    assert [each["staff_id"] for each in opened["invited_staff"]] == [li.staff_id]
    assert (await stranger.client.get(f"/api/v1/desk{path}/notes")).status_code == 404


async def test_a_note_reaches_the_colleagues_who_have_the_talk_open(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    li = await person(desk, "li")
    async with li.socket(**{talk.conversation_id: 0}) as socket:
        await socket.until_inbox(lambda inbox: bool(inbox["colleagues"]))
        await wang.do(talk, "notes", {"text": SECRET})
        told = await socket.until(lambda frame: frame["type"] == "note")
        assert (told["conversation_id"], told["note"]["text"]) == (talk.conversation_id, SECRET)


async def test_a_whisper_is_for_the_agent_alone(desk: Desk, wang: Person, talk: Shopper) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    li = await person(desk, "li")
    path = f"/conversations/{talk.conversation_id}/notes"
    refused = await wang.do(talk, "whisper", {"text": WHISPERED})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    async with li.socket(**{talk.conversation_id: 0}) as onlooker:
        await onlooker.until_inbox(lambda inbox: bool(inbox["colleagues"]))
        async with wang.socket(**{talk.conversation_id: 0}) as agents:
            await agents.until_inbox(lambda inbox: bool(inbox["mine"]))
            made = await boss.do(talk, "whisper", {"text": WHISPERED})
            assert (made.status_code, made.json()["kind"]) == (201, "whisper")
            told = await agents.until(lambda frame: frame["type"] == "note")
            assert told["note"]["text"] == WHISPERED
        await wang.do(talk, "notes", {"text": "大家都能看的备注"})
        await onlooker.until(lambda frame: frame["type"] == "note")
        assert WHISPERED not in str(onlooker.frames)
    seen = {who.staff_id: WHISPERED in str(await who.get(path)) for who in (wang, boss, li)}
    assert seen == {wang.staff_id: True, boss.staff_id: True, li.staff_id: False}


async def test_nobody_is_whispered_to_where_nobody_serves(desk: Desk, engine: EngineServer) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    waiting = await calling(desk, engine)
    refused = await boss.do(waiting, "whisper", {"text": WHISPERED})
    assert (refused.status_code, refused.json()["code"]) == (409, "nobody_to_whisper_to")


async def test_no_shopper_ever_reads_a_note_a_whisper_or_a_draft(
    desk: Desk, wang: Person, talk: Shopper
) -> None:
    boss = await person(desk, "boss", roles={"demo": ("supervisor",)})
    read: list[str] = []
    url = desk.base.replace("http", "ws") + "/api/v1/shopper/ws"
    async with connect(url, proxy=None) as line:
        await line.send(f'{{"session_token": "{talk.session["session_token"]}", "after": 0}}')
        poll = asyncio.create_task(_poll(talk))
        await wang.do(talk, "notes", {"text": SECRET})
        await boss.do(talk, "whisper", {"text": WHISPERED})
        await wang.put(f"/conversations/{talk.conversation_id}/draft", {"text": SECRET})
        await wang.put(f"/conversations/{talk.conversation_id}/tags", {"tags": ["内部暗号"]})
        await wang.say(talk, "最后一句")
        read.append((await poll).text)
        while "最后一句" not in read[-1]:
            read.append(str(await asyncio.wait_for(line.recv(), 15)))
    client = talk.client
    read += [
        (await client.get("/api/v1/shopper/events", params={"after": 0})).text,
        (await client.get("/api/v1/shopper/transcript")).text,
        (await client.get("/api/v1/shopper/transcript?format=html")).text,
        (await client.get("/api/v1/shopper/tickets")).text,
    ]
    everything = "\n".join(read)
    assert "最后一句" in everything
    for hidden in ("内部暗号", "悄悄话", '"draft"', '"note"'):
        assert hidden not in everything


async def _poll(talk: Shopper) -> httpx.Response:
    """What passes by and what is stored, as one who polls hears it."""
    query = {"after": talk.view["last_seq"], "wait": 10}
    return await talk.client.get("/api/v1/shopper/events", params=query)


async def test_a_note_needs_words_and_not_too_many(wang: Person, talk: Shopper) -> None:
    for text in ("", "  \n", "字" * 2001):
        refused = await wang.do(talk, "notes", {"text": text})
        assert (refused.status_code, refused.json()["code"]) == (422, "note_refused")


async def test_who_is_invited_must_serve_the_shop(desk: Desk, wang: Person, talk: Shopper) -> None:
    trainer = await person(desk, "trainer", roles={"demo": ("trainer",)})
    stranger = await person(desk, "stranger", roles={"tp": ("agent",)})
    li = await person(desk, "li")
    for who, status in ((trainer, 404), (stranger, 404), (li, 204), (li, 204)):
        response = await wang.do(talk, "invite", {"staff_id": who.staff_id})
        assert response.status_code == status, response.text
