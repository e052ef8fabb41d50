"""The process that does the trainer's jobs: one at a time on a machine, until none waits."""

from __future__ import annotations

import fcntl
import shutil
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from kefu.conversation import workers
from kefu.errors import KefuError
from kefu.settings import Settings
from kefu.store.database import Database, DatabaseUnavailable
from kefu.store.model_tables import TrainerJob
from kefu.trainer import comparing, jobs, training
from kefu.trainer.process import CommandCancelled

log = structlog.get_logger("kefu.trainer")

ENDED = "系统正在停止，任务被中断，请重新发起。"


@dataclass(slots=True)
class Job:
    """A job that this process works on. ``folder`` is its own and holds its log."""

    settings: Settings
    database: Database
    row: TrainerJob
    worker: str
    ending: threading.Event

    @property
    def folder(self) -> Path:
        return job_folder(self.settings, self.row.job_id)

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def report(self, progress: int, step: str) -> bool:
        """Note how far it has come; whether to stop. While the database is away, go on."""
        if self.ending.is_set():
            return True
        note = partial(
            jobs.report,
            job_id=self.row.job_id,
            worker=self.worker,
            progress=min(progress, 99),
            step=step,
        )
        try:
            return self.database.write_now(note)
        except DatabaseUnavailable as error:
            log.warning("progress not noted", job_id=self.row.job_id, reason=error.code)
            return False


def job_folder(settings: Settings, job_id: str) -> Path:
    """Where the files of a job lie, on the host that does it."""
    return settings.home.resolve() / "trainer" / job_id


def work(settings: Settings) -> int:
    """Do what waits and return how many jobs that were; none where another process is at it."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = Database(settings.desk_database)
    ending = threading.Event()
    done = 0

    def end(_number: int, _frame: object) -> None:
        ending.set()

    before = signal.signal(signal.SIGTERM, end)
    try:
        with _alone(settings.home / "trainer.lock") as alone:
            while alone and not ending.is_set():
                mark = workers.own_mark()
                row = database.write_now(partial(jobs.take, worker=mark))
                if row is None:
                    break
                do(Job(settings, database, row, mark, ending))
                done += 1
    finally:
        signal.signal(signal.SIGTERM, before)
        database.close()
    return done


@contextmanager
def _alone(path: Path) -> Generator[bool]:
    """Whether nobody else on this machine holds the lock; it ends with the process."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def do(job: Job) -> None:
    """Carry out a job and note what became of it."""
    finish = partial(jobs.finish, job_id=job.row.job_id, worker=job.worker)
    log.info("job begins", job_id=job.row.job_id, kind=job.row.kind)
    try:
        values = training.run(job) if job.row.kind == "training" else comparing.run(job)
    except CommandCancelled:
        if job.ending.is_set():
            job.database.write_now(partial(finish, state="failed", error=ENDED))
        else:
            job.database.write_now(partial(finish, state="cancelled"))
        log.info("job ended early", job_id=job.row.job_id)
    except KefuError as error:
        log.error("job failed", job_id=job.row.job_id, reason=error.code, detail=error.detail)
        sentence = f"{error.sentence}（{error.detail}）" if error.detail else error.sentence
        job.database.write_now(partial(finish, state="failed", error=sentence))
    except Exception as error:
        log.exception("job broke", job_id=job.row.job_id)
        sentence = f"{KefuError.title}（{type(error).__name__}）"
        job.database.write_now(partial(finish, state="failed", error=sentence))
    else:
        job.database.write_now(partial(finish, state="done", **values))
        log.info("job done", job_id=job.row.job_id)
    finally:
        # The log stays; what holds messages of shoppers or a copy of the data does not.
        shutil.rmtree(job.folder / "work", ignore_errors=True)
