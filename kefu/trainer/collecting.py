"""Fills the inbox from what happens in the talks. One desk does it for all."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.profiles import Profiles
from kefu.store import leases
from kefu.store.database import Database, lock_name
from kefu.trainer import sources
from kefu.trainer.gathering import Groups

log = structlog.get_logger("kefu.trainer")

LEASE = "trainer-inbox"
LEASE_LIFETIME = timedelta(minutes=2)
EVERY = timedelta(seconds=20)
# A batch is one transaction, and on SQLite turns wait behind it: it stays short, and between two
# of them others get their turn.
BATCH = 40
BREATH = 0.1

SOURCES = (sources.read_turns, sources.read_ratings, sources.read_corrections)


class InboxCollector:
    """``run`` until it is cancelled."""

    def __init__(self, database: Database, profiles: Profiles, holder: str) -> None:
        self._database = database
        self._profiles = profiles
        self._holder = holder
        self._groups: Groups | None = None
        self._tried: Groups | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.collect()
            except Exception:
                log.exception("the inbox could not be filled")
            await asyncio.sleep(EVERY.total_seconds())

    async def collect(self) -> int:
        """Take up all that is new, if no other desk does; how many rows were read."""
        total = 0
        while await self._holds_lease():
            read = await self._database.write(self._batch)
            self._groups = self._tried
            total += read
            if read == 0:
                return total
            await asyncio.sleep(BREATH)
        self._groups = None
        return total

    def _batch(self, session: Session) -> int:
        # Should a lease run out in the middle, two desks must not count one message twice.
        lock_name(session, LEASE)
        # Kept only once the batch is committed: what it adds must not outlive its transaction.
        groups, self._groups = self._groups or Groups.read(session), None
        self._tried = groups
        return sum(source(session, self._profiles, groups, BATCH) for source in SOURCES)

    async def _holds_lease(self) -> bool:
        take = partial(
            leases.take,
            name=LEASE,
            holder=self._holder,
            lifetime=LEASE_LIFETIME,
            is_dead=workers.is_dead,
        )
        return await self._database.write(take)
