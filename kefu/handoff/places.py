"""Where in the queue a shopper stands, and the news of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy.orm import Session

from kefu.conversation.live import Live
from kefu.conversation.state import State
from kefu.handoff import waits
from kefu.handoff.waits import Place
from kefu.profiles import Profiles
from kefu.store.base import Document
from kefu.store.database import Database, DatabaseUnavailable, shared_now
from kefu.store.tables import Conversation

log = structlog.get_logger("kefu.places")

# A range that changes while the place does not is told again after so many seconds.
RETOLD = 15.0


def places(session: Session, profiles: Profiles) -> list[Place]:
    """Everybody who waits, in order, with the range of the wait."""
    return list(waits.outlook(session, profiles, shared_now(session)).places)


def place_of(session: Session, profiles: Profiles, conversation: Conversation) -> Place | None:
    """The place of this conversation; ``None`` where it does not wait."""
    if conversation.state != State.WAITING:
        return None
    mine = conversation.conversation_id
    return next((each for each in places(session, profiles) if each.conversation_id == mine), None)


def as_event(place: Place) -> Document:
    """``wait_seconds`` is a range, while somebody is there to serve the group."""
    told = list(place.wait) if place.wait else None
    return {"type": "queue", "position": place.position, "wait_seconds": told}


class QueueNews:
    """Tells those who wait when they have moved up; each desk tells its own listeners."""

    def __init__(
        self,
        database: Database,
        live: Live,
        profiles: Profiles,
        *,
        interval: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._live = live
        self._profiles = profiles
        self._interval = interval
        self._clock = clock
        self._told: dict[str, tuple[Place, float]] = {}

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except DatabaseUnavailable as error:
                log.warning("places wait for the database", reason=error.code)
            await asyncio.sleep(self._interval)

    async def look(self) -> None:
        """Tell every shopper who listens what is new to them, and keep what they were told."""
        listened = set(self._live.shoppers())
        if not listened:
            return
        found = await self._database.read(partial(places, profiles=self._profiles))
        now = self._clock()
        waiting = {each.conversation_id: each for each in found}
        news = [
            place for key, place in waiting.items() if key in listened and self._is_news(place, now)
        ]
        # Kept first: a range that was told and not kept could not be judged.
        if any(place.wait for place in news):
            await self._database.write(partial(_keep, told=news))
        for place in news:
            self._told[place.conversation_id] = (place, now)
            self._live.heard(place.conversation_id, as_event(place))
        self._told = {key: told for key, told in self._told.items() if key in waiting}

    def _is_news(self, place: Place, now: float) -> bool:
        before = self._told.get(place.conversation_id)
        if before is None:
            return True
        told, at = before
        moved = (told.position, told.handoff_id) != (place.position, place.handoff_id)
        came = (told.wait is None) != (place.wait is None)
        return moved or came or (told.wait != place.wait and now - at >= RETOLD)


def _keep(session: Session, told: list[Place]) -> None:
    waits.note_told(session, told, shared_now(session))
