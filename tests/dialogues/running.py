"""Runs conversations at the same time, a few at once, and keeps what became of each."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.dialogues import checks
from tests.dialogues.format import Script
from tests.dialogues.shops import Wanted
from tests.dialogues.talk import Answer, Stuck, Talk
from tests.dialogues.variables import NoSuchRow
from tests.dialogues.worlds import World, running

AT_ONCE = 8


class ConversationFailed(Exception):
    """``str`` is the place, the talk so far, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Job:
    """A conversation on one kind of Kefu."""

    script: Script
    kind: str
    outcome: Future[str] = field(default_factory=Future)


class Runner:
    """Runs ``jobs`` in a thread of its own, those of one kind of Kefu after the other."""

    def __init__(self, jobs: Sequence[Job], folder: Path) -> None:
        self._jobs = jobs
        self._folder = folder
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="conversations")

    def start(self) -> None:
        if not self.started:
            self._thread.start()

    @property
    def started(self) -> bool:
        return self._thread.ident is not None

    def stop(self) -> None:
        """Leave out what has not begun, and wait until every process has ended."""
        self._stopped.set()
        if self.started:
            self._thread.join()

    def _run(self) -> None:
        for kind in dict.fromkeys(job.kind for job in self._jobs):
            mine = [job for job in self._jobs if job.kind == kind]
            try:
                self._run_on(kind, mine)
            except BaseException as error:
                for job in mine:
                    if not job.outcome.done():
                        job.outcome.set_exception(error)
                if not isinstance(error, Exception):
                    raise

    def _run_on(self, kind: str, jobs: Sequence[Job]) -> None:
        if self._stopped.is_set():
            raise CancelledError
        wanted = [
            Wanted(job.script.key, job.script.profile, account)
            for job in jobs
            if (account := job.script.conversation.account)
        ]
        with running(kind, self._folder / kind, wanted) as world:
            asyncio.run(self._talk(world, jobs))

    async def _talk(self, world: World, jobs: Sequence[Job]) -> None:
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(job: Job) -> None:
            async with slots:
                if self._stopped.is_set():
                    job.outcome.cancel()
                    return
                try:
                    job.outcome.set_result(await go_through(world, job.script))
                except Exception as error:  # noqa: BLE001 - the test whose it is raises it
                    job.outcome.set_exception(error)

        await asyncio.gather(*(one(job) for job in jobs))


async def go_through(world: World, script: Script) -> str:
    """The whole conversation; its transcript. Raises ``ConversationFailed``."""
    conversation = script.conversation
    talk = Talk(world, script.profile, conversation, script.key)
    lines: list[str] = []
    place = script.line
    try:
        lines += _transcript(await talk.open())
        for place, turn in zip(script.turn_lines, conversation.turns, strict=True):
            answer = await talk.take(turn)
            lines += _transcript(answer)
            wrong = await asyncio.to_thread(checks.mistakes, turn, answer, talk)
            if wrong:
                last = await asyncio.to_thread(talk.holder.last_turn)
                lines += [
                    f"    ran: {last.actions if last else None}",
                    *(f"  ✗ {w}" for w in wrong),
                ]
                raise ConversationFailed(_report(script, place, lines))
    except (Stuck, NoSuchRow, LookupError) as error:
        lines.append(f"  ✗ {type(error).__name__}: {error}")
        raise ConversationFailed(_report(script, place, lines)) from error
    finally:
        await talk.close()
    return "\n".join(lines)


def _transcript(answer: Answer) -> list[str]:
    lines = [f"  顾客：{answer.shown}"]
    if answer.refused:
        lines.append(f"  （{answer.refused}：{answer.title}）")
    for event in answer.events:
        lines.append(f"  {_line(event)}")
    return lines


def _line(event: dict[str, Any]) -> str:
    if event["type"] != "message":
        told = {k: v for k, v in event.items() if k not in ("seq", "at", "type")}
        return f"〔{event['type']} {told}〕"
    who = {"bot": "客服", "system": "系统", "agent": "人工"}[event["from"]]
    buttons = "".join(f"［{each['title']}］" for each in event.get("buttons") or ())
    cards = "".join(_card(card) for card in event.get("cards") or ())
    return f"{who}：{event.get('text') or ''} {buttons}{cards}".rstrip()


def _card(card: dict[str, Any]) -> str:
    kept = {k: v for k, v in card.items() if k not in ("events", "buttons", "items")}
    buttons = "".join(f"［{each['title']}］" for each in card.get("buttons") or ())
    return f"\n    ▢ {kept} {buttons}"


def _report(script: Script, place: int, lines: Sequence[str]) -> str:
    head = f"{script.path}:{place}: {script.conversation.name}"
    return "\n".join([head, *lines])
