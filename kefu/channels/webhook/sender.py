"""Brings events to the shops' servers: those of a talk in order, talks side by side.

Each event leaves at least once and carries the same id whenever it is sent again. What one server
does not take delays neither other talks nor other brands.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from kefu.attachments.addresses import Addresses
from kefu.channels.webhook import cursor, outgoing
from kefu.channels.webhook.cursor import Held
from kefu.channels.webhook.errors import EventNotTaken
from kefu.channels.webhook.receiver import TIMEOUT, Receiver
from kefu.conversation import events, workers
from kefu.profiles import Profile, Profiles
from kefu.store.base import Document
from kefu.store.database import Database, DatabaseUnavailable

log = structlog.get_logger("kefu.webhook")

PAGE = 50


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: ``pauses`` between tries, the last one ever again; ``patience``, if it is not
    the profile's own, is how long an event is tried. ``alive``: a server that took something within
    it is well. ``lease`` is longer than ``timeout``, which one exchange may take. ``at_once``: how
    many talks of a brand one desk works on.
    """

    pauses: Sequence[float] = (1, 5, 30, 120, 600)
    patience: float | None = None
    alive: float = 3600.0
    sweep: float = 1.0
    revival: float = 5.0
    lease: float = 30.0
    timeout: float = TIMEOUT
    at_once: int = 16

    def pause(self, tries: int) -> timedelta:
        """How long to wait after that many tries."""
        return timedelta(seconds=self.pauses[min(tries, len(self.pauses)) - 1])


class WebhookSenders:
    """One for each brand that has a server. ``run`` until cancelled; ``wake`` after a commit."""

    def __init__(
        self,
        database: Database,
        profiles: Profiles,
        addresses: Addresses,
        *,
        holder: str,
        rhythm: Rhythm | None = None,
    ) -> None:
        self._database = database
        self._holder = holder
        rhythm = rhythm or Rhythm()
        self._senders = [
            WebhookSender(database, profile, key, addresses, holder=holder, rhythm=rhythm)
            for profile in profiles
            if profile.webhook_channel and (key := profile.webhook_channel.key())
        ]
        for profile in profiles:
            channel = profile.webhook_channel
            if channel and channel.key() is None:
                variable = channel.key_env
                log.info("webhook channel is off", profile=profile.profile, not_set=variable)

    def wake(self) -> None:
        for sender in self._senders:
            sender.wake()

    async def run(self) -> None:
        if not self._senders:
            return
        await self._take_over()
        async with asyncio.TaskGroup() as group:
            for sender in self._senders:
                group.create_task(sender.run())

    async def give_back(self) -> None:
        """Let another desk go on at once."""
        if not self._senders:
            return
        try:
            await self._database.write(partial(cursor.give_back, holder=self._holder))
        except DatabaseUnavailable as error:
            log.warning("the leases run out by themselves", reason=error.code)

    async def _take_over(self) -> None:
        """What dead desks of this machine held is free at once."""
        try:
            for holder in await self._database.read(cursor.holders):
                if holder != self._holder and workers.is_dead(holder):
                    await self._database.write(partial(cursor.give_back, holder=holder))
        except DatabaseUnavailable as error:
            log.warning("the leases run out by themselves", reason=error.code)


class WebhookSender:
    """Delivers what is said in one brand's talks."""

    def __init__(
        self,
        database: Database,
        profile: Profile,
        key: str,
        addresses: Addresses,
        *,
        holder: str,
        rhythm: Rhythm,
    ) -> None:
        channel = profile.webhook_channel
        assert channel is not None
        self._database = database
        self._profile = profile.profile
        self._addresses = addresses
        self._holder = holder
        self._rhythm = rhythm
        self._lease = timedelta(seconds=rhythm.lease)
        patience = rhythm.patience or channel.give_up_hours * 3600
        self._patience = timedelta(seconds=patience)
        self._receiver = Receiver(channel.url, key, at_once=rhythm.at_once, timeout=rhythm.timeout)
        self._woken = asyncio.Event()
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._revived = -math.inf

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        try:
            while True:
                self._woken.clear()
                try:
                    await self._revive()
                    await self._take_up()
                except DatabaseUnavailable as error:
                    log.warning("deliveries wait for the database", reason=error.code)
                except Exception:
                    log.exception("deliveries could not be looked after", profile=self._profile)
                # Not `wait_for`: on Python 3.11 it loses a cancellation that comes with the wake.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._rhythm.sweep):
                        await self._woken.wait()
        finally:
            tasks = [*self._serving.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._receiver.close()

    async def _take_up(self) -> None:
        where = {"profile": self._profile, "holder": self._holder}
        while free := self._rhythm.at_once - len(self._serving):
            busy = list(self._serving)
            if not await self._database.read(partial(cursor.due, **where, busy=busy)):
                return
            take = partial(cursor.take, **where, busy=busy, lease=self._lease, limit=free)
            for held in await self._database.write(take):
                task = asyncio.create_task(self._serve(held))
                self._serving[held.conversation_id] = task

    async def _serve(self, held: Held) -> None:
        try:
            await self._deliver(held)
        except DatabaseUnavailable as error:
            # The row is still held by this desk, which takes it up again.
            log.warning(
                "delivery interrupted", conversation_id=held.conversation_id, reason=error.code
            )
        except Exception:
            log.exception("delivery interrupted", conversation_id=held.conversation_id)
            # Not at once: what broke may well break again.
            await asyncio.sleep(self._rhythm.pauses[0])
        finally:
            del self._serving[held.conversation_id]
            self.wake()

    async def _deliver(self, held: Held) -> None:
        """All events of a talk behind its cursor, one after another."""
        seen = held.delivered_seq
        more = True
        while more:
            read = partial(
                events.since, conversation_id=held.conversation_id, after=seen, limit=PAGE
            )
            for event in await self._database.read(read):
                seen = event["seq"]
                if outgoing.concerns_server(event) and not await self._send(held, event):
                    return
            finish = partial(cursor.finish, held=held, holder=self._holder, seen=seen)
            more = await self._database.write(finish)

    async def _send(self, held: Held, event: Document) -> bool:
        """``False``: not taken, or no longer this desk's to send."""
        (shown,) = self._addresses.for_shopper([event])
        envelope = outgoing.envelope(self._profile, held.conversation_id, held.user_id, shown)
        try:
            await self._receiver.send(envelope)
        except EventNotTaken as error:
            await self._miss(held, event["seq"], error)
            return False
        return await self._database.write(
            partial(
                cursor.taken,
                held=held,
                holder=self._holder,
                seq=event["seq"],
                lease=self._lease,
            )
        )

    async def _miss(self, held: Held, seq: int, error: EventNotTaken) -> None:
        missed = await self._database.write(
            partial(
                cursor.missed,
                held=held,
                holder=self._holder,
                seq=seq,
                reason=error.detail,
                pause=self._rhythm.pause,
                patience=self._patience,
                alive=timedelta(seconds=self._rhythm.alive),
            )
        )
        about = {
            "profile": self._profile,
            "conversation_id": held.conversation_id,
            "seq": seq,
            "tries": missed.tries,
            "reason": error.detail,
        }
        if missed.outcome == "paused":
            log.error("delivery paused", **about)
        elif missed.outcome == "skipped":
            log.error("event left out", **about)
        elif missed.tries.bit_count() == 1:
            # Tries 1, 2, 4, 8, …: a long outage shall not fill the log.
            log.warning("event not taken", **about)

    async def _revive(self) -> None:
        now = time.monotonic()
        if now < self._revived + self._rhythm.revival:
            return
        self._revived = now
        if not await self._database.read(partial(cursor.has_paused, profile=self._profile)):
            return
        revived = await self._database.write(partial(cursor.revive, profile=self._profile))
        if revived:
            log.info("deliveries go on", profile=self._profile, conversations=revived)
