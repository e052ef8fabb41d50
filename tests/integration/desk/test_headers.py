"""The security headers stand on every answer, whatever it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
import pytest

from kefu.settings import Settings
from tests.desk_stage import Desk

Start = Callable[..., Awaitable[Desk]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOT_IN_A_FRAME = ["/desk", "/trainer", "/reports"]
ANSWERS = [
    ("/", 200),
    *((page, 200) for page in NOT_IN_A_FRAME),
    ("/widget.js", 200),
    ("/help/demo", 308),
    ("/help/demo/", 200),
    ("/help/demo/return-freight", 200),
    ("/help/demo/?q=退款", 200),
    ("/help/demo/nowhere", 404),
    ("/nowhere", 404),
    ("/api/v1/nowhere", 404),
    ("/api/v1/shopper/events", 401),
    ("/api/v1/desk/me", 401),
    ("/healthz", 200),
    ("/api/openapi.json", 200),
]


def assert_safe(response: httpx.Response, ancestors: str) -> None:
    headers = response.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    policy = {part.strip() for part in headers["content-security-policy"].split(";")}
    assert {"default-src 'self'", "script-src 'self'", "object-src 'none'"} <= policy
    assert f"frame-ancestors {ancestors}" in policy
    assert not any("unsafe" in part for part in policy)


@pytest.fixture
async def desk(settings: Settings, start_desk: Start) -> Desk:
    settings.web_dir.mkdir(parents=True)
    for name in ("index.html", "desk.html", "trainer.html", "reports.html", "widget.js"):
        (settings.web_dir / name).write_text("1")
    return await start_desk()


async def test_pages_and_answers_are_safe(desk: Desk) -> None:
    client = desk.client()
    for path, status in ANSWERS:
        response = await client.get(path)
        assert response.status_code == status, path
        assert_safe(response, "'none'" if path in NOT_IN_A_FRAME else "'self'")
    for call in (client.post("/desk"), client.delete("/api/v1/shopper/sessions")):
        response = await call
        assert response.status_code == 405
        assert_safe(response, "'none'" if response.url.path in NOT_IN_A_FRAME else "'self'")


async def test_the_page_of_a_talk_is_safe(desk: Desk) -> None:
    shopper = await desk.shopper()
    url = (await shopper.client.post("/api/v1/shopper/transcript/link")).json()["url"]
    page = await desk.client().get(url)
    assert page.headers["content-type"].startswith("text/html")
    assert_safe(page, "'self'")
    assert_safe(await desk.client().get(f"{url}x"), "'self'")


async def test_what_is_not_built_is_safe(start_desk: Start) -> None:
    client = (await start_desk()).client()
    for path in ("/", *NOT_IN_A_FRAME):
        response = await client.get(path)
        assert response.status_code == 503
        assert_safe(response, "'none'" if path in NOT_IN_A_FRAME else "'self'")


async def test_a_wrong_host_is_refused_safely(desk: Desk) -> None:
    response = await desk.client().get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert_safe(response, "'self'")


async def test_a_bug_is_told_safely(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk.runtime.profiles, "_by_name", None)
    response = await desk.client().get("/api/v1/profiles/demo")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response.headers["content-type"] == "application/problem+json"
    assert_safe(response, "'self'")
