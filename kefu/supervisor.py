"""Starts Kefu's processes, restarts what dies, and stops them all together.

Written here rather than taken from a library: it must hold the children in the foreground, wait for
their readiness, and leave none behind even when it is killed itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import httpx
import structlog

from kefu.errors import KefuError

log = structlog.get_logger("kefu.supervisor")

FIRST_RESTART = 0.2
SLOWEST_RESTART = 10.0
STEADY_AFTER = 30.0
STOP_GRACE = 15.0
PR_SET_PDEATHSIG = 1
# Opened here: a fork of a process with threads must not have to load anything.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartFailed(KefuError):
    """A process did not become ready in time; its own log lines above say why."""

    code: ClassVar[str] = "start_failed"
    title: ClassVar[str] = "启动失败，请查看上面的日志。"


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep alive: ``health`` is a URL that answers 200 once it is ready."""

    name: str
    command: Sequence[str]
    health: str
    env: Mapping[str, str]
    cwd: Path


@dataclass(slots=True)
class Supervisor:
    """Runs the programs until ``stop``, restarting each that ends with a growing pause.

    More may be added and ended while it runs.
    """

    programs: Sequence[Program]
    ready_within: float = 60.0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _running: dict[str, asyncio.subprocess.Process] = field(
        default_factory=dict[str, asyncio.subprocess.Process]
    )

    _keepers: dict[str, asyncio.Task[None]] = field(default_factory=dict[str, "asyncio.Task[None]"])

    def stop(self, reason: str = "asked") -> None:
        """Ask all processes to end, for the log's ``reason``; ``run`` returns when they have."""
        if not self._stopping.is_set():
            log.info("stopping", reason=reason)
            self._stopping.set()

    async def run(self, on_ready: asyncio.Event | None = None) -> None:
        """Start everything, set ``on_ready`` when all are ready, return after ``stop``."""
        for program in self.programs:
            self.add(program)
        try:
            await self._wait_until_ready()
            if on_ready and not self._stopping.is_set():
                on_ready.set()
            await self._stopping.wait()
        except StartFailed:
            self.stop("start failed")
            raise
        finally:
            self.stop("interrupted")
            await self._end_all()
            for keeper in self._keepers.values():
                keeper.cancel()
            await asyncio.gather(*self._keepers.values(), return_exceptions=True)

    def add(self, program: Program) -> None:
        """Keep one more program from now on; nothing once all of them are being stopped."""
        if not self._stopping.is_set():
            self._keepers[program.name] = asyncio.create_task(self._keep(program))

    async def end(self, name: str) -> None:
        """Let a program finish what it does, and keep it no longer."""
        keeper = self._keepers.pop(name, None)
        if keeper:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        process = self._running.get(name)
        if process and process.returncode is None:
            signal_process(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), STOP_GRACE)
            except TimeoutError:
                signal_process(process, signal.SIGKILL)
                await process.wait()
        self._running.pop(name, None)

    async def run_to_end(self, program: Program) -> int | None:
        """Run a program once, and end it with the others; its exit code, ``None``: not started."""
        if self._stopping.is_set():
            return None
        try:
            return await self._run_once(program)
        finally:
            self._running.pop(program.name, None)

    def pid(self, name: str) -> int | None:
        """The process id of a program, ``None`` while it does not run."""
        process = self._running.get(name)
        return process.pid if process and process.returncode is None else None

    @property
    def stopping(self) -> asyncio.Event:
        """Set once everything has to end."""
        return self._stopping

    async def _keep(self, program: Program) -> None:
        pause = FIRST_RESTART
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                code = await self._run_once(program)
            except (OSError, subprocess.SubprocessError) as error:
                log.error(
                    "process could not be started, trying again",
                    process=program.name,
                    error=str(error),
                    pause=pause,
                )
            else:
                if self._stopping.is_set():
                    return
                if time.monotonic() - started > STEADY_AFTER:
                    pause = FIRST_RESTART
                log.error("process died, restarting", process=program.name, exit=code, pause=pause)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            pause = min(pause * 2, SLOWEST_RESTART)

    async def _run_once(self, program: Program) -> int:
        process = await asyncio.create_subprocess_exec(
            *program.command,
            cwd=program.cwd,
            env=dict(program.env),
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self._running[program.name] = process
        log.info("process started", process=program.name, pid=process.pid)
        return await process.wait()

    async def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.ready_within
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
            for program in self.programs:
                while not self._stopping.is_set() and not await answers(client, program.health):
                    if time.monotonic() > deadline:
                        raise StartFailed(
                            f"The {program.name} was not ready within {self.ready_within:.0f} s; "
                            "its log lines above say why."
                        )
                    await asyncio.sleep(0.1)

    async def _end_all(self) -> None:
        alive = [process for process in self._running.values() if process.returncode is None]
        for process in alive:
            signal_process(process, signal.SIGTERM)
        waits = [asyncio.create_task(process.wait()) for process in alive]
        if not waits:
            return
        _, late = await asyncio.wait(waits, timeout=STOP_GRACE)
        if late:
            for process in alive:
                signal_process(process, signal.SIGKILL)
            await asyncio.wait(late)


async def answers(client: httpx.AsyncClient, url: str) -> bool:
    """Whether ``url`` answers 2xx now."""
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False


def signal_process(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """Send a signal to a child that may have ended meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


def die_with_parent() -> None:
    """In the child: ask Linux for SIGTERM should the supervisor itself be killed."""
    if _LIBC:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
