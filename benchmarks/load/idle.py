"""Thousands of shoppers who keep a socket open and say nothing: what they cost, how they hear."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Sequence
from typing import Any

import psutil
from sqlalchemy.orm import Session
from websockets.asyncio.client import ClientConnection

from benchmarks.load.kefu import Served
from benchmarks.load.shoppers import line, open_session, open_socket
from kefu.conversation import events
from kefu.store.database import connect
from tests.chaos.kills import find

Json = dict[str, Any]
AT_ONCE = 50
# Files of a process beside its sockets.
SPARE = 500
HEARD_WITHIN = 120.0
NEWS = "本店今晚零点到六点维护，期间可能无法下单。"


def raise_file_limit(wanted: int) -> int:
    """Let this process and those it starts open ``wanted`` files; how many they may now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, PermissionError):
            wanted = hard
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


async def hold_idle(served: Served, number: int) -> Json:
    """Open a conversation and a socket each, then write one event for every one of them.

    The events come in one transaction of another process, of which no hint tells the desk: it
    must find them by itself. ``heard_s`` is counted from that commit.
    """
    desk = psutil.Process(find(served.stack, "desk"))
    base = served.stack.base_url
    async with line() as http:
        sessions: list[Json] = []
        async for session in _in_turn(number, lambda: open_session(http, base)):
            sessions.append(session)
        before = desk.memory_info().rss
        began = time.perf_counter()
        sockets: list[ClientConnection] = []
        waiting = iter(sessions)
        async for socket in _in_turn(number, lambda: open_socket(base, next(waiting))):
            sockets.append(socket)
        opened = time.perf_counter() - began
        # The greeting of the last must have been read as well.
        for socket in sockets[-AT_ONCE:]:
            await (await socket.ping())
        held = desk.memory_info().rss
        cpu = await _cpu_when_idle(desk)
        heard = await _tell_all(served, sockets, [one["conversation_id"] for one in sessions])
        after = desk.memory_info().rss
        await asyncio.gather(*(socket.close() for socket in sockets))
    return {
        "sockets": number,
        "opened_per_s": round(number / opened, 1),
        "desk_before_mb": round(before / 1e6, 1),
        "desk_holding_mb": round(held / 1e6, 1),
        "kb_per_socket": round((held - before) / number / 1000, 1),
        "desk_after_event_mb": round(after / 1e6, 1),
        "idle_cpu_percent": cpu,
        **heard,
    }


async def _in_turn(number: int, make: Any) -> Any:
    """The results of ``number`` calls, a few of which run at the same time."""
    for first in range(0, number, AT_ONCE):
        some = min(AT_ONCE, number - first)
        for made in await asyncio.gather(*(make() for _ in range(some))):
            yield made


async def _cpu_when_idle(desk: psutil.Process) -> float:
    desk.cpu_percent()
    await asyncio.sleep(5)
    return desk.cpu_percent()


async def _tell_all(
    served: Served, sockets: Sequence[ClientConnection], conversation_ids: Sequence[str]
) -> Json:
    listening = [asyncio.create_task(_hear(socket)) for socket in sockets]
    await asyncio.sleep(0)
    committed = await asyncio.to_thread(_write_news, served.desk_url, conversation_ids)
    async with asyncio.timeout(HEARD_WITHIN):
        heard = sorted([at - committed for at in await asyncio.gather(*listening)])
    return {
        "heard": len(heard),
        "first_heard_s": round(heard[0], 2),
        "half_heard_s": round(heard[len(heard) // 2], 2),
        "all_heard_s": round(heard[-1], 2),
    }


async def _hear(socket: ClientConnection) -> float:
    """When the news came."""
    while True:
        frame: Json = json.loads(await socket.recv())
        if frame.get("text") == NEWS:
            return time.perf_counter()


def _write_news(desk_url: str, conversation_ids: Sequence[str]) -> float:
    """Say it in every conversation in one transaction; when it was committed."""
    engine = connect(desk_url)
    with Session(engine) as session, session.begin():
        for conversation_id in conversation_ids:
            events.say(session, events.lock(session, conversation_id), NEWS)
    engine.dispose()
    return time.perf_counter()
