"""Jobs as rows and as processes: queued, done, cancelled, lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.engine_process import PROJECT_DIR
from kefu.store.database import Database, utc_now
from kefu.store.model_tables import TrainerJob
from kefu.store.tables import Model
from kefu.trainer import jobs
from kefu.trainer.run_errors import JobOver
from kefu.trainer.worker import work

pytestmark = pytest.mark.either_database

SHA256 = "c" * 64

# Stands for the engine's Python: trains at once, or as long as it is let.
ENGINE = """#!{python}
import json, pathlib, sys, time
given = sys.argv[3:]
out = pathlib.Path(given[given.index("--out") + 1])
def tell(progress, step):
    sys.stderr.write(json.dumps({{"progress": progress, "step": step}}) + "\\n"); sys.stderr.flush()
tell(20, "检查对话规则")
sys.stderr.write("顾客电话 13800138000\\n"); sys.stderr.flush()
assert pathlib.Path("data/nlu").is_dir() and pathlib.Path("domain.yml").is_file()
{body}
note = json.loads(given[given.index("--note") + 1])
card = {{"sha256": "{sha256}", "trained_at": "2026-11-30T00:00:00+00:00", **note}}
(out / "{sha256}.json").write_text(json.dumps(card))
print("{sha256}")
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def fake_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    (tmp_path / "models").mkdir()

    def write(body: str) -> None:
        script = tmp_path / "python"
        script.write_text(ENGINE.format(python=sys.executable, body=body, sha256=SHA256))
        script.chmod(0o700)
        monkeypatch.setenv("KEFU_ENGINE_PYTHON", str(script))

    return write


@contextmanager
def worker(database_url: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    places = {
        "KEFU_HOME": str(folder),
        "KEFU_MODELS_DIR": str(folder / "models"),
        "KEFU_DATABASE_URL": database_url,
        "KEFU_SECRET": "s",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "kefu", "trainer", "work"],
        cwd=PROJECT_DIR,
        env=dict(os.environ) | places,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def queue(database: Database, note: str = "") -> str:
    create = partial(jobs.create, kind="training", request={"note": note}, by="staff:1")
    return database.write_now(create).job_id


def row(database: Database, job_id: str) -> TrainerJob:
    return database.read_now(partial(jobs.find, kind="training", job_id=job_id))


def wait_for(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_training_leaves_a_candidate_its_card_and_a_masked_log(
    database: Database, database_url: str, tmp_path: Path, fake_engine: Callable[[str], None]
) -> None:
    from kefu.settings import Settings

    fake_engine("")
    job_id = queue(database, "更多退货说法")
    settings = Settings(
        home=tmp_path, secret="s", database_url=database_url, models_dir=tmp_path / "models"
    )
    assert work(settings) == 1
    done = row(database, job_id)
    assert (done.state, done.progress, done.model_sha256) == ("done", 100, SHA256), done.error
    model = database.read_now(lambda session: session.get(Model, (SHA256, "*")))
    assert model
    assert model.live_since is None
    assert model.card["run_id"] == job_id
    assert model.card["note"] == "更多退货说法"
    assert model.card["data_commit"] == done.data_commit
    log = (tmp_path / "trainer" / job_id / "log.txt").read_text()
    assert "[ 20 %] 检查对话规则" in log
    assert "13800138000" not in log
    assert not (tmp_path / "trainer" / job_id / "work").exists()
    assert work(settings) == 0


def test_a_failed_training_says_why(
    database: Database, database_url: str, tmp_path: Path, fake_engine: Callable[[str], None]
) -> None:
    from kefu.settings import Settings

    fake_engine("sys.exit('training_failed: rules contradict each other')")
    job_id = queue(database)
    work(Settings(home=tmp_path, secret="s", database_url=database_url,
                  models_dir=tmp_path / "models"))  # fmt: skip
    failed = row(database, job_id)
    assert failed.state == "failed"
    assert "rules contradict each other" in (failed.error or "")


def test_a_cancelled_training_ends_with_all_its_processes(
    database: Database, database_url: str, tmp_path: Path, fake_engine: Callable[[str], None]
) -> None:
    fake_engine(
        "import subprocess as s; s.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])\n"
        "tell(40, '训练意图模型'); time.sleep(99)"
    )
    job_id = queue(database)
    with worker(database_url, tmp_path) as process:
        wait_for(lambda: row(database, job_id).progress == 40)
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) == 2
        cancel = partial(jobs.cancel, kind="training", job_id=job_id, by="staff:1")
        asked = database.write_now(lambda session: jobs.as_json(session, cancel(session)))
        assert asked["step"] == "正在取消"
        wait_for(lambda: row(database, job_id).state == "cancelled")
        wait_for(lambda: not any(one.is_running() for one in family))
        assert process.wait(30) == 0


def test_a_killed_worker_is_noticed_and_a_second_one_goes_on(
    database: Database, database_url: str, tmp_path: Path, fake_engine: Callable[[str], None]
) -> None:
    fake_engine("time.sleep(99)")
    job_id, waiting = queue(database), queue(database)
    with worker(database_url, tmp_path) as process:
        wait_for(lambda: row(database, job_id).progress == 20)
        (engine,) = psutil.Process(process.pid).children()
        assert database.write_now(jobs.end_lost) == []
        with worker(database_url, tmp_path) as second:
            assert second.wait(60) == 0, "one at a time"
        assert row(database, waiting).state == "queued"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert database.write_now(jobs.end_lost) == [job_id]
    assert row(database, job_id).state == "failed"
    assert row(database, job_id).error == jobs.VANISHED
    wait_for(lambda: not engine.is_running())


def test_a_worker_that_is_told_to_end_leaves_no_training_behind(
    database: Database, database_url: str, tmp_path: Path, fake_engine: Callable[[str], None]
) -> None:
    fake_engine("time.sleep(99)")
    job_id = queue(database)
    with worker(database_url, tmp_path) as process:
        wait_for(lambda: row(database, job_id).progress == 20)
        (engine,) = psutil.Process(process.pid).children()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert row(database, job_id).state == "failed"
    assert "停止" in (row(database, job_id).error or "")
    assert not engine.is_running()


def test_two_workers_never_take_the_same_job(database: Database) -> None:
    first, second = queue(database), queue(database)
    one = database.write_now(partial(jobs.take, worker="m:1:1"))
    two = database.write_now(partial(jobs.take, worker="m:2:2"))
    assert one
    assert two
    assert [one.job_id, two.job_id] == [first, second]
    assert database.write_now(partial(jobs.take, worker="m:3:3")) is None


def test_a_lease_that_is_over_ends_the_job_and_its_late_worker_changes_nothing(
    database: Database,
) -> None:
    job_id = queue(database)
    database.write_now(partial(jobs.take, worker="elsewhere:1:1"))
    assert database.write_now(jobs.end_lost) == []

    def expire(session: Session) -> None:
        session.get_one(TrainerJob, job_id).lease_until = utc_now() - timedelta(seconds=1)

    database.write_now(expire)
    assert database.write_now(jobs.end_lost) == [job_id]
    report = partial(jobs.report, job_id=job_id, worker="elsewhere:1:1", progress=50, step="x")
    assert database.write_now(report), "it is told to stop"
    finish = partial(jobs.finish, job_id=job_id, worker="elsewhere:1:1", state="done")
    database.write_now(finish)
    assert row(database, job_id).state == "failed"


def test_what_waits_is_cancelled_at_once_and_what_is_over_not_at_all(database: Database) -> None:
    job_id = queue(database)
    assert database.write_now(
        partial(jobs.cancel, kind="training", job_id=job_id, by="staff:1")
    ).state == "cancelled"  # fmt: skip
    with pytest.raises(JobOver):
        database.write_now(partial(jobs.cancel, kind="training", job_id=job_id, by="staff:1"))


def test_a_process_is_told_from_a_later_one_with_its_id() -> None:
    mark = workers.own_mark()
    assert not workers.is_gone(mark)
    machine, pid, start = mark.rsplit(":", 2)
    assert workers.is_gone(f"{machine}:{pid}:{int(start) - 1}")
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert workers.is_gone(f"{machine}:{child.pid}:{start}")
    assert not workers.is_gone(f"elsewhere:{pid}:1"), "nobody here can tell"
