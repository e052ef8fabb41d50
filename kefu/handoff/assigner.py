"""Keeps giving waiting chats to agents for as long as the desk runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.states import State
from kefu.handoff.assigning import assign
from kefu.profiles import Profiles
from kefu.store.database import Database, DatabaseUnavailable
from kefu.store.tables import Conversation

log = structlog.get_logger("kefu.assigner")

# Between two rounds, in seconds: at least so long, and at most while nobody wakes it.
SHORTEST = 0.05
LONGEST = 1.0


class Assigner:
    """``wake`` it after anything was committed; other desks' commits are found by looking."""

    def __init__(self, database: Database, profiles: Profiles) -> None:
        self._database = database
        self._profiles = profiles
        self._woken = asyncio.Event()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.work_off()
            except DatabaseUnavailable as error:
                log.warning("assignment waits for the database", reason=error.code)
            except Exception:
                # One bad row must not keep everybody waiting for ever.
                log.exception("assignment failed")
            await asyncio.sleep(SHORTEST)
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    await self._woken.wait()

    async def work_off(self) -> int:
        """Assign until nothing is left that can be; how many chats went to agents."""
        total = 0
        while await self._database.read(_somebody_waits):
            given = await self._database.write(partial(assign, profiles=self._profiles))
            total += len(given)
            if not given:
                break
        return total


def _somebody_waits(session: Session) -> bool:
    waiting = select(Conversation.conversation_id).where(Conversation.state == State.WAITING.value)
    return session.scalar(waiting.limit(1)) is not None
