"""Signs of life of the agents who use this desk."""

from __future__ import annotations

from functools import partial

from cachetools import TTLCache

from kefu.handoff import presence
from kefu.store.database import Database

# Within so many seconds a second sign says nothing new: the lease is three times as long.
KEPT = 5.0


class Beats:
    """Prolongs leases, at most once in ``KEPT`` seconds an agent."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._fresh = TTLCache[int, bool, float](10_000, KEPT)

    async def beat(self, staff_id: int) -> None:
        if staff_id in self._fresh:
            return
        await self._database.write(partial(presence.beat, staff_id=staff_id))
        self._fresh[staff_id] = True

    def forget(self, staff_id: int) -> None:
        """The next sign counts again at once."""
        self._fresh.pop(staff_id, None)
