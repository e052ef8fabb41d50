"""Wakes those who wait for a conversation's next event, and carries what is not stored.

Hints only: whoever is woken reads the database. A hint that is lost costs a moment, never an
event, because ``Poller`` looks for what no hint told of.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from functools import partial

import structlog
from cachetools import LRUCache

from kefu.conversation import events
from kefu.store.database import Database, DatabaseUnavailable
from kefu.store.tables import Document

# Conversations, by side, whose last ``read`` is kept in mind.
READ_MARKS = 20_000

log = structlog.get_logger("kefu.live")

Tell = Callable[[str, Document | None], None]


class Listener:
    """One open poll or socket. ``seen`` is the ``seq`` of the last event it has delivered.

    ``shopper``: it is the shopper's own, and not one of the staff's.
    """

    def __init__(self, seen: int, *, shopper: bool = False) -> None:
        self.seen = seen
        self.shopper = shopper
        self._woken = asyncio.Event()
        self._passing: list[Document] = []

    def wake(self, passing: Document | None = None) -> None:
        if passing:
            self._passing.append(passing)
        self._woken.set()

    async def wait(self, seconds: float | None = None) -> list[Document]:
        """Return at a hint or after ``seconds``; the result is what passed by and is not stored."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        passed, self._passing = self._passing, []
        return passed


class Live:
    """The listeners of this desk, by conversation. ``tell`` passes hints on to other desks."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self._read: LRUCache[tuple[str, str], int] = LRUCache(READ_MARKS)
        self.tell: Tell | None = None
        self.closing = False

    @contextmanager
    def listen(
        self, conversation_id: str, seen: int = 0, *, shopper: bool = False
    ) -> Generator[Listener]:
        listener = Listener(seen, shopper=shopper)
        self._listeners[conversation_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[conversation_id].discard(listener)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    def hint(self, conversation_id: str) -> None:
        """Something was committed in this conversation by this desk."""
        self.heard(conversation_id)
        if self.tell:
            self.tell(conversation_id, None)

    def pass_by(self, conversation_id: str, event: Document) -> None:
        """Show ``event`` (typing, read, queue) to those who listen now; it has no ``seq``."""
        self.heard(conversation_id, event)
        if self.tell:
            self.tell(conversation_id, event)

    def heard(self, conversation_id: str, event: Document | None = None) -> None:
        """A hint has come, from this desk or another."""
        if event and event["type"] == "read":
            by = event["from"]
            self._read[conversation_id, by] = max(
                event["up_to"], self.read_up_to(conversation_id, by)
            )
        for listener in tuple(self._listeners.get(conversation_id, ())):
            listener.wake(event)

    def read_up_to(self, conversation_id: str, by: str = "shopper") -> int:
        """The ``seq`` up to which that side's screen has shown the talk, as far as is known."""
        return self._read.get((conversation_id, by), 0)

    def listened(self) -> list[str]:
        """The conversations that somebody listens to."""
        return list(self._listeners)

    def shoppers(self) -> list[str]:
        """The conversations to which the shopper listens."""
        return [
            conversation_id
            for conversation_id, listeners in self._listeners.items()
            if any(listener.shopper for listener in listeners)
        ]

    def catch_up(self, newest: Mapping[str, int]) -> None:
        """Wake those who have not delivered the newest ``seq`` of their conversation."""
        for conversation_id, seq in newest.items():
            for listener in tuple(self._listeners.get(conversation_id, ())):
                if listener.seen < seq:
                    listener.wake()

    def close(self) -> None:
        """Let every open poll and socket end."""
        self.closing = True
        for listeners in list(self._listeners.values()):
            for listener in tuple(listeners):
                listener.wake()


class Poller:
    """Asks the database, in one query for all listeners, what no hint has told.

    ``interval`` seconds apart while desks cannot hear each other, ``seldom`` apart while they can.
    """

    def __init__(
        self, database: Database, live: Live, *, interval: float = 1.0, seldom: float = 10.0
    ) -> None:
        self._database = database
        self._live = live
        self._interval = interval
        self._seldom = seldom
        self._heard = False
        self._changed = asyncio.Event()

    def set_heard(self, heard: bool) -> None:
        """Other desks' hints arrive from now on, or no longer."""
        self._heard = heard
        # At once: whatever was committed around the change may have been told to nobody.
        self._changed.set()

    async def run(self) -> None:
        while True:
            self._changed.clear()
            await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seldom if self._heard else self._interval):
                    await self._changed.wait()

    async def _look(self) -> None:
        listened = self._live.listened()
        if not listened:
            return
        try:
            newest = await self._database.read(partial(events.newest, conversation_ids=listened))
        except DatabaseUnavailable as error:
            log.warning("events wait for the database", reason=error.code)
            return
        self._live.catch_up(newest)
