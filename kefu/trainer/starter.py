"""Starts a worker process when a job waits, beside the supervisor's other programs."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress

import structlog

from kefu.engine_process import PROJECT_DIR
from kefu.errors import KefuError
from kefu.settings import Settings
from kefu.store.database import Database
from kefu.supervisor import Program, Supervisor
from kefu.trainer import jobs

log = structlog.get_logger("kefu.trainer")

LOOK = 1.0


class JobStarter:
    """``run`` until the supervisor stops; the worker is ended with it, and by no desk's restart."""

    def __init__(
        self, settings: Settings, supervisor: Supervisor, database: Database, look: float = LOOK
    ) -> None:
        self._supervisor = supervisor
        self._database = database
        self._look = look
        self._worker: asyncio.Task[int | None] | None = None
        env = dict(os.environ) | {"KEFU_HOME": str(settings.home.resolve())}
        command = [sys.executable, "-m", "kefu", "trainer", "work"]
        self._program = Program("trainer", command, "", env, PROJECT_DIR)

    async def run(self) -> None:
        while not self._supervisor.stopping.is_set():
            try:
                await self._round()
            except KefuError as error:
                log.warning("jobs wait", reason=error.code)
            except Exception:
                log.exception("jobs could not be looked after")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._supervisor.stopping.wait(), self._look)
        if self._worker:
            await asyncio.gather(self._worker, return_exceptions=True)

    async def _round(self) -> None:
        for job_id in await self._database.write(jobs.end_lost):
            log.error("job lost", job_id=job_id)
        if self._worker and not self._worker.done():
            return
        if await self._database.read(jobs.is_waited_for):
            self._worker = asyncio.create_task(self._supervisor.run_to_end(self._program))
