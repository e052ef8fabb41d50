"""Notices leave at least once, are tried again, and are given up where it is hopeless."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.notices import desk_outbox
from kefu.notices.delivery import Delivery
from kefu.notices.errors import NoticeNotSent, TransportInvalid
from kefu.notices.sender import LEASE, NoticeSender, Rhythm
from kefu.notices.texts import compose
from kefu.notices.transports import DemoMailbox, Letter, Mail, Post
from kefu.profiles import Profiles, load_profiles
from kefu.shop.connection import open_engine
from kefu.shop.ledger import NoticeRow
from kefu.shop.outbox import ShopOutbox
from kefu.shop.people import ContactChannel
from kefu.shop.schema import AccountRow
from kefu.shop.sql_gateway import SqlGateway
from kefu.store import leases
from kefu.store.database import Database, utc_now
from kefu.store.service_tables import Notice
from kefu.store.tables import Audit
from tests.notice_servers import HttpService, MailServer, http_service, mail_server

PHONE, EMAIL, KEY = "13811112222", "u0007@example.com", "a key of the tests"
QUICK = Rhythm(pauses=(0.05, 0.05), sweep=0.02, lease=60, stretch=25)
LETTER = Letter("n" * 64, "demo", "account_unlocked", "email", EMAIL, "【青禾生活】解锁", "已解锁")


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def service() -> Iterator[HttpService]:
    with http_service() as server:
        yield server


@pytest.fixture
def smtp(mail: MailServer) -> Mail:
    return Mail(f"smtp://127.0.0.1:{mail.port}/?from=kefu@example.com")


@pytest.fixture(scope="session")
def profiles() -> Profiles:
    return load_profiles(Path("data/profiles"))


@pytest.fixture
def shop(tmp_path: Path, shop_template: Path) -> Iterator[SqlGateway]:
    shutil.copy(shop_template, tmp_path / "shop.db")
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with in_shop(url) as session:
        session.add(account("u0007", PHONE, EMAIL))
        session.add(account("u0008", PHONE.replace("2", "3"), None))
    gateway = SqlGateway(url)
    yield gateway
    gateway.close()


class in_shop:
    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._session = Session(self._engine.execution_options(writes=True), expire_on_commit=False)

    def __enter__(self) -> Session:
        return self._session

    def __exit__(self, *_: object) -> None:
        self._session.commit()
        self._session.close()
        self._engine.dispose()


def account(account_id: str, phone: str, email: str | None) -> AccountRow:
    return AccountRow(
        profile="demo",
        account_id=account_id,
        name="黄磊",
        phone=phone,
        email=email,
        member_level="普通会员",
        locked=False,
        lock_reason=None,
        locked_until=None,
        registered_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


@pytest.fixture
def shop_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'shop.db'}"


Run = Callable[..., Any]


@pytest.fixture
def run(database: Database, shop: SqlGateway, shop_url: str) -> Run:
    """A sender at work while the block runs."""

    @asynccontextmanager
    async def sending(
        delivery: Delivery, holder: str = "elsewhere:1:a", rhythm: Rhythm = QUICK
    ) -> AsyncIterator[NoticeSender]:
        sender = NoticeSender(
            database, shop, ShopOutbox(shop_url), delivery, holder=holder, rhythm=rhythm
        )
        task = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return sending


def to_account(
    shop: SqlGateway, notice_id: str = "n1", kind: str = "account_unlocked", **more: Any
) -> None:
    wanted: dict[str, Any] = {"channel": None, "payload": {}, **more}
    account_id = wanted.pop("account_id", "u0007")
    shop.send_notice("demo", account_id, notice_id=notice_id, kind=kind, **wanted)


def code_for(shop: SqlGateway, **more: str) -> None:
    payload = {"code": "482913", "purpose": "unlock", "minutes": "5", **more}
    to_account(shop, "c1", "verify_code", channel=ContactChannel.SMS, payload=payload)


async def until(done: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "not in time"
        await asyncio.sleep(0.02)


def row(url: str, notice_id: str) -> NoticeRow:
    with in_shop(url) as session:
        return session.scalars(select(NoticeRow).where(NoticeRow.notice_id == notice_id)).one()


async def given_up(database: Database) -> list[Audit]:
    query = select(Audit).where(Audit.action == "notice_given_up")
    return await database.read(lambda session: list(session.scalars(query)))


# --- the ways out ---------------------------------------------------------------------------


def test_a_letter_is_a_real_mail_with_the_notices_id(mail: MailServer, smtp: Mail) -> None:
    smtp.send(LETTER)
    smtp.send(LETTER)
    first, second = mail.letters
    assert mail.recipients == [EMAIL, EMAIL]
    assert first["Subject"] == "【青禾生活】解锁"
    assert first.get_content().strip() == "已解锁"  # type: ignore[attr-defined]
    assert first["X-Kefu-Notice-Id"].strip() == "n" * 64
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize(("answer", "for_good"), [("450 later", False), ("550 unknown", True)])
def test_a_refused_recipient(mail: MailServer, smtp: Mail, answer: str, *, for_good: bool) -> None:
    mail.refusals.append(answer)
    with pytest.raises(NoticeNotSent) as caught:
        smtp.send(LETTER)
    assert caught.value.for_good is for_good
    assert EMAIL not in caught.value.detail


def test_a_mail_server_that_is_away_is_asked_again() -> None:
    with pytest.raises(NoticeNotSent) as caught:
        Mail("smtp://127.0.0.1:1/?from=kefu@example.com").send(LETTER)
    assert not caught.value.for_good


def test_an_address_with_a_line_break_writes_no_second_header(mail: MailServer, smtp: Mail) -> None:
    forged = Letter("n", "demo", "k", "email", "a@b.cn\nBcc: c@d.cn", "s", "t")
    with pytest.raises(NoticeNotSent) as caught:
        smtp.send(forged)
    assert caught.value.for_good
    assert mail.letters == []


def test_a_password_is_not_sent_over_an_open_line(
    mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Mail(f"smtp://kefu:secret@127.0.0.1:{mail.port}/?from=kefu@example.com")
    monkeypatch.setattr(transport, "_host", "127.0.0.2")
    with pytest.raises(NoticeNotSent):
        transport.send(LETTER)
    assert mail.letters == []


@pytest.mark.parametrize(
    "url", ["http://x/?from=a@b.cn", "smtp:///?from=a@b.cn", "smtp://mail.example:25", "mail"]
)
def test_a_wrong_mail_url_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(TransportInvalid):
        Mail(url)


@pytest.mark.parametrize(("url", "key"), [("ftp://x/", "k"), ("https://x/", ""), ("x", "k")])
def test_a_wrong_service_url_or_no_key_is_refused_at_the_start(url: str, key: str) -> None:
    with pytest.raises(TransportInvalid):
        Post(url, key)


def test_a_post_is_signed_with_its_time(service: HttpService) -> None:
    Post(service.url, KEY).send(LETTER)
    received = service.received[0]
    at = received.headers["X-Kefu-Timestamp"]
    signed = hmac.new(KEY.encode(), f"{at}.".encode() + received.body, hashlib.sha256).hexdigest()
    assert received.headers["X-Kefu-Signature"] == f"v1={signed}"
    assert received.headers["Idempotency-Key"] == LETTER.notice_id
    assert abs(int(at) - time.time()) < 60
    body = json.loads(received.body)
    assert (body["to"], body["kind"], body["text"]) == (EMAIL, "account_unlocked", "已解锁")


@pytest.mark.parametrize(
    ("status", "for_good"), [(500, False), (429, False), (302, False), (422, True)]
)
def test_what_a_service_answers(service: HttpService, status: int, *, for_good: bool) -> None:
    service.statuses.append(status)
    with pytest.raises(NoticeNotSent) as caught:
        Post(service.url, KEY).send(LETTER)
    assert caught.value.for_good is for_good


def test_the_mailbox_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "notices.log"
    DemoMailbox(path).send(LETTER)
    DemoMailbox(path).send(Letter("n", "demo", "k", "sms", PHONE, "", "两\n行"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2


# --- what is said, and which way -------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(Path("kefu/shop").glob("*.py")), ids=lambda path: path.name)
def test_every_notice_of_the_shop_has_words_or_is_for_the_shop(path: Path) -> None:
    import re

    kinds = re.findall(r"\.notify\(\s*session,\s*\"(\w+)\"", path.read_text(encoding="utf-8"))
    for kind in kinds:
        values = dict.fromkeys(
            ["rma_number", "item_name", "day", "part", "old", "new", "amount"], "x"
        )
        text = compose(kind, "青禾生活", values, "KF1")
        assert (text is None) == (kind in FOR_THE_SHOP), kind
        assert text is None or text.body.startswith("【青禾生活】")


FOR_THE_SHOP = {"shipping_urged"}


async def test_e_mail_comes_before_sms_and_a_code_goes_where_it_was_asked_for(
    shop: SqlGateway,
    run: Run,
    mail: MailServer,
    smtp: Mail,
    service: HttpService,
    profiles: Profiles,
) -> None:
    to_account(shop)
    to_account(shop, "n2", account_id="u0008")
    code_for(shop)
    async with run(Delivery(profiles, mail=smtp, sms=Post(service.url, KEY))):
        await until(lambda: len(mail.letters) == 1 and len(service.received) == 2)
    assert mail.recipients == [EMAIL]
    sent = {body["kind"]: body for body in (json.loads(each.body) for each in service.received)}
    assert sent["verify_code"]["to"] == PHONE
    assert "482913" in sent["verify_code"]["text"]
    assert sent["verify_code"]["variables"]["code"] == "482913"
    assert sent["account_unlocked"]["to"] == PHONE.replace("2", "3")


async def test_the_secrets_leave_the_row_with_the_letter(
    shop: SqlGateway, run: Run, service: HttpService, profiles: Profiles, shop_url: str
) -> None:
    code_for(shop, to="13933334444")
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        await until(lambda: row(shop_url, "c1").sent_at)
    kept = row(shop_url, "c1")
    assert kept.payload == {"purpose": "unlock", "minutes": "5"}
    body = json.loads(service.received[0].body)
    assert body["to"] == "13933334444"
    assert "to" not in body["variables"]


async def test_the_webhook_takes_what_has_no_other_way_and_what_is_for_the_shop(
    shop: SqlGateway, run: Run, service: HttpService, profiles: Profiles, shop_url: str
) -> None:
    to_account(shop)
    to_account(shop, "n2", "shipping_urged", payload={"seller_id": "s1"})
    async with run(Delivery(profiles, webhook=Post(service.url, KEY))):
        await until(lambda: len(service.received) == 2)
    sent = {body["kind"]: body for body in (json.loads(each.body) for each in service.received)}
    assert (sent["account_unlocked"]["channel"], sent["account_unlocked"]["to"]) == ("email", EMAIL)
    assert (sent["shipping_urged"]["to"], sent["shipping_urged"]["text"]) == (None, "")


async def test_what_is_for_the_shop_alone_is_over_where_it_does_not_listen(
    shop: SqlGateway, run: Run, mail: MailServer, smtp: Mail, profiles: Profiles, shop_url: str
) -> None:
    to_account(shop, kind="shipping_urged")
    async with run(Delivery(profiles, mail=smtp)):
        await until(lambda: row(shop_url, "n1").sent_at)
    assert mail.letters == []


# --- tries, leases, giving up ----------------------------------------------------------------


async def test_a_service_that_fails_is_asked_again_with_the_same_id(
    shop: SqlGateway, run: Run, service: HttpService, profiles: Profiles, shop_url: str
) -> None:
    service.statuses += [503, 503]
    code_for(shop)
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        await until(lambda: row(shop_url, "c1").sent_at)
    assert len(service.received) == 3
    assert {each.headers["Idempotency-Key"] for each in service.received} == {"c1"}


@pytest.mark.parametrize(("statuses", "tries"), [([503] * 9, 3), ([422], 1)])
async def test_what_cannot_be_sent_is_given_up_and_written_down(
    database: Database,
    shop: SqlGateway,
    run: Run,
    service: HttpService,
    profiles: Profiles,
    shop_url: str,
    statuses: list[int],
    tries: int,
) -> None:
    service.statuses += statuses
    code_for(shop)
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        while not await given_up(database):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
    assert len(service.received) == tries
    noted = (await given_up(database))[0]
    assert (noted.subject, noted.detail["kind"]) == ("c1", "verify_code")
    assert "482913" not in str(noted.detail)
    assert "code" not in row(shop_url, "c1").payload
    assert row(shop_url, "c1").sent_at is None


async def test_an_expired_code_is_not_sent_any_more(
    database: Database,
    shop: SqlGateway,
    run: Run,
    service: HttpService,
    profiles: Profiles,
    shop_url: str,
) -> None:
    code_for(shop)
    with in_shop(shop_url) as session:
        session.execute(update(NoticeRow).values(created_at=utc_now() - timedelta(minutes=6)))
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        while not await given_up(database):
            await asyncio.sleep(0.02)
    assert service.received == []
    assert "code" not in row(shop_url, "c1").payload


async def test_one_that_fails_does_not_hold_up_the_others(
    shop: SqlGateway,
    run: Run,
    service: HttpService,
    profiles: Profiles,
    mail: MailServer,
    smtp: Mail,
) -> None:
    service.statuses += [503] * 50
    code_for(shop)
    to_account(shop)
    slow = Rhythm(pauses=(60,), sweep=0.02)
    async with run(Delivery(profiles, mail=smtp, sms=Post(service.url, KEY)), rhythm=slow):
        await until(lambda: mail.letters)
    assert len(service.received) <= 1


async def test_of_two_desks_one_sends(
    database: Database,
    shop: SqlGateway,
    run: Run,
    service: HttpService,
    profiles: Profiles,
    shop_url: str,
) -> None:
    delivery = Delivery(profiles, sms=Post(service.url, KEY), webhook=Post(service.url, KEY))
    async with run(delivery, "elsewhere:1:a"), run(delivery, "elsewhere:2:b"):
        for number in range(20):
            to_account(shop, f"n{number}")
        await until(lambda: all(row(shop_url, f"n{n}").sent_at for n in range(20)))
    assert len(service.received) == 20


async def test_a_lease_passes_on_when_it_is_over_given_back_or_its_holder_is_dead(
    database: Database,
) -> None:
    async def take(holder: str, seconds: float = 60, dead: str = "") -> bool:
        return await database.write(
            partial(
                leases.take,
                name=LEASE,
                holder=holder,
                lifetime=timedelta(seconds=seconds),
                is_dead=lambda name: name == dead,
            )
        )

    assert await take("a")
    assert await take("a")
    assert not await take("b")
    await database.write(partial(leases.release, name=LEASE, holder="b"))
    assert not await take("b")
    assert await take("b", dead="a")
    await database.write(partial(leases.release, name=LEASE, holder="b"))
    assert await take("c", seconds=0)
    assert await take("d")


async def test_the_desks_own_notices_go_to_a_contact_or_through_the_shop(
    database: Database, run: Run, service: HttpService, profiles: Profiles, shop: SqlGateway
) -> None:
    payload = {"number": "TK1", "ticket_kind": "投诉", "answer": "已核实"}

    def put(session: Session) -> None:
        for key, to in (("a", {"contact": PHONE}), ("b", {"account_id": "u0008"})):
            for _ in range(2):
                desk_outbox.put(
                    session, profile="demo", kind="ticket_answered", key=key, payload=payload, **to
                )

    await database.write(put)
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        await until(lambda: len(service.received) == 2)
        await asyncio.sleep(0.2)
    sent = {body["to"]: body["text"] for body in (json.loads(r.body) for r in service.received)}
    assert set(sent) == {PHONE, PHONE.replace("2", "3")}
    assert all("TK1" in text and "已核实" in text for text in sent.values())
    rows = await database.read(lambda session: session.scalars(select(Notice)).all())
    assert [(each.sent_at is None, each.due_at) for each in rows] == [(False, None)] * 2


async def test_a_contact_that_cannot_be_reached_is_given_up_as_well(
    database: Database, run: Run, service: HttpService, profiles: Profiles
) -> None:
    service.statuses += [500] * 9
    payload = {"number": "TK1", "ticket_kind": "投诉", "answer": "已核实"}
    await database.write(
        partial(
            desk_outbox.put,
            profile="demo",
            kind="ticket_answered",
            key="a",
            payload=payload,
            contact=PHONE,
        )
    )
    async with run(Delivery(profiles, sms=Post(service.url, KEY))):
        while not await given_up(database):
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
    assert len(service.received) == QUICK.most_tries
    stored = await database.read(lambda session: session.scalars(select(Notice)).one())
    assert (stored.sent_at, stored.due_at, stored.tries) == (None, None, QUICK.most_tries)
