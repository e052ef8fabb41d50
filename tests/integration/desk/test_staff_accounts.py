"""Accounts of the staff: kept by administrators, secured by their owners."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pyotp
import pytest
import time_machine
from sqlalchemy import select

from kefu.accounts import reset_admin_password
from kefu.settings import Settings
from kefu.store.tables import Audit, Staff
from tests.desk_stage import Desk, agent
from tests.integration.desk.staff import DESK, PASSWORD, Person, person

pytestmark = pytest.mark.either_database

Json = dict[str, Any]
NEW = {"username": "xiao.li", "name": "小李", "roles": {"demo": ["agent"]}}
GOOD = "Tangerine-Lantern-47"


@pytest.fixture
async def root(settings: Settings, desk: Desk) -> httpx.AsyncClient:
    """The administrator of everything."""
    return await agent(desk, "admin", await asyncio.to_thread(reset_admin_password, settings))


async def log_in(desk: Desk, username: str, password: str, **more: Any) -> httpx.Response:
    body = {"username": username, "password": password, **more}
    return await desk.client().post(f"{DESK}/login", json=body)


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_an_account_is_made_changed_and_closed(desk: Desk, root: httpx.AsyncClient) -> None:
    body = {**NEW, "groups": {"demo": ["agents"]}, "capacity": 3}
    made = await root.post(f"{DESK}/staff", json=body)
    assert made.status_code == 201, made.text
    account = made.json()
    password = account.pop("password")
    first = await log_in(desk, "xiao.li", password)
    assert first.json()["user"]["roles"] == {"demo": ["agent"]}
    listed = (await root.get(f"{DESK}/staff")).json()["staff"]
    mine = next(each for each in listed if each["username"] == "xiao.li")
    assert (mine["groups"], mine["capacity"], mine["totp"]) == ({"demo": ["agents"]}, 3, False)
    assert mine["last_seen_at"]
    assert "password" not in str(listed)
    staff = f"{DESK}/staff/{account['staff_id']}"
    change = {"name": "李娜", "roles": {"demo": ["supervisor"], "tp": ["agent"]}, "groups": {}}
    changed = (await root.put(staff, json=change)).json()
    assert (changed["name"], changed["groups"], changed["capacity"]) == ("李娜", {}, 3)
    assert changed["roles"] == {"demo": ["supervisor"], "tp": ["agent"]}
    reset = (await root.post(f"{staff}/reset-password")).json()["password"]
    assert code_of(await log_in(desk, "xiao.li", password)) == (401, "login_refused")
    client = await agent(desk, "xiao.li", reset)
    assert (await root.put(staff, json={"active": False})).json()["active"] is False
    assert code_of(await client.get(f"{DESK}/me")) == (401, "not_logged_in")
    assert code_of(await log_in(desk, "xiao.li", reset)) == (401, "login_refused")
    actions = await desk.runtime.database.read(
        lambda session: session.scalars(
            select(Audit.action).where(Audit.subject == "xiao.li").order_by(Audit.audit_id)
        ).all()
    )
    assert [each for each in actions if each != "log_in"] == [
        "create_staff",
        "change_staff",
        "reset_password",
        "change_staff",
    ]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"username": "ADMIN"}, 409, "username_taken"),
        ({"username": "a b"}, 422, "staff_refused"),
        ({"name": "  "}, 422, "staff_refused"),
        ({"roles": {}}, 422, "staff_refused"),
        ({"roles": {"demo": []}}, 422, "staff_refused"),
        ({"roles": {"demo": ["owner"]}}, 422, "staff_refused"),
        ({"roles": {"no-such": ["agent"]}}, 422, "staff_refused"),
        ({"groups": {"demo": ["no-such"]}}, 422, "staff_refused"),
        ({"password": "123456789012"}, 422, "password_weak"),
        ({"password": "xiao.li.xiao"}, 422, "password_weak"),
        ({"capacity": 0}, 422, "invalid_request"),
    ],
)
async def test_a_bad_account_is_refused(
    desk: Desk, root: httpx.AsyncClient, change: Json, status: int, code: str
) -> None:
    assert code_of(await root.post(f"{DESK}/staff", json={**NEW, **change})) == (status, code)
    listed = (await root.get(f"{DESK}/staff")).json()["staff"]
    assert [each["username"] for each in listed] == ["admin"]


async def test_an_administrator_of_one_brand_keeps_its_people_and_no_others(
    desk: Desk, root: httpx.AsyncClient
) -> None:
    keeper = await person(desk, "keeper", roles={"demo": ("admin",)})
    own = await person(desk, "own", roles={"demo": ("agent",)})
    shared = await person(desk, "shared", roles={"demo": ("agent",), "tp": ("agent",)})
    foreign = await person(desk, "foreign", roles={"tp": ("agent",)})
    listed = [each["username"] for each in (await keeper.get("/staff"))["staff"]]
    assert listed == ["keeper", "own", "shared"]
    for who, status, code in (
        (shared, 403, "role_missing"),
        (foreign, 404, "staff_not_found"),
    ):
        path = f"/staff/{who.staff_id}"
        assert code_of(await keeper.post(f"{path}/reset-password")) == (status, code)
        assert code_of(await keeper.put(path, {"name": "改名"})) == (status, code)
    more = [
        await keeper.put(f"/staff/{own.staff_id}", {"roles": {"*": ["admin"]}}),
        await keeper.put(f"/staff/{own.staff_id}", {"roles": {"tp": ["agent"]}}),
        await keeper.put(f"/staff/{own.staff_id}", {"groups": {"tp": ["agents"]}}),
        await keeper.post("/staff", {**NEW, "roles": {"*": ["agent"]}}),
    ]
    assert {code_of(each) for each in more} == {(403, "role_missing")}
    promoted = await keeper.put(f"/staff/{own.staff_id}", {"roles": {"demo": ["supervisor"]}})
    assert promoted.status_code == 200


async def test_somebody_is_left_who_administers_everything(
    desk: Desk, root: httpx.AsyncClient
) -> None:
    me = (await root.get(f"{DESK}/me")).json()["user"]["staff_id"]
    for change in ({"active": False}, {"roles": {"demo": ["agent"]}}, {"password": GOOD}):
        assert code_of(await root.put(f"{DESK}/staff/{me}", json=change)) == (422, "staff_refused")
    second = {**NEW, "roles": {"*": ["admin"]}, "password": GOOD}
    made = (await root.post(f"{DESK}/staff", json=second)).json()
    other = await agent(desk, "xiao.li", GOOD)
    assert (await other.put(f"{DESK}/staff/{me}", json={"active": False})).status_code == 200
    own = await other.put(f"{DESK}/staff/{made['staff_id']}", json={"roles": {}})
    assert own.status_code == 422


async def test_ones_own_password_is_changed_with_the_old_one(desk: Desk) -> None:
    wang = await person(desk, "wang")
    for weak in ("short", "passw0rd1234", "wangwangwang", "aaaaaaaaaaaaaa"):
        refused = await wang.put("/me/password", {"old": PASSWORD, "new": weak})
        assert code_of(refused) == (422, "password_weak")
    # Whoever sits down at an open page cannot try for long.
    wrong = [await wang.put("/me/password", {"old": "wrong", "new": GOOD}) for _ in range(2)]
    assert [code_of(each)[1] for each in wrong] == ["password_wrong", "login_throttled"]


async def test_other_sessions_end_with_the_old_password(desk: Desk) -> None:
    wang = await person(desk, "wang")
    elsewhere = await agent(desk, "wang", PASSWORD)
    changed = await wang.put("/me/password", {"old": PASSWORD, "new": GOOD})
    assert changed.status_code == 204, changed.text
    assert (await wang.client.get(f"{DESK}/me")).status_code == 200
    assert (await elsewhere.get(f"{DESK}/me")).status_code == 401
    assert code_of(await log_in(desk, "wang", PASSWORD)) == (401, "login_refused")
    assert (await log_in(desk, "wang", GOOD)).status_code == 200


async def begin(who: Person) -> pyotp.TOTP:
    begun = (await who.post("/me/totp")).json()
    assert begun["uri"].startswith("otpauth://totp/Kefu:")
    return pyotp.TOTP(begun["secret"])


async def test_a_second_factor_is_asked_for_and_no_code_is_taken_twice(desk: Desk) -> None:
    wang = await person(desk, "wang")
    with time_machine.travel(datetime(2026, 11, 20, 8, 0, tzinfo=UTC), tick=True) as clock:
        wang = Person(desk, wang.staff_id, await agent(desk, "wang", PASSWORD))
        totp = await begin(wang)
        assert (await log_in(desk, "wang", PASSWORD)).status_code == 200, "not confirmed yet"
        refused = await wang.post("/me/totp/confirm", {"code": "000000"})
        assert code_of(refused) == (422, "totp_wrong")
        assert (await wang.post("/me/totp/confirm", {"code": totp.now()})).status_code == 204
        assert (await wang.get("/me"))["user"]["totp"]
        assert code_of(await log_in(desk, "wang", PASSWORD)) == (401, "totp_required")
        assert code_of(await log_in(desk, "wang", "wrong")) == (401, "login_refused")
        # The code that confirmed it is used up.
        used = await log_in(desk, "wang", PASSWORD, totp=totp.now())
        assert code_of(used) == (401, "totp_wrong")
        clock.shift(timedelta(seconds=30))
        code = totp.now()
        answers = await asyncio.gather(
            *(log_in(desk, "wang", PASSWORD, totp=code) for _ in range(2))
        )
        assert sorted(each.status_code for each in answers) == [200, 401]
        clock.shift(timedelta(seconds=30))
        assert (await log_in(desk, "wang", PASSWORD, totp=totp.now())).status_code == 200
        clock.shift(timedelta(minutes=5))
        old = await log_in(desk, "wang", PASSWORD, totp=code)
        assert code_of(old) == (401, "totp_wrong")
        wrong = await wang.client.request("DELETE", f"{DESK}/me/totp", json={"password": "wrong"})
        assert code_of(wrong) == (403, "password_wrong")
        ended = await wang.client.request("DELETE", f"{DESK}/me/totp", json={"password": PASSWORD})
        assert ended.status_code == 204
        assert (await log_in(desk, "wang", PASSWORD)).status_code == 200


async def test_the_secret_rests_encrypted_and_goes_with_a_reset(
    desk: Desk, root: httpx.AsyncClient
) -> None:
    wang = await person(desk, "wang")
    totp = await begin(wang)
    await wang.post("/me/totp/confirm", {"code": totp.now()})
    kept = await desk.runtime.database.read(
        lambda session: session.get_one(Staff, wang.staff_id).totp_secret
    )
    assert kept
    assert totp.secret not in kept
    assert desk.runtime.seal.open(kept) == totp.secret
    password = (await root.post(f"{DESK}/staff/{wang.staff_id}/reset-password")).json()["password"]
    assert (await log_in(desk, "wang", password)).status_code == 200


async def test_codes_cannot_be_guessed_from_many_addresses(desk: Desk) -> None:
    wang = await person(desk, "wang")
    totp = await begin(wang)
    await wang.post("/me/totp/confirm", {"code": totp.now()})
    codes = []
    for number in range(14):
        client = desk.client(headers={"X-Forwarded-For": f"198.51.100.{number}"})
        body = {"username": "wang", "password": PASSWORD, "totp": "000000"}
        codes.append((await client.post(f"{DESK}/login", json=body)).json()["code"])
    assert codes.count("totp_wrong") == 10
    assert codes[-1] == "login_throttled"
