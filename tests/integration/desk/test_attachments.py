"""Pictures from the upload to the agent's eyes, and who does not get to see them."""

from __future__ import annotations

import asyncio
import io
import os
import stat
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password
from kefu.attachments.pictures import LARGEST_FILE
from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.service_tables import Attachment, Ticket, TicketEvidence
from kefu.store.tables import Audit, Message, Staff, StaffRole
from tests.desk_stage import Desk, Json, Shopper, agent, texts
from tests.engine_server import EngineServer, answer

pytestmark = pytest.mark.either_database

UPLOAD = "/api/v1/shopper/attachments"
STAFF = "/api/v1/desk/attachments"
SECRET = "a secret that is long enough for HS256"


def jpeg(width: int = 60, height: int = 40, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(file, "JPEG", **options)
    return file.getvalue()


async def upload(shopper: Shopper, data: bytes, name: str = "photo.jpg") -> httpx.Response:
    return await shopper.client.post(UPLOAD, files={"file": (name, data, "image/jpeg")})


async def uploaded(shopper: Shopper, data: bytes | None = None) -> Json:
    response = await upload(shopper, data or jpeg())
    assert response.status_code == 201, response.text
    return response.json()


async def post(shopper: Shopper, attachment_id: str, key: str | None = None) -> httpx.Response:
    body = {"client_message_id": key or uuid.uuid4().hex, "attachment_id": attachment_id}
    return await shopper.client.post("/api/v1/shopper/messages", json=body)


async def send_picture(shopper: Shopper) -> Json:
    """The attachment as the shopper's event shows it."""
    response = await post(shopper, (await uploaded(shopper))["id"])
    assert response.status_code == 202, response.text
    seq = response.json()["seq"]
    view = await shopper.until(lambda view: view["last_seq"] >= seq)
    return next(each for each in view["messages"] if each["seq"] == seq)["attachments"][0]


async def stored(desk: Desk) -> list[Attachment]:
    query = select(Attachment).order_by(Attachment.created_at)
    return await desk.runtime.database.read(lambda session: list(session.scalars(query)))


def files(settings: Settings) -> list[Path]:
    return sorted(path for path in settings.attachments_root.rglob("*") if path.is_file())


@pytest.fixture
def staff(desk: Desk) -> Callable[..., Awaitable[httpx.AsyncClient]]:
    """A logged-in colleague with a role in a profile."""

    async def log_in(role: str, profile: str = "demo") -> httpx.AsyncClient:
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


async def test_a_picture_is_a_message_of_the_talk_and_a_turn_of_the_bot(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    picture = await uploaded(shopper)
    key = uuid.uuid4().hex
    first, again = await post(shopper, picture["id"], key), await post(shopper, picture["id"], key)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    await shopper.until_said("echo /picture_sent")
    (sent,) = [each for each in shopper.view["messages"] if each["from"] == "shopper"]
    assert (sent["text"], sent["client_message_id"]) == ("[图片]", key)
    (shown,) = sent["attachments"]
    assert (shown["id"], shown["width"], shown["height"]) == (picture["id"], 60, 40)
    assert [each["message"] for each in engine.requests] == [
        {
            "intent": "picture_sent",
            "entities": {"attachment_id": picture["id"]},
            "title": "[图片]",
        }
    ]
    transcript = (await shopper.client.get("/api/v1/shopper/transcript")).text
    assert "我：[图片]" in transcript


async def test_its_address_needs_no_login_and_shows_the_picture_and_nothing_else(
    desk: Desk,
) -> None:
    shown = await send_picture(await desk.shopper())
    for address in (shown["url"], shown["thumbnail_url"]):
        response = await desk.client().get(address)
        assert response.status_code == 200
        assert Image.open(io.BytesIO(response.content)).size == (60, 40)
        headers = response.headers
        assert headers["content-type"] == "image/jpeg"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["content-disposition"] == "inline"
        private, age = headers["cache-control"].split(", ")
        assert private == "private"
        assert 0 < int(age.removeprefix("max-age=")) <= 3600


async def test_where_it_was_taken_is_nowhere_on_disk(desk: Desk, settings: Settings) -> None:
    place = Image.Exif()
    place[0x010F] = "SecretPhone"
    place.get_ifd(0x8825).update({1: "N", 2: (30.0, 15.0, 7.0)})
    await uploaded(await desk.shopper(), jpeg(exif=place))
    kept = files(settings)
    assert len(kept) == 2
    for path in kept:
        assert b"SecretPhone" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.is_relative_to(settings.attachments_root / "demo")
        assert "photo" not in path.name


async def test_addresses_that_were_changed_or_have_expired_show_nothing(desk: Desk) -> None:
    shopper = await desk.shopper()
    shown, other = await send_picture(shopper), await send_picture(shopper)
    parts = urlsplit(shown["url"])
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}

    async def status(path: str = parts.path, **changes: str) -> tuple[int, str]:
        changed = f"{path}?{urlencode({**query, **changes})}"
        response = await desk.client().get(changed)
        return response.status_code, response.json()["code"]

    assert await status(size="thumbnail") == (403, "address_refused")
    assert await status(expires=str(int(query["expires"]) + 600)) == (403, "address_refused")
    assert await status(signature="0" * 64) == (403, "address_refused")
    assert await status(signature="é") == (403, "address_refused")
    assert await status(urlsplit(other["url"]).path) == (403, "address_refused")
    assert await status(f"/api/v1/attachments/{'0' * 16}") == (403, "address_refused")

    addresses = desk.runtime.addresses
    now = datetime.fromtimestamp(int(query["expires"]), utc_now().tzinfo)
    addresses._clock = lambda: now
    assert await status() == (410, "address_expired")
    addresses._clock = lambda: now - timedelta(seconds=1)
    assert (await desk.client().get(shown["url"])).status_code == 200
    fresh = (await shopper.client.get(f"{UPLOAD}/{shown['id']}")).json()
    assert fresh["url"] != shown["url"]
    addresses._clock = lambda: now
    assert (await desk.client().get(fresh["url"])).status_code == 200


async def test_an_address_stays_the_same_for_a_while_so_that_browsers_keep_the_picture(
    desk: Desk,
) -> None:
    shopper = await desk.shopper()
    shown = await send_picture(shopper)
    now = utc_now().replace(minute=30, second=1)
    urls = set()
    for seconds in (0, 300, 590):
        desk.runtime.addresses._clock = lambda at=now + timedelta(seconds=seconds): at
        urls.add((await shopper.client.get(f"{UPLOAD}/{shown['id']}")).json()["url"])
    assert len(urls) == 1


async def test_another_shopper_cannot_send_or_look_up_the_picture(desk: Desk) -> None:
    owner, other = await desk.shopper(), await desk.shopper()
    elsewhere = await desk.shopper(profile="tp")
    picture = await uploaded(owner)
    for stranger in (other, elsewhere):
        for response in (
            await post(stranger, picture["id"]),
            await stranger.client.get(f"{UPLOAD}/{picture['id']}"),
        ):
            assert response.status_code == 404
            assert response.json()["code"] == "attachment_not_found"
    assert (await post(owner, picture["id"])).status_code == 202


async def test_a_picture_goes_with_one_message_and_must_exist(desk: Desk) -> None:
    shopper = await desk.shopper()
    picture = await uploaded(shopper)
    assert (await post(shopper, picture["id"])).status_code == 202
    second = await post(shopper, picture["id"])
    assert (second.status_code, second.json()["code"]) == (409, "attachment_sent")
    assert (await post(shopper, "0" * 16)).status_code == 404
    assert (await post(shopper, "../../secret")).status_code == 422
    body = {"client_message_id": "both", "text": "你好", "attachment_id": picture["id"]}
    both = await shopper.client.post("/api/v1/shopper/messages", json=body)
    assert both.status_code == 422


async def test_fifty_copies_of_a_picture_s_message_are_one(desk: Desk) -> None:
    shopper = await desk.shopper()
    picture = await uploaded(shopper)
    answers = await asyncio.gather(*(post(shopper, picture["id"], "same") for _ in range(50)))
    assert {each.status_code for each in answers} == {202}
    assert len({each.json()["seq"] for each in answers}) == 1

    def count(session: Session) -> int | None:
        return session.scalar(
            select(func.count()).select_from(Message).where(Message.author == "shopper")
        )

    assert await desk.runtime.database.read(count) == 1


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "picture_type_refused"),
        (b"", 415, "picture_type_refused"),
        (jpeg()[:200], 422, "picture_broken"),
        (jpeg() + b"\0" * (LARGEST_FILE + 1), 413, "picture_too_large"),
    ],
    ids=["svg", "empty", "truncated", "over 10 MB"],
)
async def test_what_is_no_good_picture_is_refused_and_leaves_nothing(
    desk: Desk, settings: Settings, data: bytes, status: int, code: str
) -> None:
    shopper = await desk.shopper()
    response = await upload(shopper, data, "photo.jpg")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["title"]
    assert not files(settings)
    assert not await stored(desk)


async def test_eleven_megabytes_are_refused_with_and_without_a_length(desk: Desk) -> None:
    shopper = await desk.shopper()
    said = await upload(shopper, b"\xff\xd8\xff" + b"\0" * 11 * 1024 * 1024)
    assert (said.status_code, said.json()["title"]) == (413, "图片不能超过 10 MB，请压缩后再发。")

    async def unsaid() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(11):
            yield b"\0" * 1024 * 1024
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    response = await shopper.client.post(UPLOAD, content=unsaid(), headers=headers)
    assert (response.status_code, response.json()["code"]) == (413, "picture_too_large")


async def test_a_picture_of_just_ten_megabytes_is_taken(desk: Desk) -> None:
    data = jpeg()
    await uploaded(await desk.shopper(), data + b"\0" * (LARGEST_FILE - len(data)))


@pytest.mark.parametrize(
    "form",
    [
        {"files": {"picture": ("a.jpg", jpeg())}},
        {"data": {"file": "text"}, "files": {"other": ("a.jpg", b"")}},
        {"content": b"nothing"},
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"garbage", "headers": {"Content-Type": "multipart/form-data"}},
        {"json": {"file": "x"}},
    ],
)
async def test_a_form_without_the_file_is_refused(desk: Desk, form: Json) -> None:
    response = await (await desk.shopper()).client.post(UPLOAD, **form)
    assert (response.status_code, response.json()["code"]) == (422, "picture_missing")


async def test_without_a_session_nothing_is_taken(desk: Desk, settings: Settings) -> None:
    response = await desk.client().post(UPLOAD, files={"file": ("a.jpg", jpeg())})
    assert response.status_code == 401
    assert not files(settings)


async def test_a_closed_conversation_takes_no_pictures(desk: Desk) -> None:
    shopper = await desk.shopper()
    picture = await uploaded(shopper)
    await shopper.client.post("/api/v1/shopper/close")
    for response in (await upload(shopper, jpeg()), await post(shopper, picture["id"])):
        assert (response.status_code, response.json()["code"]) == (409, "conversation_closed")


async def test_more_pictures_than_a_person_sends_have_to_wait(
    settings: Settings, start_desk: Callable[[], Awaitable[Desk]]
) -> None:
    settings.pictures_per_minute = 2
    desk = await start_desk()
    shopper = await desk.shopper()
    answers = [await upload(shopper, jpeg()) for _ in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 429]
    assert answers[2].json()["retry_after"] > 0
    assert len(await stored(desk)) == 2


async def test_who_waits_and_who_is_served_by_a_person_sends_pictures_to_that_person(
    desk: Desk,
    engine: EngineServer,
    staff: Callable[..., Awaitable[httpx.AsyncClient]],
) -> None:
    async def call(request: Json) -> Json:
        return answer(request, commands=[{"type": "handoff", "reason": "requested"}])

    engine.behave = call
    shopper = await desk.shopper()
    await shopper.say("转人工")
    await shopper.until_state("waiting")
    await send_picture(shopper)
    await shopper.until_said("客服接入后会看到您的留言")
    colleague = await staff("agent")
    path = f"/api/v1/desk/conversations/{shopper.conversation_id}"
    assert (await colleague.post(f"{path}/claim")).status_code == 204
    await send_picture(shopper)
    assert len(engine.requests) == 1

    seen = (await colleague.get(path)).json()
    assert seen["last_text"] == "[图片]"
    polled = (await colleague.get(f"{path}/events", params={"after": 0})).json()
    for events in (seen["events"], polled["events"]):
        pictures = [each["attachments"][0] for each in events if each.get("attachments")]
        assert len(pictures) == 2
        for picture in pictures:
            assert picture["thumbnail_url"] == f"{STAFF}/{picture['id']}?size=thumbnail"
            response = await colleague.get(picture["url"])
            assert response.status_code == 200
            assert response.headers["content-type"] == "image/jpeg"
            assert response.headers["cache-control"].startswith("private")


async def test_staff_see_the_pictures_of_their_profiles_by_their_roles(
    desk: Desk, staff: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    shopper = await desk.shopper()
    shown = await send_picture(shopper)
    unsent = await uploaded(shopper)
    address = f"{STAFF}/{shown['id']}"
    assert (await desk.client().get(address)).status_code == 401
    assert (await (await staff("agent", "tp")).get(address)).status_code == 404
    assert (await (await staff("trainer")).get(address)).json()["code"] == "role_missing"
    member = await staff("agent")
    assert (await member.get(address)).status_code == 200
    assert (await member.get(f"{address}?size=thumbnail")).status_code == 200
    assert (await member.get(f"{STAFF}/{unsent['id']}")).status_code == 404


async def test_a_supervisor_removes_a_picture_for_good(
    desk: Desk,
    settings: Settings,
    staff: Callable[..., Awaitable[httpx.AsyncClient]],
) -> None:
    shown = await send_picture(await desk.shopper())
    address = f"{STAFF}/{shown['id']}"
    assert (await (await staff("agent")).delete(address)).status_code == 403
    supervisor = await staff("supervisor")
    forged = await supervisor.delete(address, headers={"X-CSRF-Token": "x"})
    assert forged.status_code == 403
    assert len(files(settings)) == 2
    assert (await supervisor.delete(address)).status_code == 204
    assert not files(settings)
    gone = await desk.client().get(shown["url"])
    assert (gone.status_code, gone.json()["code"]) == (404, "attachment_not_found")
    assert (await supervisor.delete(address)).status_code == 404

    def audits(session: Session) -> list[str]:
        return list(
            session.scalars(select(Audit.subject).where(Audit.action == "remove_attachment"))
        )

    assert await desk.runtime.database.read(audits) == [shown["id"]]


@pytest.fixture
def _identity_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", SECRET)


def token(account_id: str) -> str:
    claims = {"iss": "demo-shop", "aud": "demo", "sub": account_id}
    return jwt.encode({**claims, "exp": utc_now() + timedelta(minutes=5)}, SECRET)


async def complain(engine: EngineServer, shopper: Shopper, evidence: list[str]) -> None:
    command = {
        "type": "ticket",
        "kind": "complaint",
        "subject": "顾客投诉",
        "details": "收到就碎了",
        "evidence": evidence,
    }

    async def behave(request: Json) -> Json:
        if request["message"].get("text") == "投诉":
            return answer(request, "好的", commands=[command])
        return answer(request)

    engine.behave = behave
    said = len(texts(shopper.view, "system"))
    await shopper.say("投诉")
    await shopper.until(lambda view: len(texts(view, "system")) > said)


@pytest.mark.usefixtures("_identity_key")
async def test_evidence_goes_into_the_ticket_and_only_the_conversation_s_own(
    desk: Desk, engine: EngineServer, staff: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    shopper = await desk.shopper(token=token("u0001"))
    mine, later = await send_picture(shopper), await send_picture(shopper)
    foreign = await send_picture(await desk.shopper())
    unsent = await uploaded(shopper)
    await complain(engine, shopper, [mine["id"], foreign["id"], unsent["id"], "nothing"])
    listed = (await shopper.client.get("/api/v1/shopper/tickets")).json()["tickets"][0]
    assert [each["id"] for each in listed["evidence"]] == [mine["id"]]
    assert (await desk.client().get(listed["evidence"][0]["thumbnail_url"])).status_code == 200

    await complain(engine, shopper, [mine["id"], later["id"]])
    colleague = await staff("agent")
    ticket = (await colleague.get(f"/api/v1/desk/tickets/{listed['number']}")).json()
    assert [each["id"] for each in ticket["evidence"]] == [mine["id"], later["id"]]
    assert (await colleague.get(ticket["evidence"][1]["url"])).status_code == 200
    assert ticket["progress"][-1]["text"] == "补充了 1 张图片"


async def age(desk: Desk, attachment_id: str, days: float, settings: Settings) -> None:
    """Make the picture and its files older."""
    created_at = utc_now() - timedelta(days=days)
    await desk.runtime.database.write(
        lambda session: session.execute(
            update(Attachment)
            .where(Attachment.attachment_id == attachment_id)
            .values(created_at=created_at)
        )
    )
    for path in files(settings):
        if path.name.startswith(attachment_id):
            os.utime(path, (created_at.timestamp(), created_at.timestamp()))


async def test_pictures_are_removed_when_their_time_is_over(
    desk: Desk, engine: EngineServer, settings: Settings
) -> None:
    shopper = await desk.shopper()
    old, young = await send_picture(shopper), await send_picture(shopper)
    forgotten, fresh = await uploaded(shopper), await uploaded(shopper)
    proving = await send_picture(shopper)
    await complain(engine, shopper, [proving["id"]])
    for each, days in ((old, 181), (young, 179), (forgotten, 1.1), (proving, 400)):
        await age(desk, each["id"], days, settings)
    assert await desk.runtime.sweeper.sweep() == 2
    left = {each.attachment_id for each in await stored(desk)}
    assert left == {young["id"], fresh["id"], proving["id"]}
    assert {path.name.partition(".")[0] for path in files(settings)} == left
    assert (await desk.client().get(old["url"])).status_code == 404

    def close(session: Session) -> None:
        session.execute(update(Ticket).values(state="closed"))

    await desk.runtime.database.write(close)
    assert await desk.runtime.sweeper.sweep() == 1
    assert (
        await desk.runtime.database.read(
            lambda session: session.scalar(select(func.count()).select_from(TicketEvidence))
        )
        == 0
    )


async def test_files_that_no_row_knows_are_removed_once_they_are_a_day_old(
    desk: Desk, settings: Settings
) -> None:
    kept = await send_picture(await desk.shopper())
    folder = settings.attachments_root / "demo" / "ab"
    folder.mkdir(parents=True)
    yesterday = (utc_now() - timedelta(days=1.1)).timestamp()
    for name in ("ab00000000000000.jpg", "ab11111111111111.thumbnail.jpg.draft"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (yesterday, yesterday))
    (folder / "ab22222222222222.jpg").write_bytes(b"x")
    await age(desk, kept["id"], 100, settings)
    assert await desk.runtime.sweeper.sweep() == 2
    assert [path.name for path in folder.iterdir()] == ["ab22222222222222.jpg"]
    assert (await desk.client().get(kept["url"])).status_code == 200
