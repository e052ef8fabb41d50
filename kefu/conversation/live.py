"""Wakes those who wait for a conversation's next event, and carries what is not stored.

Hints only: whoever is woken reads the database, and a lost hint costs seconds, never an event.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager

from kefu.store.tables import Document

# How long a lost hint may go unnoticed: another desk's commits are not heard here.
RECHECK = 3.0


class Listener:
    """One open poll or socket."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._passing: list[Document] = []

    def wake(self, passing: Document | None = None) -> None:
        if passing:
            self._passing.append(passing)
        self._woken.set()

    async def wait(self, seconds: float) -> list[Document]:
        """Return at a hint or after ``seconds``; the result is what passed by and is not stored."""
        try:
            await asyncio.wait_for(self._woken.wait(), max(0.0, seconds))
        except TimeoutError:
            return []
        self._woken.clear()
        passed, self._passing = self._passing, []
        return passed


class Live:
    """The listeners of this process, by conversation."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[Listener]] = defaultdict(set)
        self.closing = False

    @contextmanager
    def listen(self, conversation_id: str) -> Generator[Listener]:
        listener = Listener()
        self._listeners[conversation_id].add(listener)
        try:
            yield listener
        finally:
            self._listeners[conversation_id].discard(listener)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    def hint(self, conversation_id: str) -> None:
        """Something was committed in this conversation."""
        for listener in tuple(self._listeners.get(conversation_id, ())):
            listener.wake()

    def pass_by(self, conversation_id: str, event: Document) -> None:
        """Show ``event`` (typing, read, queue) to those who listen now; it has no ``seq``."""
        for listener in tuple(self._listeners.get(conversation_id, ())):
            listener.wake(event)

    def close(self) -> None:
        """Let every open poll and socket end."""
        self.closing = True
        for listeners in list(self._listeners.values()):
            for listener in tuple(listeners):
                listener.wake()
