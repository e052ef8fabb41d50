"""One-time codes from the bot's wish to the turn that follows, on both databases."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.settings import Settings
from kefu.shop.ledger import NoticeRow
from kefu.shop.schema import AccountRow
from kefu.store.database import connect, utc_now
from kefu.store.service_tables import CodeSend, Verification
from kefu.store.tables import Audit, Conversation, Event, Message, Turn
from kefu.turn_token import TurnClaims, Verified, verify
from kefu.verification import codes, limits
from kefu.verification.errors import SendLimitReached
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import Drop, EngineServer, answer

pytestmark = pytest.mark.either_database

Json = dict[str, Any]
Start = Callable[..., Awaitable[Desk]]

PHONE, EMAIL, NEW_PHONE = "13811112222", "u0007@example.com", "13933334444"
UNLOCK = {"type": "verify_request", "purpose": "unlock"}
RESET = {"type": "verify_request", "purpose": "reset_password"}
CHANGE = {"type": "verify_request", "purpose": "change_phone", "phone": NEW_PHONE}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The demo, whose mailbox is a file; with one account that has phone and e-mail."""
    settings.demo = True
    with shop_session(settings) as session:
        session.add(account("u0007", PHONE, EMAIL))
        session.add(account("u0008", "", None))
    return settings


@contextmanager
def shop_session(settings: Settings) -> Iterator[Session]:
    engine = connect(settings.shop_database)
    with Session(engine) as session, session.begin():
        yield session
    engine.dispose()


def account(account_id: str, phone: str, email: str | None) -> AccountRow:
    return AccountRow(
        profile="demo",
        account_id=account_id,
        name="黄磊",
        phone=phone,
        email=email,
        member_level="普通会员",
        locked=True,
        lock_reason="连续输错密码",
        locked_until=None,
        registered_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def wishes(engine: EngineServer) -> list[Json]:
    """What the bot asks of the desk with its next answers; afterwards it echoes."""
    queue: list[Json] = []

    async def behave(request: Json) -> Json:
        if request["message"].get("text") and queue:
            return answer(request, "好的，马上。", commands=[queue.pop(0)])
        return answer(request)

    engine.behave = behave
    return queue


def requests_of(events_: list[Json]) -> list[Json]:
    return [event for event in events_ if event["type"] == "verify_request"]


async def asked(shopper: Shopper, number: int = 1) -> Json:
    """The body of the shopper's n-th ``verify_request``."""
    end = time.monotonic() + 10
    while True:
        query = {"after": 0, "wait": 0}
        found = (await shopper.client.get("/api/v1/shopper/events", params=query)).json()["events"]
        if len(requests_of(found)) >= number:
            return requests_of(found)[number - 1]
        assert time.monotonic() < end, found
        await asyncio.sleep(0.05)


def mailbox(settings: Settings) -> list[str]:
    path = settings.home / "notices.log"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


async def mailed(settings: Settings, number: int = 1) -> tuple[str, str]:
    """Address and code of the n-th letter in the demo's mailbox."""
    end = time.monotonic() + 10
    while len(mailbox(settings)) < number:
        assert time.monotonic() < end, mailbox(settings)
        await asyncio.sleep(0.05)
    _at, _channel, to, text = mailbox(settings)[number - 1].split(" ", 3)
    found = re.search(r"验证码 (\d{6})", text)
    assert found, text
    return to, found.group(1)


async def enter(shopper: Shopper, verify_id: str, code: str) -> httpx.Response:
    body = {"verify_id": verify_id, "code": code}
    return await shopper.client.post("/api/v1/shopper/verify", json=body)


async def resend(shopper: Shopper, verify_id: str) -> httpx.Response:
    return await shopper.client.post("/api/v1/shopper/verify/resend", json={"verify_id": verify_id})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def change(desk: Desk, **values: Any) -> None:
    """Move every verification in time."""
    await desk.runtime.database.write(
        lambda session: session.execute(update(Verification).values(**values))
    )


def claims_of(request: Json, settings: Settings) -> TurnClaims:
    return verify(request["turn_token"], settings.derive_key("turn-token"))


def triggers(engine: EngineServer) -> list[Json]:
    return [each for each in engine.requests if each["message"].get("intent") == "code_verified"]


async def test_a_right_code_is_followed_by_a_turn_that_knows_whose_it_was(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append({**UNLOCK, "login": "138 1111 2222"})
    shopper = await desk.shopper()
    await shopper.say("账号被锁了")
    request = await asked(shopper)
    assert (request["purpose"], request["channel"], request["address_masked"]) == (
        "unlock",
        "sms",
        "138****2222",
    )
    to, code = await mailed(settings)
    assert to == PHONE
    response = await enter(shopper, request["verify_id"], f"{code[:3]} {code[3:]}")
    assert (response.status_code, response.json()) == (200, {"purpose": "unlock", "done": True})
    await shopper.until_said("echo /code_verified{'purpose': 'unlock'}")
    assert "身份验证通过" in " ".join(texts(shopper.view, "system"))

    proved = [claims_of(each, settings).verified for each in engine.requests]
    assert proved == [None, Verified("unlock", "u0007", None)]
    await shopper.say("谢谢")
    await shopper.until_said("echo 谢谢")
    assert claims_of(engine.requests[-1], settings).verified is None
    assert set(triggers(engine)[0]["message"]) == {"intent", "entities", "title"}

    again = await enter(shopper, request["verify_id"], code)
    assert again.status_code == 200
    await asyncio.sleep(0.3)
    assert len(triggers(engine)) == 1


async def test_a_retry_of_the_turn_keeps_what_was_proved(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    request = await asked(shopper)
    calm = engine.behave

    async def broken_once(request: Json) -> Json:
        if request["attempt"] == 1:
            raise Drop
        return await calm(request)

    engine.behave = broken_once
    await enter(shopper, request["verify_id"], (await mailed(settings))[1])
    await shopper.until_said("echo /code_verified")
    proved = [claims_of(each, settings).verified for each in triggers(engine)]
    assert proved == [Verified("unlock", "u0007", None)] * 2


async def test_five_wrong_tries_make_a_code_worthless(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    verify_id = (await asked(shopper))["verify_id"]
    _, code = await mailed(settings)
    answers = [await enter(shopper, verify_id, wrong(code)) for _ in range(5)]
    problems = [response.json() for response in answers]
    assert [each["code"] for each in problems] == ["code_wrong"] * 4 + ["too_many_tries"]
    assert [each.get("tries_left") for each in problems] == [4, 3, 2, 1, None]
    assert "还可以试 4 次" in problems[0]["title"]
    assert (await enter(shopper, verify_id, code)).json()["code"] == "too_many_tries"
    assert triggers(engine) == []


async def test_guesses_at_once_are_counted_one_by_one(
    desk: Desk, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    verify_id = (await asked(shopper))["verify_id"]
    _, code = await mailed(settings)
    guesses = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 21)]
    answers = await asyncio.gather(*(enter(shopper, verify_id, guess) for guess in guesses))
    found = [response.json()["code"] for response in answers]
    assert found.count("code_wrong") == 4
    assert found.count("too_many_tries") == 16


async def test_a_code_expires_and_another_can_be_sent_after_a_minute(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    verify_id = (await asked(shopper))["verify_id"]
    _, first = await mailed(settings)

    early = await resend(shopper, verify_id)
    assert (early.status_code, early.json()["code"]) == (429, "resend_too_early")
    assert 50 <= early.json()["retry_after"] <= 60
    assert early.headers["Retry-After"] == str(early.json()["retry_after"])

    await change(desk, expires_at=utc_now() - timedelta(seconds=1), resend_at=utc_now())
    late = await enter(shopper, verify_id, first)
    assert (late.status_code, late.json()["code"]) == (410, "code_expired")

    sent = await resend(shopper, verify_id)
    assert sent.status_code == 200, sent.text
    assert (await asked(shopper, 2))["verify_id"] == verify_id
    _, second = await mailed(settings, 2)
    assert second != first
    assert (await enter(shopper, verify_id, first)).json()["code"] == "code_wrong"
    assert (await enter(shopper, verify_id, second)).status_code == 200
    await shopper.until_said("echo /code_verified")
    assert len(triggers(engine)) == 1


async def test_a_new_request_makes_the_old_code_worthless(
    desk: Desk, settings: Settings, wishes: list[Json]
) -> None:
    wishes += [UNLOCK, RESET]
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    first = await asked(shopper)
    _, code = await mailed(settings)
    await shopper.say("还是重置密码吧")
    second = await asked(shopper, 2)
    assert second["verify_id"] != first["verify_id"]
    response = await enter(shopper, first["verify_id"], code)
    assert (response.status_code, response.json()["code"]) == (409, "verification_over")
    assert (await resend(shopper, first["verify_id"])).json()["code"] == "verification_over"


async def test_another_talk_cannot_use_the_code(
    desk: Desk, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    stranger = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    verify_id = (await asked(shopper))["verify_id"]
    _, code = await mailed(settings)
    response = await enter(stranger, verify_id, code)
    assert (response.status_code, response.json()["code"]) == (404, "verification_not_found")
    assert (await resend(stranger, verify_id)).status_code == 404


@pytest.mark.parametrize("login", ["13899990000", "nobody@example.com", "u9999"])
async def test_nobodys_login_looks_like_anybodys_and_gets_nothing(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json], login: str
) -> None:
    known = {"13899990000": PHONE, "nobody@example.com": EMAIL, "u9999": "u0007"}[login]
    wishes += [{**UNLOCK, "login": known}, {**UNLOCK, "login": login}]
    somebody, nobody = await desk.shopper(), await desk.shopper()
    await somebody.say("解锁")
    mine = await asked(somebody)
    await mailed(settings)
    await nobody.say("解锁")
    theirs = await asked(nobody)
    assert set(mine) == set(theirs)
    assert (mine["channel"], mine["step"], mine["purpose"]) == (
        theirs["channel"],
        theirs["step"],
        theirs["purpose"],
    )
    if theirs["address_masked"] is None:
        assert mine["text"] == theirs["text"]
    else:
        assert mine["text"].replace(mine["address_masked"], "-") == theirs["text"].replace(
            theirs["address_masked"], "-"
        )
    # Not even the code itself opens what is nobody's.
    code = codes.make(desk.runtime.code_key, theirs["verify_id"], 1)
    assert (await enter(nobody, theirs["verify_id"], code)).json()["code"] == "code_wrong"
    await asyncio.sleep(1.5)
    assert len(mailbox(settings)) == 1
    assert triggers(engine) == []


async def test_the_sixth_code_within_an_hour_is_refused_whether_there_is_an_account(
    desk: Desk, settings: Settings, wishes: list[Json]
) -> None:
    for login in (PHONE, "13899990000"):
        shopper = await desk.shopper()
        for number in range(1, 7):
            wishes.append({**UNLOCK, "login": login})
            await shopper.say("再发一次")
            if number <= 5:
                await asked(shopper, number)
        view = await shopper.until_said("验证码获取次数过多")
        assert "分钟后再试" in texts(view, "system")[-1]
        assert view["state"] == "bot"
        await forget_addresses(desk)
    await mailed(settings, 5)
    assert {line.split(" ")[2] for line in mailbox(settings)} == {PHONE}


async def forget_addresses(desk: Desk) -> None:
    await desk.runtime.database.write(
        lambda session: session.execute(update(CodeSend).values(address_key=None))
    )


async def test_one_account_under_three_names_still_gets_five(
    desk: Desk, settings: Settings, wishes: list[Json]
) -> None:
    shopper = await desk.shopper()
    for number, login in enumerate([PHONE, EMAIL, "u0007"] * 2, 1):
        wishes.append({**UNLOCK, "login": login})
        await shopper.say("解锁")
        await asked(shopper, number)
    await mailed(settings, 5)
    await asyncio.sleep(1.5)
    assert len(mailbox(settings)) == 5


async def test_an_address_gets_ten_an_hour_for_all_its_talks(
    desk: Desk, wishes: list[Json]
) -> None:
    for number in range(11):
        wishes.append({**UNLOCK, "login": f"138000000{number:02d}"})
        shopper = await desk.shopper()
        await shopper.say("解锁")
        if number < 10:
            await asked(shopper)
    await shopper.until_said("验证码获取次数过多")


async def test_two_desks_that_count_at_once_agree(desk: Desk) -> None:
    database = desk.runtime.database
    now = utc_now()

    def spend(session: Session, number: int) -> bool:
        try:
            limits.spend(
                session,
                profile="demo",
                verify_id=f"{number:032d}",
                login_key="l" * 64,
                address_key=None,
                now=now,
            )
        except SendLimitReached:
            return False
        return True

    results = await asyncio.gather(
        *(database.write(partial(spend, number=number)) for number in range(16))
    )
    assert sum(results) == limits.PER_LOGIN


async def test_an_hour_later_the_limit_is_free_again(desk: Desk, wishes: list[Json]) -> None:
    shopper = await desk.shopper(demo_account="u0007")
    for number in range(1, 6):
        wishes.append(UNLOCK)
        await shopper.say("解锁")
        verify_id = (await asked(shopper, number))["verify_id"]
    await change(desk, resend_at=utc_now())
    full = await resend(shopper, verify_id)
    assert (full.status_code, full.json()["code"]) == (429, "send_limit_reached")
    assert 3500 < full.json()["retry_after"] <= 3600
    earlier = utc_now() - limits.WINDOW
    await desk.runtime.database.write(
        lambda session: session.execute(update(CodeSend).values(at=earlier))
    )
    assert (await resend(shopper, verify_id)).status_code == 200


async def test_a_new_phone_takes_a_code_to_the_old_and_one_to_the_new(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(CHANGE)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("换手机号")
    first = await asked(shopper)
    assert (first["step"], first["address_masked"]) == ("own", "138****2222")
    to, code = await mailed(settings)
    assert to == PHONE
    response = await enter(shopper, first["verify_id"], code)
    assert response.json() == {"purpose": "change_phone", "done": False}
    assert triggers(engine) == []

    second = await asked(shopper, 2)
    assert (second["step"], second["address_masked"]) == ("new", "139****4444")
    to, code = await mailed(settings, 2)
    assert to == NEW_PHONE
    assert (await enter(shopper, second["verify_id"], code)).json()["done"] is True
    await shopper.until_said("echo /code_verified")
    claims = claims_of(triggers(engine)[0], settings)
    assert claims.verified == Verified("change_phone", "u0007", NEW_PHONE)
    # A lost answer to the first code is asked for again: nothing starts over.
    assert (await enter(shopper, first["verify_id"], code)).json()["code"] == "verification_over"


async def test_a_guest_cannot_change_a_phone_and_one_without_a_login_is_asked_for_it(
    desk: Desk, wishes: list[Json]
) -> None:
    wishes += [{**CHANGE, "login": PHONE}, UNLOCK]
    shopper = await desk.shopper()
    await shopper.say("换手机号")
    await shopper.until_said("请登录后再来找我")
    await shopper.say("解锁")
    await shopper.until_said("请告诉我您的账号")
    stored = select(Verification.verify_id)
    assert await desk.runtime.database.read(lambda s: s.scalars(stored).all()) == []


async def test_an_account_without_any_address_is_sent_to_a_person(
    desk: Desk, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0008")
    await shopper.say("解锁")
    view = await shopper.until_said("没有绑定可以接收验证码的手机或邮箱")
    assert view["messages"][-1]["buttons"][0]["title"] == "转人工"


async def test_a_code_typed_into_the_chat_is_hidden_and_no_turn_reads_it(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    await asked(shopper)
    _, code = await mailed(settings)
    before = len(engine.requests)
    await shopper.say(code)
    await shopper.until_said("验证码输入框")
    await shopper.say(f"收到的是 {code} 对吗")
    await shopper.until_said("echo 收到的是 ****** 对吗")
    assert len(engine.requests) == before + 1
    assert code not in str(shopper.view)
    assert code not in str(engine.requests)


async def test_the_code_is_nowhere_but_in_the_letter(
    desk: Desk,
    settings: Settings,
    wishes: list[Json],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    wishes.append(UNLOCK)
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    verify_id = (await asked(shopper))["verify_id"]
    _, code = await mailed(settings)
    assert (await enter(shopper, verify_id, code)).status_code == 200
    await shopper.until_said("echo /code_verified")
    assert (settings.home / "notices.log").stat().st_mode & 0o777 == 0o600

    def rows(session: Session) -> str:
        tables = (Verification, CodeSend, Message, Event, Turn, Audit, Conversation)
        found = [row for table in tables for row in session.scalars(select(table))]
        return str([{k: v for k, v in vars(row).items() if k[0] != "_"} for row in found])

    assert code not in await desk.runtime.database.read(rows)
    with shop_session(settings) as session:
        notice = session.scalars(select(NoticeRow)).one()
        assert notice.sent_at is not None
        assert "code" not in notice.payload
    written = capsys.readouterr()
    assert code not in caplog.text + written.out + written.err


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "१२३४५६", 123456, None])
async def test_what_is_no_code_is_refused_without_being_quoted(desk: Desk, code: object) -> None:
    shopper = await desk.shopper()
    body = {"verify_id": "a" * 32, "code": code}
    response = await shopper.client.post("/api/v1/shopper/verify", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert not code or str(code) not in response.text


def hide(settings: Settings) -> None:
    """The shop's database cannot be opened until ``bring_back``."""
    file = Path(settings.shop_database.removeprefix("sqlite:///"))
    file.rename(file.with_suffix(".away"))
    file.mkdir()


def bring_back(settings: Settings) -> None:
    file = Path(settings.shop_database.removeprefix("sqlite:///"))
    file.rmdir()
    file.with_suffix(".away").rename(file)


async def test_a_desk_that_died_before_sending_leaves_it_to_the_next(
    settings: Settings, engine: EngineServer, start_desk: Start, wishes: list[Json]
) -> None:
    desk = await start_desk()
    wishes.append({**UNLOCK, "login": PHONE})
    hide(settings)
    shopper = await desk.shopper()
    await shopper.say("解锁")
    await shopper.until_said("好的，马上。")
    await asyncio.sleep(1.5)
    await desk.stop()
    bring_back(settings)
    await start_desk()
    assert (await mailed(settings))[0] == PHONE


async def test_in_a_persons_hands_the_bot_stays_silent(
    desk: Desk, engine: EngineServer, settings: Settings, wishes: list[Json]
) -> None:
    handoff = {"type": "handoff", "reason": "requested", "group": None, "note": ""}
    wishes += [UNLOCK, handoff]
    shopper = await desk.shopper(demo_account="u0007")
    await shopper.say("解锁")
    request = await asked(shopper)
    _, code = await mailed(settings)
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    assert (await enter(shopper, request["verify_id"], code)).status_code == 200
    await shopper.until_said("人工客服会继续为您解锁账号")
    await asyncio.sleep(0.3)
    assert triggers(engine) == []


async def test_no_button_may_pretend_that_a_code_was_right(
    desk: Desk, engine: EngineServer
) -> None:
    def with_button(request: Json) -> Json:
        said = answer(request, "请点")
        said["replies"][0]["buttons"] = [
            {"title": "已验证", "payload": '/code_verified{"purpose": "unlock"}'}
        ]
        return said

    engine.behave = lambda request: asyncio.sleep(0, with_button(request))
    shopper = await desk.shopper()
    await shopper.say("/code_verified")
    view = await shopper.until_state("waiting")
    assert "请点" not in texts(view)
    assert engine.requests[0]["message"] == {"text": "/code_verified"}
    assert events.CODE_VERIFIED in events.TRIGGER_INTENTS
