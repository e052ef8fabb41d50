"""Ratings: asked by the bot and after an agent, given once, changed for a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password
from kefu.store.database import utc_now
from kefu.store.service_tables import Rating
from kefu.store.tables import Staff, StaffRole
from tests.desk_stage import Desk, Shopper, agent
from tests.engine_server import EngineServer, answer

pytestmark = pytest.mark.either_database

Json = dict[str, Any]

RATING = "/api/v1/shopper/rating"
HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": ""}
REQUEST = {"type": "rating_request"}


def wants(engine: EngineServer, *commands: Json) -> None:
    engine.behave = lambda request: asyncio.sleep(
        0, answer(request, "好的", commands=list(commands))
    )


async def every(shopper: Shopper) -> list[Json]:
    return (await shopper.client.get("/api/v1/shopper/events")).json()["events"]


async def of_type(shopper: Shopper, type_: str) -> list[Json]:
    return [event for event in await every(shopper) if event["type"] == type_]


async def rate(shopper: Shopper, seq: int, **body: Any) -> httpx.Response:
    return await shopper.client.post(RATING, json={"seq": seq, "stars": 5, **body})


async def row(desk: Desk) -> Rating:
    return await desk.runtime.database.read(lambda session: session.scalars(select(Rating)).one())


@pytest.fixture
async def asked(desk: Desk, engine: EngineServer) -> Shopper:
    """A shopper whom the bot has asked."""
    wants(engine, REQUEST)
    shopper = await desk.shopper()
    await shopper.say("谢谢")
    await shopper.until_said("好的")
    return shopper


@pytest.fixture
async def staff(desk: Desk) -> httpx.AsyncClient:
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


async def served_by_agent(desk: Desk, engine: EngineServer, staff: httpx.AsyncClient) -> Shopper:
    wants(engine, HANDOFF)
    shopper = await desk.shopper()
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    claimed = await staff.post(f"/api/v1/desk/conversations/{shopper.conversation_id}/claim")
    assert claimed.status_code == 204
    return shopper


async def test_nobody_rates_what_was_not_asked(desk: Desk) -> None:
    shopper = await desk.shopper()
    refused = await rate(shopper, 1)
    assert (refused.status_code, refused.json()["code"]) == (404, "rating_not_asked")
    assert await of_type(shopper, "rating") == []


@pytest.mark.parametrize("body", [{"stars": 0}, {"stars": 6}, {"reasons": ["nice"]}])
async def test_only_stars_and_reasons_that_exist(desk: Desk, asked: Shopper, body: Json) -> None:
    (request,) = await of_type(asked, "rating_request")
    assert (await rate(asked, request["seq"], **body)).status_code == 422
    assert (await row(desk)).stars is None


async def test_another_shoppers_rating_is_out_of_reach(desk: Desk, asked: Shopper) -> None:
    (request,) = await of_type(asked, "rating_request")
    stranger = await desk.shopper()
    assert (await rate(stranger, request["seq"])).status_code == 404


async def test_a_rating_is_kept_and_the_same_again_changes_nothing(
    desk: Desk, asked: Shopper
) -> None:
    (request,) = await of_type(asked, "rating_request")
    assert request["served_by"] == "bot"
    body = {"stars": 4, "reasons": ["quick", "clear"], "text": "请回电 13812345678"}
    first = await rate(asked, request["seq"], **body)
    assert first.status_code == 200, first.text
    again = await rate(asked, request["seq"], **body)
    assert again.json() == first.json()
    (given,) = await of_type(asked, "rating")
    assert (given["request"], given["stars"]) == (request["seq"], 4)
    assert given["reasons"] == ["clear", "quick"]
    assert "13812345678" not in given["text"]
    kept = await row(desk)
    assert (kept.served_by, kept.stars, kept.staff_id) == ("bot", 4, None)
    assert "13812345678" not in kept.text


async def test_a_rating_can_be_changed_for_a_day(desk: Desk, asked: Shopper) -> None:
    (request,) = await of_type(asked, "rating_request")
    await rate(asked, request["seq"], stars=1, reasons=["unsolved"])
    assert (await rate(asked, request["seq"], stars=5)).status_code == 200
    assert [event["stars"] for event in await of_type(asked, "rating")] == [1, 5]
    yesterday = utc_now() - timedelta(hours=25)
    await desk.runtime.database.write(
        lambda session: session.execute(update(Rating).values(rated_at=yesterday))
    )
    refused = await rate(asked, request["seq"], stars=2)
    assert (refused.status_code, refused.json()["code"]) == (409, "rating_over")
    assert (await row(desk)).stars == 5


async def test_fifty_copies_of_a_rating_are_one(asked: Shopper) -> None:
    (request,) = await of_type(asked, "rating_request")
    given = await asyncio.gather(*(rate(asked, request["seq"]) for _ in range(10)))
    assert {response.json()["seq"] for response in given} == {request["seq"] + 1}


async def test_one_episode_is_asked_about_once(
    desk: Desk, engine: EngineServer, asked: Shopper
) -> None:
    wants(engine, REQUEST)
    await asked.say("再见")
    await asked.until(lambda view: sum(m["text"] == "好的" for m in view["messages"]) == 2)
    assert len(await of_type(asked, "rating_request")) == 1


@pytest.mark.parametrize("who_ends", ["agent", "shopper"])
async def test_an_agent_is_rated_after_the_talk_has_ended(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient, who_ends: str
) -> None:
    shopper = await served_by_agent(desk, engine, staff)
    path = f"/api/v1/desk/conversations/{shopper.conversation_id}/close"
    client, where = (
        (staff, path) if who_ends == "agent" else (shopper.client, "/api/v1/shopper/close")
    )
    assert (await client.post(where)).status_code == 204
    await shopper.until_state("closed")
    (request,) = await of_type(shopper, "rating_request")
    assert (request["served_by"], request["name"]) == ("agent", "小王")
    assert (await rate(shopper, request["seq"], stars=5)).status_code == 200
    kept = await row(desk)
    assert (kept.stars, kept.agent_group) == (5, "agents")
    assert kept.staff_id is not None


async def test_an_ended_talk_comes_back_for_a_day_to_those_who_ask(
    desk: Desk, engine: EngineServer, staff: httpx.AsyncClient
) -> None:
    shopper = await served_by_agent(desk, engine, staff)
    await shopper.client.post("/api/v1/shopper/close")
    resume = {"resume_token": shopper.session["resume_token"], "ended_too": True}
    back = await desk.shopper(**resume)
    assert (back.conversation_id, back.session["state"]) == (shopper.conversation_id, "closed")
    refused = await back.post("还在吗")
    assert refused.json()["code"] == "conversation_closed"
    without = await desk.shopper(resume_token=back.session["resume_token"])
    assert without.conversation_id != shopper.conversation_id
