"""Every route of the staff's API against every role: a route without a rule fails here."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import pytest
from PIL import Image

from kefu.accounts.rights import HOLDERS, Right, Role
from tests.desk_stage import Desk, Shopper
from tests.engine_server import EngineServer
from tests.integration.desk.staff import DESK, PASSWORD, Person, calling, person

pytestmark = pytest.mark.either_database

Json = dict[str, Any]

# What a route is about decides how one of another brand is turned away.
About = Literal["nothing", "talk", "ticket", "picture", "profile", "staff", "canned"]
FOREIGN = {
    "talk": (404, "conversation_not_found"),
    "ticket": (404, "ticket_not_found"),
    "picture": (404, "attachment_not_found"),
    "profile": (403, "role_missing"),
    "staff": (404, "staff_not_found"),
    "canned": (404, "canned_not_found"),
}


@dataclass(frozen=True)
class Rule:
    """``right``: what a role must give; ``None``: a login is enough."""

    right: Right | None
    about: About = "nothing"
    body: Json | None = None
    query: Mapping[str, str] = field(default_factory=dict)


SERVE, LEAD, ADMIN = Right.SERVE, Right.SUPERVISE, Right.ADMINISTER
TALK = "/conversations/{conversation_id}"
TICKET = "/tickets/{number}"
CANNED = {"profile": "demo", "shortcut": "zz1", "title": "标题", "text": "内容", "scope": "all"}
REPORT = {"profile": "demo", "kind": "callback", "details": "请回电", "contact": "13800000000"}
RULES: dict[tuple[str, str], Rule] = {
    ("GET", "/me"): Rule(None),
    ("PUT", "/me/password"): Rule(None, body={"old": "wrong", "new": "a much better one"}),
    ("POST", "/me/totp"): Rule(None),
    ("POST", "/me/totp/confirm"): Rule(None, body={"code": "000000"}),
    ("DELETE", "/me/totp"): Rule(None, body={"password": "wrong"}),
    ("GET", "/profiles"): Rule(None),
    ("GET", "/conversations"): Rule(SERVE),
    ("GET", "/inbox"): Rule(SERVE),
    ("GET", "/presence"): Rule(SERVE),
    ("PUT", "/presence"): Rule(SERVE, body={"status": "offline"}),
    ("GET", "/colleagues"): Rule(SERVE),
    ("GET", "/intents"): Rule(SERVE),
    ("GET", "/groups"): Rule(SERVE),
    ("GET", "/groups/{profile}/{group}"): Rule(LEAD, "profile"),
    ("PUT", "/groups/{profile}/{group}"): Rule(
        LEAD,
        "profile",
        {
            "name": "在线客服",
            "mode": "push",
            "hours": {"weekly": {"mon-sun": "00:00-24:00"}},
            "answer_seconds": 60,
        },
    ),
    ("GET", "/wall"): Rule(LEAD, "profile", query={"profile": "demo"}),
    ("PUT", "/agents/{staff_id}/presence"): Rule(LEAD, body={"status": "away"}),
    ("GET", "/articles"): Rule(SERVE, "profile", query={"profile": "demo", "q": "退款"}),
    ("GET", "/tags"): Rule(SERVE, "profile", query={"profile": "demo"}),
    ("GET", "/canned"): Rule(SERVE, "profile", query={"profile": "demo"}),
    ("POST", "/canned"): Rule(LEAD, "profile", CANNED),
    ("PUT", "/canned/{canned_id}"): Rule(LEAD, "canned", {**CANNED, "shortcut": "zz2"}),
    ("GET", "/canned/{canned_id}/filled"): Rule(
        SERVE, "talk", query={"conversation_id": "{conversation_id}"}
    ),
    ("GET", "/attachments/{attachment_id}"): Rule(SERVE, "picture"),
    ("DELETE", "/attachments/{attachment_id}"): Rule(LEAD, "picture"),
    ("GET", TALK): Rule(SERVE, "talk"),
    ("GET", f"{TALK}/events"): Rule(SERVE, "talk"),
    ("GET", f"{TALK}/notes"): Rule(SERVE, "talk"),
    ("GET", f"{TALK}/shopper"): Rule(SERVE, "talk"),
    ("GET", f"{TALK}/suggestions"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/typing"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/claim"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/messages"): Rule(
        SERVE, "talk", {"client_message_id": "rights", "text": "您好"}
    ),
    ("POST", TALK + "/messages/{seq}/recall"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/articles"): Rule(
        SERVE, "talk", {"client_message_id": "article", "article": "refund-arrival"}
    ),
    ("POST", f"{TALK}/attachments"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/shopper-actions"): Rule(
        SERVE, "talk", {"operation_id": "op-rights-1", "name": "urge_shipping"}
    ),
    ("POST", f"{TALK}/notes"): Rule(SERVE, "talk", {"text": "备注"}),
    ("POST", f"{TALK}/invite"): Rule(SERVE, "talk", {"staff_id": 1}),
    ("POST", f"{TALK}/whisper"): Rule(LEAD, "talk", {"text": "悄悄话"}),
    ("PUT", f"{TALK}/tags"): Rule(SERVE, "talk", {"tags": ["标签"]}),
    ("PUT", f"{TALK}/draft"): Rule(SERVE, "talk", {"text": "草稿"}),
    ("POST", f"{TALK}/transfer"): Rule(SERVE, "talk", {"to_group": "no-such", "note": ""}),
    ("POST", f"{TALK}/move"): Rule(LEAD, "talk", {"to_group": "no-such", "note": ""}),
    ("POST", f"{TALK}/take-over"): Rule(LEAD, "talk"),
    ("GET", "/tickets"): Rule(SERVE),
    ("POST", "/tickets"): Rule(SERVE, "profile", REPORT),
    ("GET", TICKET): Rule(SERVE, "ticket"),
    ("POST", f"{TICKET}/progress"): Rule(SERVE, "ticket", {"text": "处理中"}),
    ("POST", f"{TICKET}/remarks"): Rule(SERVE, "ticket", {"text": "备注"}),
    ("PUT", f"{TICKET}/assignee"): Rule(SERVE, "ticket", {"staff_id": None}),
    ("POST", f"{TICKET}/answer"): Rule(SERVE, "ticket", {"text": "已处理"}),
    ("POST", f"{TICKET}/close"): Rule(SERVE, "ticket"),
    ("GET", "/staff"): Rule(ADMIN),
    ("POST", "/staff"): Rule(
        ADMIN, "nothing", {"username": "new.one", "name": "新人", "roles": {"demo": ["agent"]}}
    ),
    ("PUT", "/staff/{staff_id}"): Rule(ADMIN, "staff", {"name": "改名"}),
    ("POST", "/staff/{staff_id}/reset-password"): Rule(ADMIN, "staff"),
    ("POST", f"{TALK}/return-to-bot"): Rule(SERVE, "talk"),
    ("POST", f"{TALK}/close"): Rule(SERVE, "talk"),
    ("DELETE", "/canned/{canned_id}"): Rule(LEAD, "canned"),
    ("POST", "/logout"): Rule(None),
}
OPEN = {("POST", "/login")}
HELD = {
    "agent": frozenset({Role.AGENT}),
    "boss": frozenset({Role.SUPERVISOR}),
    "trainer": frozenset({Role.TRAINER}),
    "admin": frozenset({Role.ADMIN}),
}


def routes(desk: Desk) -> Iterator[tuple[str, str]]:
    for path, methods in desk.app.openapi()["paths"].items():
        if path.startswith(DESK):
            yield from ((method.upper(), path.removeprefix(DESK)) for method in methods)


@dataclass
class Stage:
    desk: Desk
    talk: Shopper
    people: dict[str, Person]
    stranger: Person
    places: dict[str, str]

    async def ask(
        self, client: httpx.AsyncClient, method: str, path: str, rule: Rule, **options: Any
    ) -> httpx.Response:
        for name, value in self.places.items():
            path = path.replace(f"{{{name}}}", value)
        query = {name: value.format(**self.places) for name, value in rule.query.items()}
        if path.endswith("/attachments"):
            options["files"] = {"file": ("a.png", PNG, "image/png")}
        elif rule.body is not None:
            options["json"] = rule.body
        return await client.request(method, f"{DESK}{path}", params=query, **options)


def _png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    return content.getvalue()


PNG = _png()


@pytest.fixture
async def stage(desk: Desk, engine: EngineServer) -> Stage:
    people = {
        name: await person(desk, name, roles={"demo": tuple(roles)}) for name, roles in HELD.items()
    }
    stranger = await person(desk, "stranger", roles={"tp": tuple(role.value for role in Role)})
    talk = await calling(desk, engine)
    await talk.client.post("/api/v1/shopper/attachments", files={"file": ("a.png", PNG)})
    picture = (
        await talk.client.post("/api/v1/shopper/attachments", files={"file": ("a.png", PNG)})
    ).json()["id"]
    body = {"client_message_id": "p", "attachment_id": picture}
    await talk.client.post("/api/v1/shopper/messages", json=body)
    form = {"profile": "demo", "kind": "complaint", "details": "问题", "contact": "a@b.cn"}
    ticket = (await desk.client().post("/api/v1/shopper/tickets", json=form)).json()
    canned = await people["agent"].get("/canned?profile=demo")
    assert (await people["agent"].do(talk, "claim")).status_code == 204
    return Stage(
        desk,
        talk,
        people,
        stranger,
        {
            "conversation_id": talk.conversation_id,
            "number": ticket["number"],
            "attachment_id": picture,
            "canned_id": str(canned["canned"][0]["canned_id"]),
            "staff_id": str(people["trainer"].staff_id),
            "profile": "demo",
            "group": "agents",
            "seq": "1",
        },
    )


def verdict(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_every_route_has_a_rule(desk: Desk) -> None:
    assert set(routes(desk)) == set(RULES) | OPEN


async def test_without_a_login_and_without_the_csrf_token_nothing_opens(stage: Stage) -> None:
    nobody = stage.desk.client()
    for (method, path), rule in RULES.items():
        denied = await stage.ask(nobody, method, path, rule)
        assert verdict(denied) == (401, "not_logged_in"), (method, path)
        if method == "GET":
            continue
        forged = await stage.ask(
            stage.people["admin"].client, method, path, rule, headers={"X-CSRF-Token": ""}
        )
        assert verdict(forged) == (403, "request_forged"), (method, path)


async def test_who_lacks_the_role_is_refused(stage: Stage) -> None:
    for (method, path), rule in RULES.items():
        for name, roles in HELD.items():
            if rule.right is None or roles & HOLDERS[rule.right]:
                continue
            denied = await stage.ask(stage.people[name].client, method, path, rule)
            assert verdict(denied) == (403, "role_missing"), (method, path, name)


async def test_another_brands_staff_finds_nothing(stage: Stage) -> None:
    """Not even with every role there is."""
    for (method, path), rule in RULES.items():
        if rule.about == "nothing":
            continue
        denied = await stage.ask(stage.stranger.client, method, path, rule)
        assert verdict(denied) == FOREIGN[rule.about], (method, path)


async def test_who_has_the_role_comes_in(stage: Stage) -> None:
    """Whatever then is said of the matter itself."""
    for (method, path), rule in RULES.items():
        fitting = [
            name
            for name, roles in HELD.items()
            if rule.right is None or roles & HOLDERS[rule.right]
        ]
        # Last who loses something by it: what is gone is gone for the others too.
        for name in fitting[:1] if method == "DELETE" or path == "/logout" else fitting:
            response = await stage.ask(stage.people[name].client, method, path, rule)
            if response.status_code == 404:
                # In sight, but not what it names besides.
                assert response.json()["code"] not in {code for _, code in FOREIGN.values()}
                continue
            assert response.status_code not in {401, 500}, (
                method,
                path,
                name,
                response.text,
            )
            assert "invalid_request" not in response.text, (method, path, response.text)
            if response.status_code == 403:
                assert response.json()["code"] in {"message_not_yours", "password_wrong"}
        if path.endswith("/take-over"):
            await asyncio.sleep(0)


async def test_a_login_that_ends_is_worth_nothing_at_once(stage: Stage) -> None:
    login = {"username": "agent", "password": PASSWORD}
    again = await stage.desk.client().post(f"{DESK}/login", json=login)
    assert again.status_code == 200
    change = {"active": False}
    response = await stage.people["admin"].put(f"/staff/{stage.people['agent'].staff_id}", change)
    assert response.status_code == 200, response.text
    for method, path in (("GET", "/inbox"), ("GET", TALK), ("POST", f"{TALK}/typing")):
        denied = await stage.ask(stage.people["agent"].client, method, path, RULES[method, path])
        assert verdict(denied) == (401, "not_logged_in")
    refused = await stage.desk.client().post(f"{DESK}/login", json=login)
    assert verdict(refused) == (401, "login_refused")
