"""Events on their way to a shop's server: in order, at least once, given up and taken up again."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from kefu.attachments.addresses import Addresses
from kefu.channels.webhook import cursor, talks
from kefu.channels.webhook.bodies import User
from kefu.channels.webhook.errors import EventNotTaken
from kefu.channels.webhook.receiver import Receiver as Door
from kefu.channels.webhook.sender import Rhythm, WebhookSenders
from kefu.channels.webhook.talks import Incoming, Stored
from kefu.conversation import events, messages
from kefu.profiles import Profiles, load_profiles
from kefu.store.channel_tables import WebhookDelivery
from kefu.store.database import Database, utc_now
from kefu.store.tables import Audit
from tests.notice_servers import http_service
from tests.webhook_stage import (
    KEY,
    KEY_ENV,
    OTHER_KEY_ENV,
    Receiver,
    profiles_with_channel,
    receiver,
)

Json = dict[str, Any]

QUICK = Rhythm(
    pauses=(0.05, 0.1), patience=600, sweep=0.02, revival=0.02, lease=30, timeout=3, at_once=4
)
# Gives up at the first failure.
IMPATIENT = replace(QUICK, patience=1e-6)
ADDRESSES = Addresses(b"k" * 32)
LEASE = timedelta(seconds=30)


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def profiles(tmp_path: Path, server: Receiver, monkeypatch: pytest.MonkeyPatch) -> Profiles:
    monkeypatch.setenv(KEY_ENV, KEY)
    return load_profiles(profiles_with_channel(tmp_path, server.url))


class Talks:
    """Users who write, and the bot that tells them things; nobody is woken by it."""

    def __init__(self, database: Database, profiles: Profiles) -> None:
        self.database = database
        self.profiles = profiles
        self.written = 0

    async def write(self, user_id: str, profile: str = "demo") -> str:
        """A message of a user's; the talk's id."""
        self.written += 1
        incoming = Incoming(
            user=User(id=user_id),
            message_id=f"m{self.written}",
            sent_at=None,
            context={},
            user_key="0" * 64,
            store=self._store,
        )
        brand = self.profiles[profile]
        accept = partial(talks.accept, profile=brand, message=incoming)
        stored: Stored = await self.database.write(accept)
        return stored.conversation_id

    def _store(self, session: Session, conversation_id: str) -> messages.Accepted:
        brand = self.profiles["demo"]
        return messages.accept(session, conversation_id, f"c{self.written}", brand, text="您好")

    async def tell(self, conversation_id: str, *texts: str) -> None:
        def work(session: Session) -> None:
            conversation = events.lock(session, conversation_id)
            for text in texts:
                events.say(session, conversation, text)

        await self.database.write(work)

    async def row(self, conversation_id: str) -> WebhookDelivery:
        return await self.database.read(
            lambda session: session.get_one(WebhookDelivery, conversation_id)
        )

    async def audits(self) -> list[tuple[str, str, int]]:
        rows = await self.database.read(
            lambda session: session.scalars(
                select(Audit).where(Audit.actor == "system").order_by(Audit.audit_id)
            ).all()
        )
        return [(row.action, row.subject, row.detail["seq"]) for row in rows]


@pytest.fixture
def world(database: Database, profiles: Profiles) -> Talks:
    return Talks(database, profiles)


@asynccontextmanager
async def sending(
    world: Talks, rhythm: Rhythm = QUICK, holder: str = "elsewhere/0:1:a"
) -> AsyncIterator[WebhookSenders]:
    senders = WebhookSenders(
        world.database, world.profiles, ADDRESSES, holder=holder, rhythm=rhythm
    )
    task = asyncio.create_task(senders.run())
    try:
        yield senders
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await senders.give_back()


async def until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


async def until_idle(world: Talks, conversation_id: str, seconds: float = 20) -> WebhookDelivery:
    """Wait until there is nothing more to deliver."""
    end = time.monotonic() + seconds
    while (row := await world.row(conversation_id)).due_at is not None:
        assert time.monotonic() < end, "still due"
        await asyncio.sleep(0.02)
    return row


async def test_events_arrive_in_order_and_once_whoever_sends_them(
    world: Talks, server: Receiver
) -> None:
    ids = [await world.write(f"o{number}") for number in range(6)]
    async with sending(world, holder="elsewhere/0:1:a"), sending(world, holder="elsewhere/0:1:b"):
        for number in range(8):
            await asyncio.gather(*(world.tell(each, f"第{number}句") for each in ids))
        for each in ids:
            await until(lambda each=each: server.seqs(each)[-1:] == [10])
            row = await until_idle(world, each)
            assert (row.delivered_seq, row.holder, row.tries) == (10, None, 0)
    for each in ids:
        assert server.seqs(each) == [1, *range(3, 11)], "the shopper's own is left out"
    assert len(server.tried) == len(server.taken)


async def test_what_is_said_while_the_last_is_sent_is_not_forgotten(
    world: Talks, server: Receiver
) -> None:
    """The end of a delivery and a new event race for the row: none may be left without ``due``."""
    talk = await world.write("o1")
    async with sending(world):
        for number in range(40):
            await world.tell(talk, f"第{number}句")
        await until(lambda: server.seqs(talk)[-1:] == [42])
    assert server.seqs(talk) == [1, *range(3, 43)]


async def test_a_failure_is_tried_again_and_keeps_the_order(world: Talks, server: Receiver) -> None:
    talk = await world.write("o1")
    await world.tell(talk, "一", "二")
    answers = iter([500, 302, 404, 429, 503])
    server.behave = lambda _: next(answers, 200)
    async with sending(world):
        await until(lambda: server.seqs(talk) == [1, 3, 4])
        await until_idle(world, talk)
    first = [each["event_id"] for each in server.tried[:6]]
    assert set(first) == {f"{talk}:1"}, "nothing overtakes, no redirect is followed"
    assert [headers["Idempotency-Key"] for headers in server.headers][:6] == first
    assert await world.audits() == []


async def test_a_server_that_is_away_gets_everything_when_it_is_back(
    world: Talks, server: Receiver
) -> None:
    ids = [await world.write(f"o{number}") for number in range(3)]
    server.stop()
    async with sending(world):
        for each in ids:
            await world.tell(each, "您在吗", "我们在")
        with capture_logs() as logs:
            while (await world.row(ids[0])).tries < 3:
                await asyncio.sleep(0.01)
        assert "您在吗" not in str(logs)
        assert "o0" not in str(logs)
        server.start()
        for each in ids:
            await until(lambda each=each: server.seqs(each) == [1, 3, 4])


async def test_one_talk_that_is_not_taken_holds_up_no_other(world: Talks, server: Receiver) -> None:
    stuck = [await world.write(f"stuck{number}") for number in range(3)]
    well = await world.write("well")
    let_go = threading.Event()

    def behave(envelope: Json) -> int:
        if envelope["conversation_id"] in stuck:
            let_go.wait(30)
            return 500
        return 200

    server.behave = behave
    async with sending(world, replace(QUICK, timeout=30)):
        await until(lambda: len(server.tried) >= 4)
        await world.tell(well, "您好")
        await until(lambda: server.seqs(well) == [1, 3])
        assert not any(server.seqs(each) for each in stuck)
        let_go.set()


async def test_a_brand_whose_server_hangs_holds_up_no_other_brand(
    world: Talks, server: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    with receiver() as other:
        path = world.profiles["tp"].webhook_channel
        assert path
        monkeypatch.setenv(OTHER_KEY_ENV, KEY)
        moved = tmp_path / "data" / "profiles" / "tp.yml"
        moved.write_text(moved.read_text("utf-8").replace(server.url, other.url), "utf-8")
        world.profiles = load_profiles(moved.parent)
        server.behave = lambda _: 200 if let_go.wait(30) else 500
        hanging = [await world.write(f"o{number}") for number in range(8)]
        async with sending(world, replace(QUICK, timeout=30)):
            await until(lambda: len(server.tried) == QUICK.at_once)
            well = await world.write("o1", "tp")
            await until(lambda: other.seqs(well) == [1])
            let_go.set()
            await until(lambda: all(server.seqs(each) for each in hanging))


async def test_a_server_that_is_away_too_long_is_given_up_and_taken_up_again(
    world: Talks, server: Receiver
) -> None:
    talk = await world.write("o1")
    server.behave = lambda _: 503
    with capture_logs() as logs:
        async with sending(world, IMPATIENT):
            await until(lambda: any(line["event"] == "event not taken" for line in logs))
            row = await until_idle(world, talk)
            tried = len(server.tried)
            assert row.paused_at is not None
            assert row.delivered_seq == 0
            assert any(line["event"] == "delivery paused" for line in logs)
            assert await world.audits() == [(cursor.PAUSED, talk, 1)]
            server.behave = lambda _: 200
            # It takes another's event: that is how it shows to be back.
            other = await world.write("o2")
            await until(lambda: server.seqs(talk) == [1])
            await until(lambda: server.seqs(other) == [1])
            row = await until_idle(world, talk)
            assert (row.paused_at, row.failing_since, row.tries) == (None, None, 0)
    assert tried == 2, "once, and once when the patience was over"


async def test_a_paused_talk_is_tried_once_when_something_new_is_said(
    world: Talks, server: Receiver
) -> None:
    talk = await world.write("o1")
    server.behave = lambda _: 503
    async with sending(world, IMPATIENT):
        await until_paused(world, talk)
        tried = len(server.tried)
        await world.tell(talk, "还在吗")
        await until(lambda: len(server.tried) == tried + 1)
        await until_paused(world, talk)
        server.behave = lambda _: 200
        await world.tell(talk, "您好")
        await until(lambda: server.seqs(talk) == [1, 3, 4])
    assert await world.audits() == [(cursor.PAUSED, talk, 1)], "told once"


async def until_paused(world: Talks, conversation_id: str) -> None:
    assert (await until_idle(world, conversation_id)).paused_at is not None


async def test_a_server_that_says_it_is_back_is_sent_everything_at_once(
    world: Talks, server: Receiver
) -> None:
    slow = replace(QUICK, pauses=(3600,))
    talk = await world.write("o1")
    server.behave = lambda _: 503
    async with sending(world, slow) as senders:
        await until(lambda: server.tried)
        while (await world.row(talk)).tries == 0:
            await asyncio.sleep(0.01)
        server.behave = lambda _: 200
        begun = await world.database.write(partial(cursor.begin_anew, profile="demo"))
        assert begun == 1
        senders.wake()
        await until(lambda: server.seqs(talk) == [1])


async def test_an_event_that_a_well_server_never_takes_is_left_out_and_noted(
    world: Talks, server: Receiver
) -> None:
    talk, other = await world.write("o1"), await world.write("o2")
    await world.tell(talk, "一", "二")
    server.behave = lambda envelope: 500 if envelope["event_id"] == f"{talk}:3" else 200
    async with sending(world, replace(QUICK, patience=0.5)):
        await until(lambda: server.seqs(other) == [1])
        await until(lambda: server.seqs(talk) == [1, 4])
    assert await world.audits() == [(cursor.SKIPPED, talk, 3)]
    assert [each["event_id"] for each in server.tried].count(f"{talk}:3") >= 3


async def test_a_desk_that_died_after_the_post_has_the_event_sent_again(
    world: Talks, server: Receiver
) -> None:
    talk = await world.write("o1")
    await world.tell(talk, "一")
    dead = "elsewhere/0:1:dead"
    take = partial(cursor.take, profile="demo", holder=dead, busy=[], lease=LEASE, limit=9)
    (held,) = await world.database.write(take)
    server.taken.append({"conversation_id": talk, "event": {"seq": 1}, "event_id": f"{talk}:1"})
    async with sending(world):
        other = await world.write("o2")
        await until(lambda: server.seqs(other) == [1])
        assert not any(each["conversation_id"] == talk for each in server.tried), "its lease holds"
        await world.database.write(expire)
        await until(lambda: server.seqs(talk) == [1, 1, 3])
        async with asyncio.timeout(10):
            while (await world.row(talk)).delivered_seq != 3:
                await asyncio.sleep(0.02)
    late = partial(cursor.taken, held=held, holder=dead, seq=1, lease=LEASE)
    assert not await world.database.write(late), "what it still says comes to nothing"
    late_end = partial(cursor.finish, held=held, holder=dead, seen=1)
    assert not await world.database.write(late_end)


def expire(session: Session) -> None:
    past = utc_now() - timedelta(seconds=1)
    session.execute(update(WebhookDelivery).values(lease_until=past))


async def test_two_desks_never_hold_one_talk(world: Talks) -> None:
    ids = {await world.write(f"o{number}") for number in range(6)}
    held = await asyncio.gather(
        *(
            world.database.write(
                partial(cursor.take, profile="demo", holder=name, busy=[], lease=LEASE, limit=2)
            )
            for name in "abcdef"
        )
    )
    taken = [each.conversation_id for one in held for each in one]
    assert len(taken) == len(set(taken))
    assert set(taken) <= ids
    more = partial(cursor.take, profile="demo", holder="g", busy=[], lease=LEASE, limit=9)
    taken += [each.conversation_id for each in await world.database.write(more)]
    assert sorted(taken) == sorted(ids)


async def test_a_desk_that_stops_gives_its_talks_back(world: Talks, server: Receiver) -> None:
    talk = await world.write("o1")
    let_go = threading.Event()
    server.behave = lambda _: 200 if let_go.wait(30) else 500
    async with sending(world, replace(QUICK, timeout=30)):
        await until(lambda: server.tried)
    assert (await world.row(talk)).holder is None
    let_go.set()
    async with sending(world, holder="elsewhere/0:1:b"):
        await until(lambda: server.seqs(talk)[-1:] == [1])
        await until_idle(world, talk)


async def test_certificates_are_checked_and_no_answer_is_an_error() -> None:
    with http_service() as service:
        plain = Door(service.url.replace("http:", "https:"), KEY, at_once=1)
        with pytest.raises(EventNotTaken, match="no answer"):
            await plain.send({"event_id": "a:1"})
        await plain.close()
        service.statuses = [302]
        door = Door(service.url, KEY, at_once=1)
        with pytest.raises(EventNotTaken, match="302"):
            await door.send({"event_id": "a:1"})
        await door.close()
        assert len(service.received) == 1
    gone = Door("http://127.0.0.1:1/", KEY, at_once=1)
    with pytest.raises(EventNotTaken, match="ConnectError"):
        await gone.send({"event_id": "a:1"})
    await gone.close()


async def test_an_answer_that_does_not_end_is_no_answer() -> None:
    ended = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b".")
            await asyncio.sleep(0.05)
        ended.set()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    door = Door(f"http://127.0.0.1:{port}/", KEY, at_once=1, timeout=0.5)
    with pytest.raises(EventNotTaken, match="within"):
        await door.send({"event_id": "a:1"})
    await door.close()
    await asyncio.wait_for(ended.wait(), 10)
    server.close()
