"""More messages than can be answered, for a while: they are refused or wait, none is lost."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.load.kefu import Served
from benchmarks.load.shoppers import API, TEXTS, line, open_session
from kefu.conversation import events
from kefu.store.database import connect
from kefu.store.tables import Message, Turn
from tests.invariants import EMPTY, Client, Invariants

Json = dict[str, Any]
SHOPPERS = 160
DRAINED_WITHIN = 300.0
UNANSWERED = ("pending", "turn")


@dataclass
class _Sent:
    """What the shoppers were answered with."""

    statuses: Counter[str] = field(default_factory=Counter)
    accepted_ms: list[float] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)


async def overload(served: Served, rate: float, seconds: float) -> Json:
    """Offer ``rate`` messages a second without waiting for answers; then wait for all of them.

    On a Kefu of its own: the shoppers are demo accounts that have said nothing yet.
    Raises ``AssertionError`` if an accepted message is lost, doubled, out of order or unanswered.
    """
    truth, sent = Invariants(served.desk_url, served.shop_url), _Sent()
    base = served.stack.base_url
    async with line() as http:
        sessions = [
            await open_session(http, base, f"u{number:04d}") for number in range(1, SHOPPERS + 1)
        ]
        clients = [Client(session["conversation_id"]) for session in sessions]
        watching = asyncio.create_task(_watch(served.desk_url, sent))
        end = time.perf_counter() + seconds
        await asyncio.gather(
            *(
                _write(http, base, session, client, sent, SHOPPERS / rate, end)
                for session, client in zip(sessions, clients, strict=True)
            )
        )
        stopped = time.perf_counter()
        await _settle(truth, clients)
        drained = time.perf_counter() - stopped
        watching.cancel()
        for session, client in zip(sessions, clients, strict=True):
            client.view = await _replay(http, base, session)
    figures = await asyncio.to_thread(truth.check, clients)
    truth.close()
    waited = await asyncio.to_thread(_waited, served.desk_url, clients)
    accepted = sum(len(client.accepted) for client in clients)
    return {
        "offered_per_s": round(rate, 1),
        "seconds": seconds,
        "shoppers": SHOPPERS,
        "answers_to_posts": dict(sent.statuses),
        "accepted": accepted,
        "answered_once": figures.messages,
        "turns": figures.turns,
        "turns_failed": figures.failed,
        "accept_p50_ms": _percentile(sent.accepted_ms, 50),
        "accept_p99_ms": _percentile(sent.accepted_ms, 99),
        "answer_p50_s": _percentile(waited, 50),
        "answer_p99_s": _percentile(waited, 99),
        "deepest_queue": max(sent.depths, default=0),
        "drained_after_s": round(drained, 1),
        "lost": 0,
    }


async def _write(
    http: httpx.AsyncClient,
    base: str,
    session: Json,
    client: Client,
    sent: _Sent,
    period: float,
    end: float,
) -> None:
    """Send one message each ``period``, whatever comes of it."""
    due = time.perf_counter() + period * random.random()
    while due < end:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = {"client_message_id": uuid.uuid4().hex, "text": random.choice(TEXTS)}
        began = time.perf_counter()
        try:
            answer = await http.post(f"{base}{API}/messages", json=body, headers=session["headers"])
        except httpx.TransportError as error:
            sent.statuses[type(error).__name__] += 1
        else:
            sent.statuses[str(answer.status_code)] += 1
            if answer.status_code == 202:
                sent.accepted_ms.append((time.perf_counter() - began) * 1000)
                client.accepted[body["client_message_id"]] = answer.json()["seq"]
        due += period


async def _watch(desk_url: str, sent: _Sent) -> None:
    """Note each second how many messages wait for an answer."""
    engine = connect(desk_url).execution_options(reading=True)
    query = select(func.count()).where(Message.status.in_(UNANSWERED))

    def count() -> int:
        with Session(engine) as session:
            return session.execute(query).scalar_one()

    try:
        while True:
            sent.depths.append(await asyncio.to_thread(count))
            await asyncio.sleep(1)
    finally:
        engine.dispose()


async def _settle(truth: Invariants, clients: list[Client]) -> None:
    ids = [client.conversation_id for client in clients]
    async with asyncio.timeout(DRAINED_WITHIN):
        while await asyncio.to_thread(truth.unsettled, ids):  # noqa: ASYNC110 - other processes
            await asyncio.sleep(0.2)


async def _replay(http: httpx.AsyncClient, base: str, session: Json) -> Json:
    """What a shopper sees who reads all events."""
    view: Json = EMPTY
    while True:
        found = await http.get(
            f"{base}{API}/events", params={"after": view["last_seq"]}, headers=session["headers"]
        )
        found.raise_for_status()
        fresh = found.json()["events"]
        if not fresh:
            return view
        view = events.apply(view, fresh)


def _waited(desk_url: str, clients: list[Client]) -> list[float]:
    """Seconds from a message's acceptance to the commit of its answer, for each message."""
    engine = connect(desk_url).execution_options(reading=True)
    waited: list[float] = []
    with Session(engine) as session:
        for client in clients:
            talk = client.conversation_id
            created = dict(
                session.execute(
                    select(Message.message_id, Message.created_at).where(
                        Message.conversation_id == talk
                    )
                )
                .tuples()
                .all()
            )
            for turn in session.scalars(select(Turn).where(Turn.conversation_id == talk)):
                assert turn.finished_at
                waited += [
                    (turn.finished_at - created[one]).total_seconds() for one in turn.message_ids
                ]
    engine.dispose()
    return waited


def _percentile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return 0.0
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 2)
