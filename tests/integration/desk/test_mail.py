"""E-mails become tickets, once each, and are answered in their thread. With a real IMAP server."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator
from email.message import EmailMessage
from typing import Any, TypeVar

import httpx
import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.accounts import reset_admin_password
from kefu.mail import receiving
from kefu.mail.errors import MailboxUnreachable
from kefu.settings import Settings
from kefu.store.mail_tables import MailboxState, TicketMail
from kefu.store.service_tables import Notice, Ticket, TicketProgress
from kefu.store.tables import Audit
from tests.desk_stage import Desk, agent
from tests.imap_server import ImapServer, imap_server
from tests.notice_servers import MailServer, mail_server

pytestmark = pytest.mark.either_database

T = TypeVar("T")
Start = Callable[..., Awaitable[Desk]]

SUPPORT = "support@wallet.example.com"
TICKETS = "/api/v1/desk/tickets"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[ImapServer]:
    with imap_server() as server:
        yield server


@pytest.fixture
def imap(dovecot: ImapServer, monkeypatch: pytest.MonkeyPatch) -> ImapServer:
    """An empty mailbox, which tpwallet's profile names."""
    with dovecot.signed_in() as box:
        box.delete(box.uids())
    monkeypatch.setenv("KEFU_TPWALLET_MAILBOX", dovecot.url)
    return dovecot


@pytest.fixture
def smtp(settings: Settings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.smtp_url = f"smtp://127.0.0.1:{server.port}/?from={SUPPORT}"
        yield server


@pytest.fixture
async def staff(desk: Desk, settings: Settings) -> httpx.AsyncClient:
    return await agent(desk, "admin", await asyncio.to_thread(reset_admin_password, settings))


def letter(
    text: str = "转账两天了还没到账", sender: str = "li@example.com", **headers: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = SUPPORT
    message["Subject"] = headers.pop("Subject", "转账没到账")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


async def read(desk: Desk, work: Callable[[Session], T]) -> T:
    return await desk.runtime.database.read(work)


async def tickets(desk: Desk) -> list[Ticket]:
    return await read(desk, lambda s: list(s.scalars(select(Ticket).order_by(Ticket.created_at))))


async def notes(desk: Desk, number: str) -> list[str]:
    query = select(TicketProgress.note).where(TicketProgress.number == number)
    query = query.order_by(TicketProgress.progress_id)
    return await read(desk, lambda s: list(s.scalars(query)))


async def fetch(desk: Desk) -> None:
    await desk.runtime.mail.read("tpwallet")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds():
            await asyncio.sleep(0.02)


def sent_by(message: Any) -> str:
    return str(message.get_content())


async def test_a_mail_becomes_a_ticket_and_the_sender_is_told(
    imap: ImapServer, smtp: MailServer, desk: Desk
) -> None:
    text = "交易号TX20261120000001，身份证110101199003078515，一直没到账"
    imap.deliver(letter(text, Message_ID="<first@example.com>").as_bytes())
    await fetch(desk)
    (ticket,) = await tickets(desk)
    assert (ticket.profile, ticket.contact, ticket.state) == ("tpwallet", "li@example.com", "open")
    assert ticket.subject == "转账没到账"
    assert "110101199003078515" not in ticket.details
    assert "一直没到账" in ticket.details
    await until(lambda: bool(smtp.letters))
    told = smtp.letters[0]
    assert told["In-Reply-To"] == "<first@example.com>"
    assert (told["Subject"], told["Reply-To"]) == ("Re: 转账没到账", SUPPORT)
    assert told["Auto-Submitted"] == "auto-generated"
    assert ticket.number in sent_by(told)
    assert imap.seen() == 1


async def test_the_answer_goes_out_in_the_thread_and_a_reply_comes_back_to_it(
    imap: ImapServer, smtp: MailServer, desk: Desk, staff: httpx.AsyncClient
) -> None:
    imap.deliver(letter(Message_ID="<first@example.com>").as_bytes())
    await fetch(desk)
    (ticket,) = await tickets(desk)
    answered = await staff.post(f"{TICKETS}/{ticket.number}/answer", json={"text": "明天到账。"})
    assert answered.status_code == 204, answered.text
    await until(lambda: len(smtp.letters) == 2)
    out = smtp.letters[1]
    assert (out["In-Reply-To"], out["References"]) == ("<first@example.com>",) * 2
    assert "明天到账。" in sent_by(out)
    reply = letter(
        "还是没到\n\n在 2026年11月20日，客服 <support@wallet.example.com> 写道：\n> 明天到账。",
        Subject="回复：转账没到账",
        In_Reply_To=str(out["Message-ID"]),
        Message_ID="<second@example.com>",
    )
    imap.deliver(reply.as_bytes())
    await fetch(desk)
    (again,) = await tickets(desk)
    assert (again.number, again.state) == (ticket.number, "open")
    assert again.due_at >= ticket.due_at
    assert (await notes(desk, ticket.number))[-1] == "还是没到"


async def test_two_matters_of_one_sender_are_two_tickets(imap: ImapServer, desk: Desk) -> None:
    imap.deliver(letter("转账没到账", Message_ID="<1@example.com>").as_bytes())
    imap.deliver(letter("密码忘了", Subject="密码", Message_ID="<2@example.com>").as_bytes())
    await fetch(desk)
    assert [ticket.subject for ticket in await tickets(desk)] == ["转账没到账", "密码"]


async def test_a_stranger_cannot_write_into_somebodys_ticket(imap: ImapServer, desk: Desk) -> None:
    imap.deliver(letter(Message_ID="<1@example.com>").as_bytes())
    await fetch(desk)
    (ticket,) = await tickets(desk)
    forged = letter(
        "请把答复发到我这里",
        "mallory@example.com",
        Subject=f"Re: 工单 {ticket.number}",
        In_Reply_To="<1@example.com>",
        Message_ID="<evil@example.com>",
    )
    imap.deliver(forged.as_bytes())
    await fetch(desk)
    first, second = await tickets(desk)
    assert first.contact == "li@example.com"
    assert second.contact == "mallory@example.com"
    assert len(await notes(desk, first.number)) == 1


async def test_a_closed_ticket_is_not_opened_again(
    imap: ImapServer, desk: Desk, staff: httpx.AsyncClient
) -> None:
    imap.deliver(letter(Message_ID="<1@example.com>").as_bytes())
    await fetch(desk)
    (ticket,) = await tickets(desk)
    await staff.post(f"{TICKETS}/{ticket.number}/close")
    reply = letter("还有一个问题", In_Reply_To="<1@example.com>", Message_ID="<2@example.com>")
    imap.deliver(reply.as_bytes())
    await fetch(desk)
    assert [each.state for each in await tickets(desk)] == ["closed", "open"]


async def test_the_same_mail_is_taken_in_once_whatever_the_server_does(
    imap: ImapServer, desk: Desk
) -> None:
    raw = letter(Message_ID="<1@example.com>").as_bytes()
    imap.deliver(raw)
    imap.deliver(raw)
    await fetch(desk)
    await fetch(desk)

    def forget(session: Session) -> None:
        # As after a restored backup of the server, which deals its UIDs anew.
        session.get_one(MailboxState, "tpwallet").uid_validity = 1

    await desk.runtime.database.write(forget)
    await fetch(desk)
    assert len(await tickets(desk)) == 1
    notices = await read(desk, lambda s: s.scalar(select(func.count()).select_from(Notice)))
    assert notices == 1


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"sender": SUPPORT}, "own"),
    ],
)
async def test_robots_and_our_own_mails_get_no_answer(
    imap: ImapServer, desk: Desk, headers: dict[str, str], outcome: str
) -> None:
    imap.deliver(letter(Message_ID="<1@example.com>", **headers).as_bytes())
    await fetch(desk)
    assert await tickets(desk) == []
    (mail,) = await read(desk, lambda s: list(s.scalars(select(TicketMail))))
    assert (mail.outcome, mail.number) == (outcome, None)


async def test_a_flood_from_one_sender_is_not_taken_in(
    imap: ImapServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MOST_FROM_ONE", 2)
    for number in range(4):
        imap.deliver(letter(Message_ID=f"<{number}@example.com>").as_bytes())
    imap.deliver(letter(sender="wang@example.com", Message_ID="<w@example.com>").as_bytes())
    await fetch(desk)
    senders = [ticket.contact for ticket in await tickets(desk)]
    assert senders == ["li@example.com", "li@example.com", "wang@example.com"]


async def test_a_mail_that_cannot_be_read_holds_up_no_other(imap: ImapServer, desk: Desk) -> None:
    imap.deliver(b"Subject: nobody\r\n\r\nno sender")
    imap.deliver(letter(Message_ID="<1@example.com>").as_bytes())
    await fetch(desk)
    assert len(await tickets(desk)) == 1
    query = select(Audit).where(Audit.action == "mail_unreadable")
    assert len(await read(desk, lambda s: list(s.scalars(query)))) == 1


async def test_pictures_are_evidence_that_staff_see(
    imap: ImapServer, desk: Desk, staff: httpx.AsyncClient
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, "PNG")
    message = letter(Message_ID="<1@example.com>")
    message.add_attachment(picture.getvalue(), maintype="image", subtype="png", filename="a.png")
    message.add_attachment(b"no picture", maintype="image", subtype="png", filename="b.png")
    message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="账单.pdf")
    imap.deliver(message.as_bytes())
    await fetch(desk)
    (ticket,) = await tickets(desk)
    found = (await staff.get(f"{TICKETS}/{ticket.number}")).json()
    (evidence,) = found["evidence"]
    assert (evidence["width"], evidence["height"]) == (640, 480)
    seen = await staff.get(evidence["url"])
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    hidden = [entry for entry in found["progress"] if not entry["shown"]]
    assert "账单.pdf" in hidden[0]["text"]
    assert "1 张无法读取的图片" in hidden[0]["text"]


async def test_a_mailbox_that_cannot_be_reached_is_noted_and_tried_again(
    imap: ImapServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fetch(desk)
    reader = desk.runtime.mail
    (mailbox,) = [each for each in reader._mailboxes if each.name == "tpwallet"]
    wrong = type(mailbox)(
        mailbox.profile, type(mailbox.place).from_url(imap.url.replace("pa", "x"))
    )
    monkeypatch.setattr(reader, "_mailboxes", [wrong])
    with pytest.raises(MailboxUnreachable):
        await fetch(desk)
    state = await read(desk, lambda s: s.get_one(MailboxState, "tpwallet"))
    assert state.problem == "mailbox_unreachable"
    monkeypatch.setattr(reader, "_mailboxes", [mailbox])
    await fetch(desk)
    state = await read(desk, lambda s: s.get_one(MailboxState, "tpwallet"))
    assert state.problem is None


async def test_two_desks_take_a_mail_in_once(imap: ImapServer, start_desk: Start) -> None:
    first, second = await start_desk(), await start_desk()
    for number in range(6):
        imap.deliver(letter(Message_ID=f"<{number}@example.com>").as_bytes())
    await asyncio.gather(fetch(first), fetch(second))
    assert len(await tickets(first)) == 6
