"""The board as it changes, read once for all sockets of a desk."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import structlog

from kefu.desk import board
from kefu.desk.board import Board
from kefu.profiles import Profiles
from kefu.store.database import Database, DatabaseUnavailable

log = structlog.get_logger("kefu.board")

INTERVAL = 1.0


class BoardNews:
    """Reads the board once a second for all sockets of this desk together."""

    def __init__(self, database: Database, profiles: Profiles) -> None:
        self._database = database
        self._profiles = profiles
        self._listeners: set[asyncio.Event] = set()
        self.latest: Board | None = None

    @contextmanager
    def listen(self) -> Generator[asyncio.Event]:
        """An event that is set whenever ``latest`` is new."""
        event = asyncio.Event()
        self._listeners.add(event)
        try:
            yield event
        finally:
            self._listeners.discard(event)

    async def run(self) -> None:
        while True:
            if self._listeners:
                try:
                    self.latest = await self._database.read(
                        partial(board.read, profiles=self._profiles)
                    )
                except DatabaseUnavailable as error:
                    log.warning("inboxes wait for the database", reason=error.code)
                else:
                    for event in tuple(self._listeners):
                        event.set()
            await asyncio.sleep(INTERVAL)
