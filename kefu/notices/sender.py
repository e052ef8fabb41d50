"""Empties the outboxes: at least once each, again with growing pauses, until it is given up.

One desk at a time does it, by a lease. The notice's id travels along, so that whoever receives one
twice can tell.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.errors import KefuError
from kefu.notices.addresses import Address, read_address
from kefu.notices.delivery import Delivery, Outgoing
from kefu.notices.errors import NoticeNotSent
from kefu.shop.gateway import RuleRefused, ShopGateway, ShopReadOnly, ShopUnavailable
from kefu.shop.outbox import OutboxNotice, ShopOutbox
from kefu.shop.people import ContactChannel
from kefu.store import leases
from kefu.store.database import Database, DatabaseUnavailable, utc_now
from kefu.store.service_tables import Notice
from kefu.store.tables import Audit

log = structlog.get_logger("kefu.notices")

LEASE = "notices"
BATCH = 50
CODE_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: ``pauses`` between tries (one more try than pauses), ``sweep`` between looks,
    ``lease`` and how long of it is worked at a stretch."""

    pauses: Sequence[float] = (5, 30, 120, 600, 3600)
    sweep: float = 1.0
    lease: float = 60.0
    stretch: float = 25.0

    @property
    def most_tries(self) -> int:
        return len(self.pauses) + 1

    def pause(self, tries: int) -> timedelta:
        """How long to wait after that many tries."""
        return timedelta(seconds=self.pauses[min(tries, len(self.pauses)) - 1])


class NoticeSender:
    """``run`` until it is cancelled; ``wake`` it when there is something to send."""

    def __init__(
        self,
        database: Database,
        shop: ShopGateway,
        outbox: ShopOutbox | None,
        delivery: Delivery,
        *,
        holder: str,
        rhythm: Rhythm | None = None,
    ) -> None:
        self._database = database
        self._shop = shop
        self._outbox = outbox
        self._delivery = delivery
        self._holder = holder
        self._rhythm = rhythm or Rhythm()
        self._woken = asyncio.Event()
        # Tries are counted in the rows; after a restart the next one comes early, no more.
        self._not_before: dict[str, datetime] = {}
        self._lease_asked = -math.inf
        self._lease_held = False

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        if self._delivery.reaches_nobody:
            log.warning("no way out for notices: set KEFU_SMTP_URL, KEFU_SMS_URL or the webhook")
        try:
            while True:
                self._woken.clear()
                try:
                    if await self._holds_lease():
                        await self._round()
                except KefuError as error:
                    log.warning("notices wait", reason=error.code)
                except Exception:
                    log.exception("notices could not be looked after")
                await self._rest()
        finally:
            if self._outbox:
                self._outbox.close()

    async def give_back(self) -> None:
        """Let another desk go on at once."""
        try:
            await self._database.write(partial(leases.release, name=LEASE, holder=self._holder))
        except DatabaseUnavailable as error:
            log.warning("the lease runs out by itself", reason=error.code)

    async def _holds_lease(self) -> bool:
        """Take it, or prolong it once half of it is over; ask for another's no more often."""
        now = time.monotonic()
        if now < self._lease_asked + self._rhythm.lease / 2:
            return self._lease_held
        take = partial(
            leases.take,
            name=LEASE,
            holder=self._holder,
            lifetime=timedelta(seconds=self._rhythm.lease),
            is_dead=workers.is_dead,
        )
        self._lease_held = await self._database.write(take)
        self._lease_asked = now
        return self._lease_held

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            # Not wait_for: on Python 3.11 it may lose a cancellation that meets the wake.
            async with asyncio.timeout(self._rhythm.sweep):
                await self._woken.wait()

    async def _round(self) -> None:
        end = time.monotonic() + self._rhythm.stretch
        for notice in await self._database.read(_due):
            if time.monotonic() > end:
                return
            await self._send_own(notice)
        if self._outbox is None:
            return
        due = await asyncio.to_thread(self._outbox.due, BATCH, self._rhythm.most_tries)
        now = utc_now()
        known = {notice.notice_id for notice in due}
        self._not_before = {k: v for k, v in self._not_before.items() if k in known}
        for notice in due:
            if time.monotonic() > end:
                return
            if self._not_before.get(notice.notice_id, now) <= now:
                await self._send_shops(self._outbox, notice)

    async def _send_own(self, notice: Notice) -> None:
        try:
            await asyncio.to_thread(self._pass_on, notice)
        except (NoticeNotSent, ShopUnavailable, ShopReadOnly, RuleRefused) as error:
            tries = notice.tries + 1
            over = _is_over(error) or tries >= self._rhythm.most_tries
            due_at = None if over else utc_now() + self._rhythm.pause(tries)
            work = partial(_missed, notice_id=notice.notice_id, tries=tries, due_at=due_at)
            await self._database.write(work)
            await self._note_failure(notice.profile, notice.notice_id, notice.kind, error, over)
            return
        await self._database.write(partial(_done, notice_id=notice.notice_id))

    def _pass_on(self, notice: Notice) -> None:
        """To the address that was left, or through the shop, which alone knows the account's."""
        address = read_address(notice.contact) if notice.contact else None
        if address is None:
            self._shop.send_notice(
                notice.profile,
                notice.account_id or "",
                notice_id=notice.notice_id,
                kind=notice.kind,
                channel=None,
                payload={name: str(value) for name, value in notice.payload.items()},
            )
            return
        self._delivery.send(
            Outgoing(
                notice_id=notice.notice_id,
                profile=notice.profile,
                kind=notice.kind,
                payload=notice.payload,
                order_number=None,
                addresses=(address,),
            )
        )

    async def _send_shops(self, outbox: ShopOutbox, notice: OutboxNotice) -> None:
        try:
            if "code" in notice.payload and notice.created_at < utc_now() - CODE_LIFETIME:
                raise NoticeNotSent("the code has expired", for_good=True)
            await asyncio.to_thread(self._delivery.send, _outgoing(notice))
        except NoticeNotSent as error:
            tries = notice.tries + 1
            over = error.for_good or tries >= self._rhythm.most_tries
            if over:
                await asyncio.to_thread(outbox.given_up, notice, self._rhythm.most_tries)
            else:
                self._not_before[notice.notice_id] = utc_now() + self._rhythm.pause(tries)
                await asyncio.to_thread(outbox.failed, notice)
            await self._note_failure(notice.profile, notice.notice_id, notice.kind, error, over)
            return
        await asyncio.to_thread(outbox.sent, notice, utc_now())

    async def _note_failure(
        self, profile: str, notice_id: str, kind: str, error: KefuError, over: bool
    ) -> None:
        reason = error.detail
        if not over:
            log.warning("notice not sent", notice_id=notice_id, kind=kind, reason=reason)
            return
        log.error("notice given up", notice_id=notice_id, kind=kind, reason=reason)
        row = Audit(
            profile=profile,
            at=utc_now(),
            actor="system",
            action="notice_given_up",
            subject=notice_id,
            detail={"kind": kind, "reason": reason},
        )
        await self._database.write(lambda session: session.add(row))


def _outgoing(notice: OutboxNotice) -> Outgoing:
    """To the phone that is to be bound, by the channel that was asked for, or e-mail first."""
    sms, email = ContactChannel.SMS, ContactChannel.EMAIL
    to = notice.payload.get("to")
    addresses = [
        *([Address(email, notice.email)] if notice.email else []),
        *([Address(sms, notice.phone)] if notice.phone else []),
    ]
    if to:
        addresses = [Address(sms, str(to))]
    elif notice.channel:
        addresses = [each for each in addresses if each.channel is notice.channel]
    return Outgoing(
        notice_id=notice.notice_id,
        profile=notice.profile,
        kind=notice.kind,
        payload={name: value for name, value in notice.payload.items() if name != "to"},
        order_number=notice.order_number,
        addresses=tuple(addresses),
    )


def _is_over(error: KefuError) -> bool:
    if isinstance(error, NoticeNotSent):
        return error.for_good
    return isinstance(error, ShopReadOnly | RuleRefused)


def _due(session: Session) -> list[Notice]:
    return list(
        session.scalars(
            select(Notice).where(Notice.due_at <= utc_now()).order_by(Notice.due_at).limit(BATCH)
        )
    )


def _done(session: Session, notice_id: str) -> None:
    row = session.get_one(Notice, notice_id)
    row.sent_at, row.due_at = utc_now(), None


def _missed(session: Session, notice_id: str, tries: int, due_at: datetime | None) -> None:
    row = session.get_one(Notice, notice_id)
    row.tries, row.due_at = tries, due_at
