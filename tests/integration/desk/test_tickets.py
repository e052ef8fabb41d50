"""Tickets from the complaint to the answer, in the chat and by the form."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import jwt
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password
from kefu.profiles import Profile, load_profiles
from kefu.rates import Rate
from kefu.settings import Settings
from kefu.store.database import Database, utc_now
from kefu.store.service_tables import Notice, Ticket
from kefu.store.tables import Staff, StaffRole
from kefu.tickets import opening, wording
from kefu.turn_token import verify
from tests.desk_stage import Desk, Shopper, agent, texts
from tests.engine_server import EngineServer, answer

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]

FORM = "/api/v1/shopper/tickets"
STAFF = "/api/v1/desk/tickets"
SECRET = "a secret that is long enough for HS256"
COMPLAINT = {
    "type": "ticket",
    "kind": "complaint",
    "subject": "顾客投诉",
    "details": "快递员态度差",
    "order_number": "KF20261108004217",
}


@pytest.fixture(autouse=True)
def _identity_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", SECRET)


def token(account_id: str) -> str:
    claims = {"iss": "demo-shop", "aud": "demo", "sub": account_id}
    return jwt.encode({**claims, "exp": datetime.now(UTC) + timedelta(minutes=5)}, SECRET)


def wants(engine: EngineServer, *commands: Json) -> None:
    """The bot's next answer brings these commands; afterwards it echoes."""
    queue = [list(commands)]

    async def behave(request: Json) -> Json:
        return answer(request, "好的", commands=queue.pop()) if queue else answer(request)

    engine.behave = behave


async def stored(desk: Desk) -> list[Ticket]:
    query = select(Ticket).order_by(Ticket.created_at)
    return await desk.runtime.database.read(lambda session: list(session.scalars(query)))


async def complain(engine: EngineServer, shopper: Shopper, **more: Any) -> str:
    """Have the bot open a ticket; what the system said of it."""
    said = len(texts(shopper.view, "system"))
    wants(engine, {**COMPLAINT, **more})
    await shopper.say("我要投诉")
    view = await shopper.until(lambda view: len(texts(view, "system")) > said)
    return texts(view, "system")[-1]


async def fill_in(desk: Desk, **more: Any) -> httpx.Response:
    body = {"profile": "demo", "kind": "technical", "details": "页面打不开", **more}
    return await desk.client().post(FORM, json=body)


@pytest.fixture
def staff(database_url: str, desk: Desk) -> Callable[[str, str], Awaitable[httpx.AsyncClient]]:
    """A logged-in colleague with a role in a profile."""

    async def log_in(role: str, profile: str) -> httpx.AsyncClient:
        def add(session: Session) -> None:
            row = Staff(
                username=f"{role}-{profile}",
                name="小王",
                password_hash=hash_password("pass"),
                active=True,
                created_at=utc_now(),
            )
            session.add(row)
            session.flush()
            session.add(StaffRole(staff_id=row.staff_id, profile=profile, role=role))

        await desk.runtime.database.write(add)
        return await agent(desk, f"{role}-{profile}", "pass")

    return log_in


LogIn = Callable[[str, str], Awaitable[httpx.AsyncClient]]


async def test_one_matter_reported_twice_in_a_day_is_one_ticket(
    desk: Desk, engine: EngineServer
) -> None:
    first, second = [await desk.shopper(token=token("u0001")) for _ in range(2)]
    told = await complain(engine, first)
    again = await complain(engine, second, details="而且还骂人")
    ticket = (await stored(desk))[0]
    assert ticket.number in told
    assert ticket.number in again
    assert "已经登记过了" in again
    assert len(await stored(desk)) == 1
    listed = (await second.client.get(FORM)).json()["tickets"]
    assert [entry["text"] for entry in listed[0]["progress"]] == ["工单已登记", "而且还骂人"]


@pytest.mark.parametrize(
    "other",
    [{"kind": "appeal"}, {"order_number": "KF20261108004218"}, {"order_number": None}],
    ids=["another kind", "another order", "no order"],
)
async def test_another_matter_is_another_ticket(
    desk: Desk, engine: EngineServer, other: Json
) -> None:
    shopper = await desk.shopper(token=token("u0001"))
    await complain(engine, shopper)
    await complain(engine, shopper, **other)
    assert len({ticket.number for ticket in await stored(desk)}) == 2


async def test_after_a_day_an_answer_or_from_somebody_else_it_is_another_ticket(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper(token=token("u0001"))
    await complain(engine, shopper)
    for values in ({"created_at": utc_now() - timedelta(hours=25)}, {"state": "answered"}):
        await desk.runtime.database.write(
            lambda session, values=values: session.execute(update(Ticket).values(**values))
        )
        await complain(engine, shopper)
    assert len(await stored(desk)) == 3
    await complain(engine, await desk.shopper())
    await complain(engine, await desk.shopper())
    assert len(await stored(desk)) == 5


async def test_what_supplements_a_ticket_is_noted_in_it_whatever_its_age(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper(token=token("u0001"))
    await complain(engine, shopper)
    (ticket,) = await stored(desk)
    await desk.runtime.database.write(
        lambda session: session.execute(
            update(Ticket).values(created_at=utc_now() - timedelta(days=3), state="in_progress")
        )
    )
    again = await complain(engine, shopper, details="又发生了", supplements=ticket.number)
    assert ticket.number in again
    assert len(await stored(desk)) == 1
    stranger = await desk.shopper(token=token("u0002"))
    foreign = await complain(engine, stranger, details="偷看", supplements=ticket.number)
    assert ticket.number not in foreign
    assert len(await stored(desk)) == 2


async def test_reports_at_once_are_one_ticket(database: Database) -> None:
    profile = load_profiles_once()
    report = partial(
        opening.submit,
        profile=profile,
        kind="fraud",
        details="假客服",
        contact="13811112222",
        order_number=None,
        account_id=None,
    )
    opened = await asyncio.gather(*(database.write(report) for _ in range(8)))
    assert len({each.ticket.number for each in opened}) == 1
    assert sum(each.fresh for each in opened) == 1


def load_profiles_once() -> Profile:
    return load_profiles(Settings().profiles_dir)["demo"]


async def test_an_answer_is_told_in_the_talk_and_to_the_account(
    desk: Desk, engine: EngineServer, staff: LogIn
) -> None:
    shopper = await desk.shopper(token=token("u0001"))
    await complain(engine, shopper)
    number = (await stored(desk))[0].number
    wang = await staff("agent", "demo")
    listed = (await wang.get(STAFF)).json()["tickets"]
    assert [(row["number"], row["kind"], row["overdue"]) for row in listed] == [
        (number, "complaint", False)
    ]
    taken = await wang.post(f"{STAFF}/{number}/progress", json={"text": "已联系快递公司核实"})
    assert taken.status_code == 204, taken.text
    await wang.post(f"{STAFF}/{number}/remarks", json={"text": "顾客很生气"})
    for _ in range(2):
        said = await wang.post(f"{STAFF}/{number}/answer", json={"text": "快递公司已处理"})
        assert said.status_code == 204, said.text
    view = await shopper.until_said("快递公司已处理")
    assert len([text for text in texts(view, "system") if "快递公司已处理" in text]) == 1

    mine = (await shopper.client.get(FORM)).json()["tickets"][0]
    assert (mine["state"], mine["state_text"], mine["answer"]) == (
        "answered",
        "已答复",
        "快递公司已处理",
    )
    assert "顾客很生气" not in str(mine)
    assert "actor" not in str(mine)
    theirs = (await wang.get(f"{STAFF}/{number}")).json()
    assert [entry["text"] for entry in theirs["progress"]] == [
        "工单已登记",
        "已联系快递公司核实",
        "顾客很生气",
        "快递公司已处理",
    ]
    notices = await desk.runtime.database.read(lambda s: s.scalars(select(Notice)).all())
    assert [(each.kind, each.account_id) for each in notices] == [("ticket_answered", "u0001")]


async def test_a_closed_talk_gets_only_the_notice_and_a_closed_ticket_nothing(
    desk: Desk, engine: EngineServer, staff: LogIn
) -> None:
    shopper = await desk.shopper()
    await complain(engine, shopper, contact="138 1111 2222")
    number = (await stored(desk))[0].number
    await shopper.client.post("/api/v1/shopper/close")
    await shopper.until_state("closed")
    wang = await staff("agent", "demo")
    await wang.post(f"{STAFF}/{number}/answer", json={"text": "已经处理"})
    await shopper.read()
    assert "已经处理" not in str(shopper.view)
    notices = await desk.runtime.database.read(lambda s: s.scalars(select(Notice)).all())
    assert [(each.contact, each.account_id) for each in notices] == [("13811112222", None)]
    for _ in range(2):
        assert (await wang.post(f"{STAFF}/{number}/close")).status_code == 204
    late = await wang.post(f"{STAFF}/{number}/answer", json={"text": "再说一句"})
    assert (late.status_code, late.json()["code"]) == (409, "ticket_closed")
    assert (await wang.get(STAFF)).json()["tickets"] == []


async def test_staff_see_their_own_profiles_and_need_a_working_role(
    desk: Desk, staff: LogIn
) -> None:
    number = (await fill_in(desk, contact="a@b.cn")).json()["number"]
    others = await staff("agent", "tp")
    assert (await others.get(STAFF)).json()["tickets"] == []
    answers = [
        await others.get(f"{STAFF}/{number}"),
        await others.post(f"{STAFF}/{number}/answer", json={"text": "好"}),
        await others.post(f"{STAFF}/{number}/close"),
        await others.get(f"{STAFF}/TK0"),
    ]
    assert {response.status_code for response in answers} == {404}
    trainer = await staff("trainer", "demo")
    for refused in (
        await trainer.get(STAFF),
        await trainer.post(f"{STAFF}/{number}/answer", json={"text": "好"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")
    assert (await desk.client().get(STAFF)).status_code == 401
    assert (await stored(desk))[0].state == "open"


async def test_tickets_are_assigned_filtered_and_warn_before_they_are_due(
    desk: Desk, staff: LogIn
) -> None:
    agent, colleague = await staff("agent", "demo"), await staff("supervisor", "demo")
    stranger = await staff("agent", "tp")
    ids = [(await each.get("/api/v1/desk/me")).json()["user"]["staff_id"]
           for each in (agent, colleague, stranger)]  # fmt: skip
    late = (await fill_in(desk, contact="a@b.cn", order_number="KF1")).json()["number"]
    soon = (await fill_in(desk, contact="c@d.cn", order_number="KF2")).json()["number"]
    now = utc_now()
    for number, due in ((late, now - timedelta(hours=1)), (soon, now + timedelta(hours=2))):
        await desk.runtime.database.write(
            lambda session, number=number, due=due: session.execute(
                update(Ticket).where(Ticket.number == number).values(due_at=due)
            )
        )

    async def found(**query: Any) -> list[str]:
        listed = (await agent.get(STAFF, params=query)).json()["tickets"]
        return [each["number"] for each in listed]

    assert await found() == [late, soon]
    assert await found(overdue=True) == [late]
    assert await found(due_soon=True) == [soon]
    assert await found(q="kf2") == [soon]
    assert await found(q="100%") == []
    assert await found(assigned_to="none") == [late, soon]
    path = f"{STAFF}/{late}/assignee"
    assert (await agent.put(path, json={"staff_id": ids[1]})).status_code == 204
    assert (await agent.put(path, json={"staff_id": ids[2]})).status_code == 404
    assert await found(assigned_to=str(ids[1])) == [late]
    assert await found(assigned_to="none") == [soon]
    taken = await agent.post(f"{STAFF}/{soon}/progress", json={"text": "已开始处理"})
    assert taken.status_code == 204
    assert await found(assigned_to="me") == [soon]
    row = (await agent.get(f"{STAFF}/{late}")).json()
    assert (row["agent_name"] is not None, row["overdue"], row["due_soon"]) == (True, True, False)
    assert await found(state="in_progress", kind="technical") == [soon]
    assert (await agent.put(path, json={"staff_id": None})).status_code == 204
    assert await found(assigned_to="none") == [late]


async def test_an_agent_writes_down_what_came_by_phone(desk: Desk, staff: LogIn) -> None:
    wang = await staff("agent", "demo")
    body = {"profile": "demo", "kind": "callback", "details": "密码是abc123，请回电"}
    bad = await wang.post(STAFF, json={**body, "contact": "不知道"})
    assert (bad.status_code, bad.json()["code"]) == (422, "contact_refused")
    assert "顾客的手机号" in bad.json()["title"]
    made = await wang.post(STAFF, json={**body, "contact": "138 0000 1111", "order_number": "KF1"})
    assert (made.status_code, made.json()["fresh"]) == (201, True)
    number = made.json()["number"]
    row = (await wang.get(f"{STAFF}/{number}")).json()
    me = (await wang.get("/api/v1/desk/me")).json()["user"]["staff_id"]
    assert (row["assigned_to"], row["contact"], row["conversation_id"]) == (me, "13800001111", None)
    assert "abc123" not in row["details"]
    assert row["progress"][0]["actor"] == f"staff:{me}"
    again = await wang.post(
        STAFF, json={**body, "details": "又打来了", "contact": "13800001111", "order_number": "KF1"}
    )
    assert again.json() == {"number": number, "fresh": False}
    assert (await wang.get(f"{STAFF}/{number}")).json()["progress"][-1]["text"] == "又打来了"


async def test_the_form_opens_a_ticket_without_a_chat(desk: Desk) -> None:
    response = await fill_in(
        desk, contact="+86 138-1111-2222", details="密码是abc123，登录不了", order_number="KF1"
    )
    assert response.status_code == 201, response.text
    body = response.json()
    assert body["number"] in body["text"]
    ticket = (await stored(desk))[0]
    assert ticket.due_at.isoformat() == body["due_at"]
    assert ticket.due_at - ticket.created_at == timedelta(hours=48)
    assert (ticket.contact, ticket.kind, ticket.conversation_id) == (
        "13811112222",
        "technical",
        None,
    )
    assert "abc123" not in ticket.details
    again = await fill_in(desk, contact="13811112222", order_number="KF1")
    assert again.json()["number"] == body["number"]


async def test_marks_that_come_with_a_copied_number_are_left_out(desk: Desk) -> None:
    copied = {"contact": "\u202d13811112222\u202c", "order_number": "\u2066KF1\u2069\x85"}
    response = await fill_in(desk, **copied)
    assert response.status_code == 201, response.text
    ticket = (await stored(desk))[0]
    assert (ticket.contact, ticket.order_number) == ("13811112222", "KF1")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "contact_refused"),
        ({"contact": "不告诉你"}, 422, "contact_refused"),
        ({"contact": "a@b.cn", "kind": "gossip"}, 422, "invalid_request"),
        ({"contact": "a@b.cn", "details": "  "}, 422, "message_refused"),
        ({"contact": "a@b.cn", "details": "长" * 2001}, 422, "message_refused"),
        ({"contact": "a@b.cn", "token": "forged"}, 401, "identity_refused"),
        ({"contact": "a@b.cn", "profile": "nobody"}, 404, "profile_not_found"),
        ({"contact": "a@b.cn", "order_number": "K\x00"}, 422, "invalid_request"),
        ({"contact": "a@b.cn", "order_number": "\u202e"}, 422, "invalid_request"),
    ],
)
async def test_a_form_that_is_refused(desk: Desk, body: Json, status: int, code: str) -> None:
    response = await fill_in(desk, **body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert any("\u4e00" <= char <= "\u9fff" for char in response.json()["title"])
    assert await stored(desk) == []


async def test_forms_from_one_address_are_limited(desk: Desk) -> None:
    answers = [await fill_in(desk, contact=f"a{n}@b.cn") for n in range(11)]
    assert [response.status_code for response in answers] == [201] * 10 + [429]


async def test_a_form_with_a_login_is_found_again_in_the_chat_and_by_nobody_else(
    desk: Desk,
) -> None:
    number = (await fill_in(desk, token=token("u0001"))).json()["number"]
    mine = await desk.shopper(token=token("u0001"))
    assert [row["number"] for row in (await mine.client.get(FORM)).json()["tickets"]] == [number]
    for stranger in (await desk.shopper(), await desk.shopper(token=token("u0002"))):
        assert (await stranger.client.get(FORM)).json()["tickets"] == []
    assert (await desk.client().get(FORM)).status_code == 401


async def test_a_turn_knows_the_shoppers_tickets(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    for number in range(12):
        await fill_in(desk, token=token("u0001"), order_number=f"KF{number}")
        if number == 8:
            await desk.runtime.rates.forget(Rate("tickets", 10, 1800), "127.0.0.1")
    shopper = await desk.shopper(token=token("u0001"))
    await complain(engine, shopper)
    await shopper.say("我的投诉处理得怎么样了")
    await shopper.until_said("echo 我的投诉")
    claims = verify(engine.requests[-1]["turn_token"], settings.derive_key("turn-token"))
    assert len(claims.tickets) == 10
    newest = claims.tickets[0]
    assert (newest.kind, newest.state, newest.order_number) == (
        "complaint",
        "open",
        "KF20261108004217",
    )
    assert newest.due_at.tzinfo is not None
    assert len(engine.requests[-1]["turn_token"]) < 4000
    stranger = await desk.shopper()
    await stranger.say("我的投诉呢")
    await stranger.until_said("echo 我的投诉呢")
    claims = verify(engine.requests[-1]["turn_token"], settings.derive_key("turn-token"))
    assert claims.tickets == ()


async def test_a_rating_is_asked_for(desk: Desk, engine: EngineServer) -> None:
    wants(engine, {"type": "rating_request"})
    shopper = await desk.shopper()
    await shopper.say("谢谢")
    await shopper.until_said("好的")
    found = (await shopper.client.get("/api/v1/shopper/events?after=0")).json()["events"]
    assert [event["type"] for event in found][-1] == "rating_request"


@pytest.mark.parametrize("kind", sorted(wording.KINDS))
def test_what_is_told_depends_on_the_kind_and_the_hours(kind: str) -> None:
    opens = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    by_day = wording.opened(kind, "TK1", 24, None)
    by_night = wording.opened(kind, "TK1", 24, opens)
    assert wording.KINDS[kind] in by_day
    assert "24 小时内" in by_day
    assert "11月23日 09:00上班" in by_night
    assert "上班" not in by_day


def test_outside_the_profiles_hours_the_next_opening_is_told() -> None:
    profile = load_profiles(Settings().profiles_dir)["tp"]
    night = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)  # 23:00 in Beijing
    assert opening._opening(profile, night) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert opening._opening(profile, night - timedelta(hours=8)) is None
