"""Removes pictures that have been kept long enough. One desk does it for all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.attachments.files import PictureFiles
from kefu.conversation import workers
from kefu.store import leases
from kefu.store.database import Database, utc_now

log = structlog.get_logger("kefu.attachments")

LEASE = "attachments"
LEASE_LIFETIME = timedelta(minutes=10)
EVERY = timedelta(hours=1)
BATCH = 200
# Time enough to send what was chosen, and for a row to follow its files.
UNSENT_FOR = timedelta(days=1)


class PictureSweeper:
    """``run`` until it is cancelled."""

    def __init__(
        self, database: Database, files: PictureFiles, *, kept_for: timedelta, holder: str
    ) -> None:
        self._database = database
        self._files = files
        self._kept_for = kept_for
        self._holder = holder

    async def run(self) -> None:
        while True:
            try:
                if await self._holds_lease():
                    await self.sweep()
            except Exception:
                log.exception("pictures could not be swept")
            await asyncio.sleep(EVERY.total_seconds())

    async def sweep(self) -> int:
        """Remove what has outlived its time, and files that no row knows; how many pictures."""
        removed = 0
        while batch := await self._database.write(partial(_forget, kept_for=self._kept_for)):
            for profile, attachment_id in batch:
                await asyncio.to_thread(self._files.remove, profile, attachment_id)
            removed += len(batch)
        removed += await self._remove_strays()
        if removed:
            log.info("pictures removed", count=removed)
        return removed

    async def _holds_lease(self) -> bool:
        take = partial(
            leases.take,
            name=LEASE,
            holder=self._holder,
            lifetime=LEASE_LIFETIME,
            is_dead=workers.is_dead,
        )
        return await self._database.write(take)

    async def _remove_strays(self) -> int:
        moment = utc_now() - UNSENT_FOR
        found = await asyncio.to_thread(lambda: sorted(set(self._files.written_before(moment))))
        removed = 0
        for start in range(0, len(found), BATCH):
            batch = found[start : start + BATCH]
            ids = [attachment_id for _, attachment_id in batch]
            known = await self._database.read(partial(rows.known, attachment_ids=ids))
            strays = [each for each in batch if each[1] not in known]
            await asyncio.to_thread(self._remove_all, strays)
            removed += len(strays)
        return removed

    def _remove_all(self, strays: Sequence[tuple[str, str]]) -> None:
        for profile, attachment_id in strays:
            self._files.remove_drafts(profile, attachment_id)


def _forget(session: Session, kept_for: timedelta) -> list[tuple[str, str]]:
    now = utc_now()
    found = rows.outlived(session, unsent=now - UNSENT_FOR, sent=now - kept_for, limit=BATCH)
    rows.remove(session, [each.attachment_id for each in found])
    return [(each.profile, each.attachment_id) for each in found]
