"""Keeps an engine running for each model that the database wants, and moves the desk over.

A new model's engine is started beside the others and listed for the desk once it is warm. Only
when all live models are ready here, an engine that is wanted no longer is taken off the list for
new turns; it ends when the turns bound to its model are finished.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import structlog

from kefu.engines import wanted as database_wants
from kefu.engines.directory import Directory, EngineState, Listed
from kefu.engines.wanted import Wanted
from kefu.errors import KefuError
from kefu.store.database import Database
from kefu.supervisor import Program, Supervisor

log = structlog.get_logger("kefu.engines")


@dataclass(frozen=True, slots=True)
class Tempo:
    """In seconds: between looks at engines and at the database, how long a desk may still send a
    turn to an engine it has read of, how long turns may take to finish there, when an engine that
    does not come up counts as failed, and how often the host reports."""

    look: float = 0.2
    ask: float = 0.5
    unlisted: float = 2.0
    drain: float = 120.0
    patience: float = 60.0
    report: float = 10.0


@dataclass(frozen=True, slots=True)
class EngineProgram:
    """How an engine is started: ``command`` with the archive and the port behind it."""

    command: Sequence[str]
    env: Mapping[str, str]
    cwd: Path
    models_dir: Path
    first_port: int

    def archive(self, sha256: str) -> Path:
        return (self.models_dir / f"{sha256}.tar.gz").resolve()

    def on(self, sha256: str, name: str, port: int, *, gently: bool) -> Program:
        """``gently``: others answer shoppers while it loads, and come first."""
        served = ["--model", str(self.archive(sha256)), "--port", str(port)]
        served += ["--gently"] if gently else []
        health = f"http://127.0.0.1:{port}/health"
        return Program(name, [*self.command, *served], health, self.env, self.cwd)


@dataclass(slots=True)
class _Engine:
    program: Program
    port: int
    started: float
    state: EngineState = EngineState.STARTING
    pid: int | None = None
    since: float = 0.0
    ending: asyncio.Task[None] | None = None

    @property
    def listed(self) -> Listed:
        return Listed(f"http://127.0.0.1:{self.port}", self.state)


@dataclass(slots=True)
class Fleet:
    """``run`` beside the supervisor whose programs the engines are."""

    supervisor: Supervisor
    database: Database
    directory: Directory
    program: EngineProgram
    profiles: Sequence[str]
    host: str
    tempo: Tempo = field(default_factory=Tempo)
    _engines: dict[str, _Engine] = field(default_factory=dict[str, _Engine])
    _missing: set[str] = field(default_factory=set[str])
    _wants: Wanted | None = None
    _asked: float = 0.0
    _reported: float = 0.0
    _told: dict[str, str] = field(default_factory=dict[str, str])

    async def run(self) -> None:
        """Until the supervisor stops."""
        self.directory.write({})
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
                while not self.supervisor.stopping.is_set():
                    try:
                        await self._round(http)
                    except Exception:
                        log.exception("engines could not be looked after")
                    await self._rest()
        finally:
            self.directory.remove()
            with suppress(KefuError):
                await self.database.write(partial(database_wants.leave, host=self.host))

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.supervisor.stopping.wait(), self.tempo.look)

    async def _round(self, http: httpx.AsyncClient) -> None:
        await self._ask()
        if self._wants is None:
            return
        self._start_missing(self._wants.serving)
        await asyncio.gather(*(self._look_at(http, *each) for each in self._engines.items()))
        self._retire(self._wants)
        await self._tell()

    async def _ask(self) -> None:
        """What the database wants; while it does not answer, what it wanted last."""
        if time.monotonic() < self._asked + self.tempo.ask:
            return
        self._asked = time.monotonic()
        try:
            self._wants = await self.database.read(
                partial(database_wants.wanted, profiles=self.profiles)
            )
        except KefuError as error:
            log.warning("engines stay as they are", reason=error.code)

    def _start_missing(self, serving: frozenset[str]) -> None:
        self._missing &= serving
        for sha256 in sorted(serving - self._engines.keys()):
            if not self.program.archive(sha256).is_file():
                if sha256 not in self._missing:
                    log.error("archive of a model is not in the store", model=sha256)
                self._missing.add(sha256)
                continue
            self._missing.discard(sha256)
            port = self._free_port()
            # The first keeps the plain name, as long as it is alone.
            name = f"engine {sha256[:8]}" if self._engines else "engine"
            names = {engine.program.name for engine in self._engines.values()}
            name = name if name not in names else f"{name} {port}"
            gently = any(one.state is EngineState.READY for one in self._engines.values())
            program = self.program.on(sha256, name, port, gently=gently)
            log.info("engine wanted", model=sha256, port=port)
            self._engines[sha256] = _Engine(program, port, time.monotonic())
            self.supervisor.add(program)

    def _free_port(self) -> int:
        taken = {engine.port for engine in self._engines.values()}
        for port in [each for each in (self.program.first_port, 0) if each not in taken]:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with suppress(OSError):
                    probe.bind(("127.0.0.1", port))
                    return int(probe.getsockname()[1])
        raise OSError("no free port for an engine")

    async def _look_at(self, http: httpx.AsyncClient, sha256: str, engine: _Engine) -> None:
        """Note whether it is the process it was, and ready."""
        if engine.ending:
            return
        pid = self.supervisor.pid(engine.program.name)
        if pid != engine.pid:
            engine.pid = pid
            if engine.state in (EngineState.READY, EngineState.DRAINING):
                engine.state, engine.started = EngineState.STARTING, time.monotonic()
        if engine.state not in (EngineState.STARTING, EngineState.FAILED):
            return
        if pid and await _holds(http, engine.program.health, sha256):
            log.info("engine ready", model=sha256, port=engine.port,
                     seconds=round(time.monotonic() - engine.started, 1))  # fmt: skip
            engine.state = EngineState.READY
        elif (
            engine.state is EngineState.STARTING
            and time.monotonic() > engine.started + self.tempo.patience
        ):
            log.error("engine does not come up, trying on", model=sha256)
            engine.state = EngineState.FAILED

    def _retire(self, wants: Wanted) -> None:
        now = time.monotonic()
        moved = all(
            sha256 in self._engines and self._engines[sha256].state is EngineState.READY
            for sha256 in wants.live
        )
        for sha256, engine in list(self._engines.items()):
            if engine.ending:
                if engine.ending.done():
                    del self._engines[sha256]
            elif sha256 in wants.serving:
                if engine.state is EngineState.DRAINING:
                    engine.state = EngineState.READY
            elif engine.state is not EngineState.DRAINING:
                if moved or engine.state is not EngineState.READY:
                    log.info("engine retired", model=sha256)
                    engine.state, engine.since = EngineState.DRAINING, now
            elif self._is_drained(sha256, engine, wants, now):
                engine.ending = asyncio.create_task(self.supervisor.end(engine.program.name))

    def _is_drained(self, sha256: str, engine: _Engine, wants: Wanted, now: float) -> bool:
        """Whether nobody sends it turns any more and those it had are done."""
        waited = now - engine.since
        # What the database wants must have been asked since it left the list.
        if waited < self.tempo.unlisted or self._asked < engine.since + self.tempo.unlisted / 2:
            return False
        return sha256 not in wants.bound or waited > self.tempo.drain

    async def _tell(self) -> None:
        """Tell the desk at once, the database as well where something has changed."""
        engines = {
            sha256: engine.listed for sha256, engine in self._engines.items() if not engine.ending
        }
        states = {sha256: listed.state.value for sha256, listed in engines.items()}
        states |= dict.fromkeys(self._missing, EngineState.MISSING.value)
        changed = states != self._told
        if changed:
            self.directory.write(engines)
            self._told = states
        if changed or time.monotonic() > self._reported + self.tempo.report:
            with suppress(KefuError):
                await self.database.write(
                    partial(database_wants.report, host=self.host, engines=states)
                )
                self._reported = time.monotonic()


async def _holds(http: httpx.AsyncClient, url: str, sha256: str) -> bool:
    try:
        answer = await http.get(url)
        return answer.is_success and answer.json().get("model") == sha256
    except (httpx.TransportError, ValueError):
        return False
