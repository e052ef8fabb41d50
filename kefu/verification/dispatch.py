"""Finds out whose account a code is for, asks for it, and has it sent.

Work of every desk: a row is claimed for a while, and taken up again by any desk if the one that
claimed it dies. The shop is asked while no transaction of the desk is open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.errors import KefuError
from kefu.notices.addresses import Address, read_address
from kefu.shop.gateway import RuleRefused, ShopGateway, ShopReadOnly
from kefu.shop.people import Contact, ContactChannel
from kefu.store.database import Database, utc_now
from kefu.store.service_tables import Verification
from kefu.verification import checking, codes, limits, wording
from kefu.verification.errors import SendLimitReached

log = structlog.get_logger("kefu.verification")

NOTICE = "verify_code"
LEASE = timedelta(seconds=15)
PAUSES = (1.0, 2.0, 4.0, 8.0)
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed row, as it was."""

    verify_id: str
    conversation_id: str
    profile: str
    purpose: str
    step: str
    state: str
    login: str | None
    account_id: str | None
    phone: str | None
    sent_by: str | None
    sends: int
    failures: int


@dataclass(frozen=True, slots=True)
class Target:
    """Whose account it is (``None``: nobody's), and what the shopper is told of the address."""

    account_id: str | None
    channel: ContactChannel | None
    address_masked: str | None
    sent_by: ContactChannel | None


class CodeDispatcher:
    """``run`` until it is cancelled, ``wake`` it when a code is asked for.

    ``sent`` is called after each code that is on its way.
    """

    def __init__(
        self,
        database: Database,
        shop: ShopGateway,
        key: bytes,
        *,
        sent: Callable[[], None],
        sweep: float = 1.0,
    ) -> None:
        self._database = database
        self._shop = shop
        self._key = key
        self._sent = sent
        self._sweep = sweep
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                due = await self._database.read(_due)
                await asyncio.gather(*(self._serve(verify_id) for verify_id in due))
            except Exception:
                log.exception("codes could not be looked after")
            with suppress(TimeoutError):
                # Not wait_for: on Python 3.11 it may lose a cancellation that meets the wake.
                async with asyncio.timeout(self._sweep):
                    await self._woken.wait()

    async def _serve(self, verify_id: str) -> None:
        task = await self._database.write(partial(_claim, verify_id=verify_id))
        if task is None:
            return
        try:
            await self._send(task)
        except (ShopReadOnly, RuleRefused) as error:
            await self._fail(task, error.code, last=True)
        except KefuError as error:
            await self._fail(task, error.code, last=task.failures >= len(PAUSES))
        except Exception:
            log.exception("a code could not be sent", verify_id=verify_id)
            await self._fail(task, "internal_error", last=task.failures >= len(PAUSES))

    async def _send(self, task: Task) -> None:
        channel = ContactChannel(task.sent_by) if task.sent_by else None
        if task.state == "requested":
            target = await asyncio.to_thread(self._resolve, task)
            if target is None:
                await self._database.write(partial(_refuse, task=task, why=wording.NO_CONTACT))
                return
            channel = target.sent_by
            await self._database.write(partial(_ask, task=task, target=target, key=self._key))
        account_id = await self._database.write(partial(_count, task=task))
        if account_id is not None:
            await asyncio.to_thread(self._hand_over, task, account_id, channel)
            self._sent()
        await self._database.write(partial(_settle, task=task))

    def _resolve(self, task: Task) -> Target | None:
        """Where the code goes; ``None``: the account that is signed in has no address."""
        if task.step == "new":
            sms = ContactChannel.SMS
            return Target(task.account_id, sms, Address(sms, task.phone or "").masked, sms)
        if task.step == "own":
            own = _preferred(self._shop.contacts(task.profile, task.account_id or ""))
            if own is None:
                return None
            return Target(own.account_id, own.channel, own.address_masked, own.channel)
        # A guest is shown what they typed and nothing that they could not know.
        login = task.login or ""
        typed = read_address(login)
        contact = self._shop.find_contact(task.profile, typed.value if typed else login)
        return Target(
            account_id=contact.account_id if contact else None,
            channel=typed.channel if typed else None,
            address_masked=typed.masked if typed else None,
            sent_by=typed.channel if typed else contact.channel if contact else None,
        )

    def _hand_over(self, task: Task, account_id: str, channel: ContactChannel | None) -> None:
        payload = {
            "code": codes.make(self._key, task.verify_id, task.sends),
            "purpose": task.purpose,
            "minutes": str(int(codes.LIFETIME.total_seconds() // 60)),
        }
        if task.step == "new" and task.phone:
            payload["to"] = task.phone
        self._shop.send_notice(
            task.profile,
            account_id,
            notice_id=codes.notice_id(task.verify_id, task.sends),
            kind=NOTICE,
            channel=channel,
            payload=payload,
        )

    async def _fail(self, task: Task, reason: str, *, last: bool) -> None:
        log.warning("code not sent", verify_id=task.verify_id, reason=reason, last=last)
        if last:
            await self._database.write(partial(_refuse, task=task, why=wording.NOT_SENT))
            return
        pause = PAUSES[min(task.failures, len(PAUSES) - 1)]
        await self._database.write(partial(_try_later, task=task, pause=pause))


def _preferred(contacts: tuple[Contact, ...]) -> Contact | None:
    by_sms = (each for each in contacts if each.channel is ContactChannel.SMS)
    return next(by_sms, contacts[0] if contacts else None)


def _due(session: Session) -> list[str]:
    return list(
        session.scalars(
            select(Verification.verify_id)
            .where(Verification.due_at <= utc_now())
            .order_by(Verification.due_at)
            .limit(AT_ONCE)
        )
    )


def _claim(session: Session, verify_id: str) -> Task | None:
    now = utc_now()
    result = session.execute(
        update(Verification)
        .where(Verification.verify_id == verify_id, Verification.due_at <= now)
        .values(due_at=now + LEASE)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        return None
    row = session.get_one(Verification, verify_id, populate_existing=True)
    return Task(
        verify_id=verify_id,
        conversation_id=row.conversation_id,
        profile=row.profile,
        purpose=row.purpose,
        step=row.step,
        state=row.state,
        login=row.login,
        account_id=row.account_id,
        phone=row.phone,
        sent_by=row.sent_by,
        sends=row.sends,
        failures=row.failures,
    )


def _ask(session: Session, task: Task, target: Target, key: bytes) -> None:
    """Show the input. It comes before the code, at the same time whether there is an account."""
    conversation = events.lock(session, task.conversation_id)
    row = _current(session, task)
    if row is None or row.state != "requested":
        return
    row.account_id = target.account_id
    row.channel = target.channel
    row.address_masked = target.address_masked
    row.sent_by = target.sent_by
    row.login = None
    checking.ask(session, conversation, row, key)


def _count(session: Session, task: Task) -> str | None:
    """The account that the code shall be sent to; ``None``: to nobody."""
    conversation = events.lock(session, task.conversation_id)
    row = _current(session, task)
    if row is None or row.state != "open" or row.account_id is None:
        return None
    if limits.spend_account(session, row, utc_now()):
        return row.account_id
    events.audit(session, conversation, "system", "code_withheld", verify_id=row.verify_id)
    if row.step != "login":
        row.state = "failed"
        limit = SendLimitReached(int(limits.WINDOW.total_seconds()))
        events.say(session, conversation, limit.sentence, [wording.PERSON_BUTTON])
    return None


def _settle(session: Session, task: Task) -> None:
    row = _current(session, task)
    if row is not None:
        row.due_at = None


def _try_later(session: Session, task: Task, pause: float) -> None:
    row = _current(session, task)
    if row is not None:
        row.failures += 1
        row.due_at = utc_now() + timedelta(seconds=pause)


def _refuse(session: Session, task: Task, why: str) -> None:
    conversation = events.lock(session, task.conversation_id)
    row = _current(session, task)
    if row is None or row.state not in {"requested", "open"}:
        return
    row.due_at = None
    events.audit(session, conversation, "system", "code_not_sent", verify_id=row.verify_id)
    if row.state == "open" and row.step == "login":
        # Said to those alone who have an account, it would tell that they have one.
        return
    row.state, row.login = "failed", None
    events.say(session, conversation, why, [wording.PERSON_BUTTON])


def _current(session: Session, task: Task) -> Verification | None:
    """The row, unless another send has begun meanwhile."""
    row = session.get(Verification, task.verify_id, with_for_update=True, populate_existing=True)
    return row if row is not None and row.sends == task.sends else None
