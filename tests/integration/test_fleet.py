"""A fleet of real processes that speak as engines do, and a database that changes its mind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import select

from kefu.conversation import models
from kefu.engines.directory import Directory, EngineState
from kefu.engines.fleet import EngineProgram, Fleet, Tempo
from kefu.engines.wanted import hosts
from kefu.store import migrate
from kefu.store.database import Database
from kefu.store.model_tables import EngineHost
from kefu.supervisor import Supervisor
from kefu.trainer import canary, promotion
from kefu.trainer.training import add_candidate

A, B = "a" * 64, "b" * 64
READY = EngineState.READY
QUICK = Tempo(look=0.02, ask=0.05, unlisted=0.3, drain=5.0, patience=3.0, report=1.0)

ENGINE = """
import http.server, json, pathlib, sys
options = dict(zip(sys.argv[1:5:2], sys.argv[2:5:2]))
archive = pathlib.Path(options["--model"])
if archive.read_text() == "broken":
    sys.exit(1)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"model": archive.name.removesuffix(".tar.gz")}).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body)))
        self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", int(options["--port"])), Handler).serve_forever()
"""


@dataclass
class Stage:
    fleet: Fleet
    supervisor: Supervisor
    database: Database
    directory: Directory
    store: Path

    def states(self) -> dict[str, EngineState]:
        return {sha256: one.state for sha256, one in (self.directory.read() or {}).items()}

    async def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.02)

    async def until_states(self, **states: EngineState) -> None:
        wanted = {name * 64: state for name, state in states.items()}
        await self.until(lambda: self.states() == wanted)

    def process(self, sha256: str) -> psutil.Process:
        (found,) = [
            child for child in psutil.Process().children() if sha256 in " ".join(child.cmdline())
        ]
        return found


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Stage]:
    url = f"sqlite:///{folder / 'kefu.db'}"
    migrate(url)
    database = Database(url)
    store = folder / "models"
    store.mkdir()
    script = folder / "engine.py"
    script.write_text(ENGINE)
    for sha256 in (A, B):
        (store / f"{sha256}.tar.gz").write_text("whole")
    database.write_now(partial(models.make_live, sha256=A, card={}))
    database.write_now(partial(add_candidate, sha256=B, card={}))
    supervisor = Supervisor([])
    directory = Directory(folder / "engines.json")
    program = EngineProgram([sys.executable, str(script)], dict(os.environ), folder, store, 0)
    fleet = Fleet(supervisor, database, directory, program, ["demo", "tp"], "host", QUICK)
    tasks = [asyncio.create_task(supervisor.run()), asyncio.create_task(fleet.run())]
    try:
        yield Stage(fleet, supervisor, database, directory, store)
    finally:
        supervisor.stop()
        await asyncio.gather(*tasks)
        database.close()
        assert directory.read() is None
        left = [c for c in psutil.Process().children() if "engine.py" in " ".join(c.cmdline())]
        assert left == []


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running(tmp_path) as found:
        await found.until_states(a=READY)
        yield found


def promote(stage: Stage, sha256: str, *profiles: str) -> None:
    names = profiles or ("demo", "tp", "*")
    move = partial(promotion.promote, sha256=sha256, profiles=names, by="test", reason="")
    stage.database.write_now(move)


async def test_a_promotion_starts_one_and_retires_the_other(stage: Stage) -> None:
    seen: list[dict[str, EngineState]] = []
    old = stage.process(A)
    promote(stage, B)

    def moved() -> bool:
        seen.append(stage.states())
        return seen[-1] == {B: READY}

    await stage.until(moved)
    assert all(READY in states.values() for states in seen), "one was ready at all times"
    # Not waited for by psutil: that would hold up the supervisor, which is to end it.
    await stage.until(lambda: not old.is_running())
    url = stage.directory.read() or {}
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{url[B].url}/health")).json() == {"model": B}


async def test_profiles_with_different_models_have_an_engine_each(stage: Stage) -> None:
    promote(stage, B, "tp")
    await stage.until_states(a=READY, b=READY)
    stage.database.write_now(partial(promotion.roll_back, profile="tp", by="test"))
    await stage.until_states(a=READY)


async def test_a_canary_has_an_engine_for_as_long_as_it_runs(stage: Stage) -> None:
    begin = partial(canary.start, sha256=B, profile="demo", share=0.1, by="test")
    stage.database.write_now(begin)
    await stage.until_states(a=READY, b=READY)
    stage.database.write_now(partial(canary.stop, profile="demo", by="test"))
    await stage.until_states(a=READY)


async def test_a_killed_engine_is_not_listed_as_ready_and_comes_back(stage: Stage) -> None:
    os.kill(stage.process(A).pid, signal.SIGKILL)
    await stage.until_states(a=EngineState.STARTING)
    await stage.until_states(a=READY)


async def test_a_new_engine_killed_in_the_middle_of_a_promotion(stage: Stage) -> None:
    promote(stage, B)
    await stage.until(lambda: B in stage.states())
    os.kill(stage.process(B).pid, signal.SIGKILL)
    await stage.until_states(b=READY)


async def test_a_model_that_does_not_load_leaves_the_old_one_answering(stage: Stage) -> None:
    (stage.store / f"{B}.tar.gz").write_text("broken")
    promote(stage, B)
    await stage.until_states(a=READY, b=EngineState.FAILED)
    (stage.store / f"{B}.tar.gz").write_text("whole")
    await stage.until_states(b=READY)


async def test_a_missing_archive_is_told_and_awaited(stage: Stage) -> None:
    archive = stage.store / f"{B}.tar.gz"
    archive.unlink()
    promote(stage, B)

    def told() -> bool:
        (row,) = stage.database.read_now(lambda session: list(session.scalars(select(EngineHost))))
        return row.engines == {A: "ready", B: "missing"}

    await stage.until(told)
    archive.write_text("whole")
    await stage.until_states(b=READY)
    await stage.until(lambda: stage.database.read_now(hosts)[0]["engines"] == {B: "ready"})
