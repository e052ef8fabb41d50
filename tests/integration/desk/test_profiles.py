"""Brands on a running desk: a new file is a new brand, and what each of them says and does."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kefu.app import create_app
from kefu.privacy.mask import is_bank_card
from kefu.profiles import ProfileInvalid
from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.tables import Conversation
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer, answer
from tests.integration.desk.test_shopper_api import assert_problem

Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DATA = Path("data")


def says(engine: EngineServer, *commands: dict[str, Any], **more: Any) -> None:
    engine.behave = lambda request: asyncio.sleep(
        0, answer(request, commands=list(commands), **more)
    )


def understood(intent: str) -> dict[str, Any]:
    return {"text": "", "intent": {"name": intent, "confidence": 0.9}}


@pytest.fixture
def data(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the data folder that the desk reads its profiles from."""
    copy = tmp_path / "data"
    for part in ("profiles", "knowledge"):
        shutil.copytree(DATA / part, copy / part)
    settings.profiles_dir = copy / "profiles"
    return copy


async def test_a_new_brand_is_a_new_file(data: Path, start_desk: Start) -> None:
    text = (data / "profiles" / "tp.yml").read_text("utf-8")
    text = text.replace("profile: tp\n", "profile: wanwu\n").replace("TP 平台", "万物商店")
    # The articles are that brand's own.
    text = re.sub(r"^articles: .*\n", "", text, flags=re.MULTILINE)
    (data / "profiles" / "wanwu.yml").write_text(text, "utf-8")
    desk = await start_desk()
    shopper = await desk.shopper(profile="wanwu")
    view = await shopper.until_said("我是万物商店的智能客服小拓")
    assert [button["title"] for button in view["messages"][0]["buttons"]][:2] == [
        "查订单",
        "付款失败",
    ]
    await shopper.say("你好")
    await shopper.until_said("echo 你好")


def test_a_mistake_keeps_the_desk_from_starting(data: Path, settings: Settings) -> None:
    path = data / "profiles" / "tp.yml"
    lines = path.read_text("utf-8").splitlines()
    line = lines.index("theme: {colour: '#1d5fbf'}")
    lines[line] = "theme: {color: '#1d5fbf'}"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(ProfileInvalid, match=rf"tp\.yml:{line + 1}: theme\.color: "):
        create_app(settings)


async def test_the_public_page_of_a_profile(desk: Desk) -> None:
    response = await desk.client().get("/api/v1/profiles/tmall")
    assert response.status_code == 200
    page = response.json()
    assert (page["brand"], page["bot_name"]) == ("天猫", "小喵")
    assert page["theme"] == {"colour": "#c8102e"}
    assert page["links"]["return"].startswith("https://")
    assert {channel["kind"] for channel in page["channels"]} == {"chat", "phone", "site"}
    mall = desk.runtime.profiles["tmall"]
    for shown, channel in zip(page["channels"], mall.channels, strict=True):
        hours = mall.hours_of(channel)
        assert shown["hours"] == hours.text()
        assert (shown["next_opening"] is None) == shown["open"]
        if not shown["open"]:
            assert datetime.fromisoformat(shown["next_opening"]) > utc_now()
    assert page["channels"][0]["hours"] == "每天 24 小时"
    assert page["channels"][0]["open"] is True
    # Keys, thresholds and groups are nobody's business.
    assert "identity" not in response.text
    assert "KEFU_" not in response.text


async def test_there_is_no_page_of_an_unknown_profile(desk: Desk) -> None:
    assert_problem(await desk.client().get("/api/v1/profiles/nobody"), 404, "profile_not_found")


async def test_a_brands_own_site_may_read_its_page(data: Path, start_desk: Start) -> None:
    path = data / "profiles" / "tp.yml"
    path.write_text(path.read_text("utf-8") + "\norigins: [https://tp.example.com]\n", "utf-8")
    desk = await start_desk()
    for origin, allowed in (
        ("https://tp.example.com", "https://tp.example.com"),
        ("https://evil.example.com", None),
    ):
        response = await desk.client().get("/api/v1/profiles/tp", headers={"Origin": origin})
        assert response.headers.get("access-control-allow-origin") == allowed


async def test_a_turn_takes_its_brands_settings_along(desk: Desk, engine: EngineServer) -> None:
    wallet = await desk.shopper(profile="tpwallet")
    await wallet.say("你好")
    await wallet.until_said("echo 你好")
    (asked,) = engine.requests
    assert "track_logistics" in asked["masked_intents"]
    assert asked["order_number_patterns"] == [r"TW\d{16}"]
    assert asked["voice"] == {"brand": "tpWallet", "bot_name": "小安"}
    assert asked["responses"]["utter_greet"][1].endswith("{brand}遇到了什么问题？")


async def test_the_bot_speaks_in_the_brands_terms(desk: Desk, engine: EngineServer) -> None:
    buttons = [
        {"title": "查订单", "payload": "/order_status"},
        {"title": "查物流", "payload": "/track_logistics"},
    ]
    replies = [{"text": "请告诉我订单号。", "buttons": buttons, "cards": []}]
    says(engine, replies=replies)
    for profile, text, titles in (
        ("tpwallet", "请告诉我交易号。", ["查交易"]),
        ("tp", "请告诉我订单号。", ["查订单", "查物流"]),
    ):
        shopper = await desk.shopper(profile=profile)
        await shopper.say("查一下")
        view = await shopper.until_said(text)
        assert [button["title"] for button in view["messages"][-1]["buttons"]] == titles


async def test_order_numbers_of_the_brand_survive_and_bank_cards_do_not(
    desk: Desk, engine: EngineServer
) -> None:
    # Both pass the card check.
    order, card = (
        next(begun + digit for digit in "0123456789" if is_bank_card(begun + digit))
        for begun in ("401234567890123456", "622202123456789012")
    )
    shopper = await desk.shopper(profile="tmall")
    await shopper.say(f"订单{order}，卡{card}")
    view = await shopper.until_said("echo")
    (said,) = texts(view, "shopper")
    assert order in said
    assert card not in said


HANDOFF = {"type": "handoff", "reason": "requested", "group": None, "note": ""}


async def group_of(desk: Desk, shopper: Shopper) -> str | None:
    await shopper.until_state("waiting")
    row = await desk.runtime.database.read(
        lambda session: session.get_one(Conversation, shopper.conversation_id)
    )
    return row.agent_group


@pytest.mark.parametrize(
    ("intents", "opening", "command", "group"),
    [
        (["dispute_appeal"], {}, {}, "official"),
        (["account_locked", "human_agent"], {}, {}, "official"),
        (["product_question", "human_agent"], {}, {"seller_id": "s01"}, "shop-clothes"),
        (["human_agent"], {"context": {"seller_id": "s01"}}, {}, "shop-clothes"),
        (["human_agent"], {"context": {"page": "/after-sale/1"}}, {"seller_id": "s01"}, "official"),
        (["product_question"], {}, {"group": "shop-fresh"}, "shop-fresh"),
        # A group that the brand does not have.
        (["product_question"], {}, {"group": "astronauts"}, "official"),
    ],
)
async def test_a_hand_off_goes_to_the_group_that_fits(
    data: Path,
    start_desk: Start,
    engine: EngineServer,
    intents: list[str],
    opening: dict[str, Any],
    command: dict[str, Any],
    group: str,
) -> None:
    # Open at any hour, so that the test does not hang on the clock.
    path = data / "profiles" / "tmall.yml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("hours: clothes}", "}").replace("hours: fresh}", "}"), "utf-8")
    desk = await start_desk()
    shopper = await desk.shopper(profile="tmall", **opening)
    for intent in intents[:-1]:
        says(engine, parse=understood(intent))
        await shopper.say(intent)
        await shopper.until_said(f"echo {intent}")
    says(engine, {**HANDOFF, **command}, parse=understood(intents[-1]))
    await shopper.say("转人工")
    assert await group_of(desk, shopper) == group


async def test_a_turn_that_fails_goes_to_the_first_group(desk: Desk, engine: EngineServer) -> None:
    says(engine, {"type": "launch"})
    shopper = await desk.shopper(profile="tp")
    await shopper.say("你好")
    assert await group_of(desk, shopper) == "agents"


async def test_the_demo_offers_its_brands(start_desk: Start, settings: Settings) -> None:
    settings.demo = True
    desk = await start_desk()
    offered = (await desk.client().get("/api/v1/demo/profiles")).json()
    assert {"profile": "tmall", "brand": "天猫"} in offered
    unknown = await desk.client().get("/api/v1/demo/shoppers?profile=nobody")
    assert_problem(unknown, 404, "profile_not_found")


async def test_without_the_demo_there_is_no_choice_of_brands(desk: Desk) -> None:
    assert_problem(await desk.client().get("/api/v1/demo/profiles"), 404, "not_found")
