"""The talk to keep: as a page, at an address that expires, without anybody's numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from kefu.channels import transcripts
from tests.desk_stage import Desk, Shopper

TRANSCRIPT = "/api/v1/shopper/transcript"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def shopper(desk: Desk) -> Shopper:
    shopper = await desk.shopper()
    await shopper.say("<b>我的手机</b>是 13812345678，订单 KF20261108004217")
    await shopper.until_said("echo")
    return shopper


@pytest.mark.parametrize("format_", ["text", "html"])
async def test_phone_numbers_are_masked_and_order_numbers_stay(
    shopper: Shopper, format_: str
) -> None:
    found = await shopper.client.get(TRANSCRIPT, params={"format": format_})
    assert found.status_code == 200
    assert "13812345678" not in found.text
    assert "KF20261108004217" in found.text


async def test_what_was_said_is_text_on_the_page(shopper: Shopper) -> None:
    page = (await shopper.client.get(TRANSCRIPT, params={"format": "html"})).text
    assert "&lt;b&gt;我的手机&lt;/b&gt;" in page
    assert "<b>" not in page


async def test_the_address_opens_without_a_token_for_a_while(desk: Desk, shopper: Shopper) -> None:
    url = (await shopper.client.post(f"{TRANSCRIPT}/link")).json()["url"]
    page = await desk.client().get(url)
    assert page.headers["content-type"].startswith("text/html")
    assert page.headers["cache-control"] == "no-store"
    assert "KF20261108004217" in page.text
    text = await desk.client().get(f"{url}&format=text")
    assert text.headers["content-disposition"].startswith("attachment")
    assert "我：<b>我的手机" in text.text
    for name, kind in (("print.css", "text/css"), ("print.js", "text/javascript")):
        asset = await desk.client().get(f"{TRANSCRIPT}/{name}")
        assert asset.headers["content-type"].startswith(kind)


async def test_no_other_token_opens_it(desk: Desk, shopper: Shopper) -> None:
    key = desk.runtime.session_key
    claims = {"aud": transcripts.AUDIENCE, "sub": shopper.conversation_id, "profile": "demo"}
    stale = jwt.encode({**claims, "exp": datetime.now(UTC) - timedelta(seconds=1)}, key)
    forged = jwt.encode({**claims, "exp": datetime.now(UTC) + timedelta(minutes=1)}, "x" * 32)
    for bad in (stale, forged, shopper.session["session_token"], ""):
        found = await desk.client().get(f"{TRANSCRIPT}/page", params={"key": bad})
        assert (found.status_code, found.json()["code"]) == (410, "transcript_expired")


async def test_its_address_opens_nothing_else(desk: Desk, shopper: Shopper) -> None:
    url = (await shopper.client.post(f"{TRANSCRIPT}/link")).json()["url"]
    key = url.partition("key=")[2]
    client = desk.client(headers={"Authorization": f"Bearer {key}"})
    assert (await client.get("/api/v1/shopper/events")).status_code == 401
