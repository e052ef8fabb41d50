"""What belongs to one brand is worth nothing at another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from kefu.channels import tokens
from tests.desk_stage import Desk, Shopper, agent
from tests.engine_server import EngineServer, answer
from tests.integration.desk.test_shopper_api import assert_problem
from tests.integration.desk.test_staff_api import DESK, HANDOFF, PASSWORD, add_agent

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
KEYS = {
    "demo": ("demo-shop", "KEFU_DEMO_IDENTITY_KEY", "the key of the demo shop, 32 bytes long"),
    "tp": ("tp-shop", "KEFU_TP_IDENTITY_KEY", "the key of the tp platform, 32 bytes long"),
}


@pytest.fixture(autouse=True)
def identity_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for _, variable, key in KEYS.values():
        monkeypatch.setenv(variable, key)


def shop_token(profile: str, **claims: Any) -> str:
    issuer, _, key = KEYS[profile]
    body = {
        "iss": issuer,
        "aud": profile,
        "sub": "u0001",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **claims,
    }
    return jwt.encode(body, key, algorithm="HS256")


async def open_session(desk: Desk, **body: Any) -> Any:
    return await desk.client().post("/api/v1/shopper/sessions", json=body)


@pytest.mark.parametrize(
    "token",
    [
        {},  # as the other shop signs it
        {"aud": "tp"},  # with the right audience, but the wrong issuer and key
        {"aud": "tp", "iss": "tp-shop"},  # with everything right but the key
    ],
)
async def test_a_shops_token_opens_no_other_brand(desk: Desk, token: dict[str, str]) -> None:
    foreign = shop_token("demo", **token)
    assert_problem(await open_session(desk, profile="tp", token=foreign), 401, "identity_refused")


async def test_a_shops_token_opens_its_own_brand(desk: Desk) -> None:
    for profile in KEYS:
        response = await open_session(desk, profile=profile, token=shop_token(profile))
        assert response.status_code == 200, response.text


async def test_a_resume_token_leads_into_no_other_brand(desk: Desk) -> None:
    guest = await desk.shopper(profile="demo")
    resume = guest.session["resume_token"]
    moved = await desk.shopper(profile="tp", resume_token=resume)
    assert moved.conversation_id != guest.conversation_id
    back = await desk.shopper(profile="demo", resume_token=resume)
    assert back.conversation_id == guest.conversation_id


async def test_the_same_account_id_at_two_brands_is_two_people(
    desk: Desk, engine: EngineServer
) -> None:
    here = await desk.shopper(profile="demo", token=shop_token("demo"))
    there = await desk.shopper(
        profile="tp", token=shop_token("tp"), resume_token=here.session["resume_token"]
    )
    assert there.conversation_id != here.conversation_id
    await there.say("我的订单")
    await there.until_said("echo 我的订单")
    (asked,) = engine.requests
    assert asked["profile"] == "tp"
    claims = jwt.decode(asked["turn_token"], options={"verify_signature": False})
    assert (claims["profile"], claims["account_id"]) == ("tp", "u0001")


async def test_a_session_reads_and_writes_its_own_talk_alone(desk: Desk) -> None:
    demo, tp = await desk.shopper(profile="demo"), await desk.shopper(profile="tp")
    await demo.say("只给青禾看的话")
    await demo.until_said("echo 只给青禾看的话")
    found = await tp.read()
    assert "只给青禾看的话" not in str(found)
    transcript = await tp.client.get("/api/v1/shopper/transcript")
    assert "只给青禾看的话" not in transcript.text
    # A button of the one is unknown to the other, though both conversations have such an event.
    assert_problem(await tp.press("1.9"), 422, "button_unknown")


async def test_a_session_token_that_nobody_signed_is_refused(desk: Desk) -> None:
    demo = await desk.shopper(profile="demo")
    forged = tokens.sign(demo.conversation_id, "tp", b"another key, but of the right length")
    client = desk.client(headers={"Authorization": f"Bearer {forged}"})
    assert_problem(await client.get("/api/v1/shopper/events"), 401, "session_refused")


async def waiting_talk(desk: Desk, engine: EngineServer, profile: str) -> Shopper:
    engine.behave = lambda request: asyncio.sleep(0, answer(request, commands=[HANDOFF]))
    shopper = await desk.shopper(profile=profile)
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    return shopper


async def test_staff_see_and_touch_only_what_is_their_brands(
    desk: Desk, engine: EngineServer
) -> None:
    await desk.runtime.database.write(lambda session: add_agent(session, "tp1", "小拓", "tp"))
    staff = await agent(desk, "tp1", PASSWORD)
    own = await waiting_talk(desk, engine, "tp")
    foreign = await waiting_talk(desk, engine, "tmall")
    listed = (await staff.get(f"{DESK}/conversations?state=waiting")).json()["conversations"]
    assert [row["conversation_id"] for row in listed] == [own.conversation_id]
    talk = f"{DESK}/conversations/{foreign.conversation_id}"
    said = {"client_message_id": "a1", "text": "您好"}
    for response in (
        await staff.get(talk),
        await staff.get(f"{talk}/events"),
        await staff.post(f"{talk}/claim"),
        await staff.post(f"{talk}/messages", json=said),
        await staff.post(f"{talk}/return-to-bot"),
        await staff.post(f"{talk}/close"),
    ):
        assert_problem(response, 404, "conversation_not_found")
    assert (
        await staff.post(f"{DESK}/conversations/{own.conversation_id}/claim")
    ).status_code == 204
