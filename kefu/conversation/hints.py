"""Hints between the desks of one database, through Redis pub/sub.

Redis carries nothing that counts: a conversation's id, and events that are not stored. Whether
hints arrive is proved by hearing one's own again; where they do not, the desk polls the database.
"""

# redis-py's own annotations are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from kefu.background import until_first_ends
from kefu.conversation.live import Live
from kefu.store.tables import Document

log = structlog.get_logger("kefu.hints")

# A desk says something every BEAT seconds; it is deaf if it has not heard itself for DEAF_AFTER.
BEAT = 1.0
DEAF_AFTER = 4.0
PAUSES = (0.2, 0.5, 1.0, 2.0)
MOST_PASSING = 1000


class PassingEvent(BaseModel):
    """What may pass through Redis besides ids: never anything that is said or shown for long."""

    model_config = ConfigDict(extra="allow")

    type: Literal["typing", "read", "queue", "draft", "note"]


class _Word(BaseModel):
    """What one desk says to the others."""

    desk: str
    changed: list[str] = []
    passing: list[tuple[str, PassingEvent]] = []


class Deaf(RedisError):
    """Nothing comes back, not even what this desk has said itself."""


class RedisHints:
    """``run`` until it is cancelled. ``on_change`` is told when hints begin or cease to arrive."""

    def __init__(
        self,
        url: str,
        channel: str,
        desk: str,
        live: Live,
        on_change: Callable[[bool], None],
        *,
        beat: float = BEAT,
        deaf_after: float = DEAF_AFTER,
    ) -> None:
        self.arriving = False
        self._url = url
        self._channel = channel
        self._desk = desk
        self._live = live
        self._on_change = on_change
        self._beat = beat
        self._deaf_after = deaf_after
        self._changed: dict[str, None] = {}
        self._passing: deque[tuple[str, PassingEvent]] = deque(maxlen=MOST_PASSING)
        self._something = asyncio.Event()

    def tell(self, conversation_id: str, event: Document | None) -> None:
        """Tell the other desks soon; while Redis is away nothing is kept for it."""
        passing = PassingEvent.model_validate(event) if event else None
        if not self.arriving:
            return
        if passing:
            self._passing.append((conversation_id, passing))
        else:
            self._changed[conversation_id] = None
        self._something.set()

    async def run(self) -> None:
        failures = 0
        while True:
            try:
                await self._hold()
            except (RedisError, OSError) as error:
                failures = 1 if self.arriving else failures + 1
                self._lose(error, first=failures == 1)
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES)) - 1])

    async def _hold(self) -> None:
        """Hear and speak until the connection fails."""
        # Of one's own accord: the client's retries would hide how long Redis has been away.
        redis = Redis.from_url(
            self._url,
            socket_connect_timeout=2.0,
            socket_timeout=2.0,
            retry=Retry(NoBackoff(), 0),
        )
        async with redis, redis.pubsub() as ear:
            await ear.subscribe(self._channel)
            await until_first_ends(self._hear(ear), self._speak(redis))

    async def _hear(self, ear: PubSub) -> None:
        heard_at = time.monotonic()
        while True:
            message = await ear.get_message(ignore_subscribe_messages=True, timeout=self._beat)
            if message and self._take(message["data"] or b""):
                heard_at = time.monotonic()
            elif time.monotonic() > heard_at + self._deaf_after:
                raise Deaf("nothing comes back from Redis")

    def _take(self, data: str | bytes) -> bool:
        """Pass on what another desk says; ``True``: it was this desk itself."""
        try:
            word = _Word.model_validate_json(data)
        except ValidationError:
            log.warning("not a hint", channel=self._channel)
            return False
        if word.desk == self._desk:
            if not self.arriving:
                self.arriving = True
                log.info("hints arrive")
                self._on_change(True)
            return True
        for conversation_id in word.changed:
            self._live.heard(conversation_id)
        for conversation_id, event in word.passing:
            self._live.heard(conversation_id, event.model_dump())
        return False

    async def _speak(self, redis: Redis) -> None:
        while True:
            self._something.clear()
            word = _Word(desk=self._desk, changed=list(self._changed), passing=list(self._passing))
            self._changed.clear()
            self._passing.clear()
            await redis.publish(self._channel, word.model_dump_json())
            with suppress(TimeoutError):
                async with asyncio.timeout(self._beat):
                    await self._something.wait()

    def _lose(self, error: Exception, *, first: bool) -> None:
        if first:
            log.warning("redis away, polling the database", reason=type(error).__name__)
        self._changed.clear()
        self._passing.clear()
        if self.arriving:
            self.arriving = False
            self._on_change(False)
