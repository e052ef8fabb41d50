"""``kefu trainer``: runs, comparisons, promotion and watching on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy.orm import Session

from kefu import logs
from kefu.conversation.models import live_model
from kefu.engines.wanted import hosts
from kefu.errors import KefuError
from kefu.profiles import Profiles, load_profiles
from kefu.settings import Settings
from kefu.store.database import Database, utc_now
from kefu.store.tables import EVERY_PROFILE
from kefu.trainer import canary, frozen, jobs, promotion, thresholds, vocabulary, watch
from kefu.trainer.bench import quiet, staff_named
from kefu.trainer.git import Author
from kefu.trainer.run_errors import JobNotFound, ModelNotFound
from kefu.trainer.workbench import open_data
from kefu.trainer.worker import job_folder
from kefu.trainer.worker import work as do_work

app = typer.Typer(no_args_is_help=True, help="Train, compare, promote and watch models.")
T = TypeVar("T")
Profile = Annotated[str, typer.Argument(help="the profile's name")]
Model = Annotated[str, typer.Argument(help="the model's sha256")]
Reason = Annotated[str, typer.Option(help="why, for the history")]
By = Annotated[str, typer.Option("--as", help="your user name, for the history")]
ACTOR = "cli"


@app.command()
def work() -> None:
    """Do the jobs that wait, one after another, then end (``up`` and ``engines`` start it)."""
    logs.configure()
    with _sentences():
        do_work(Settings())


@app.command()
def train(note: str = "", wait: bool = True, by: By = ACTOR) -> None:
    """Queue a training run; with --wait follow it to its end, and see that somebody does it."""
    with _open() as (settings, _, write):
        job = write(
            partial(jobs.create, kind="training", request={"note": note}, by=_actor(write, by))
        )
        _follow(settings, "training", job.job_id, wait=wait)


@app.command()
def runs() -> None:
    """The latest training runs."""
    with _open() as (_, _, write):
        _print(write(lambda s: [jobs.run_as_json(job) for job in jobs.latest(s, "training")]))


@app.command("log")
def run_log(run_id: str) -> None:
    """What a training run has said, on the host that ran it."""
    with _open() as (settings, _, write):
        write(partial(jobs.find, kind="training", job_id=run_id))
        path = job_folder(settings, run_id) / "log.txt"
        if not path.is_file():
            raise JobNotFound("no log here", title="日志尚未生成，或保存在另一台训练主机上。")
        typer.echo(path.read_text(encoding="utf-8", errors="replace"))


@app.command()
def cancel(run_id: str) -> None:
    """Cancel a training run."""
    with _open() as (_, _, write):
        _print(jobs.run_as_json(write(partial(jobs.cancel, kind="training", job_id=run_id))))


@app.command()
def compare(
    *,
    candidate: Model,
    profile: Profile,
    live: str = "",
    messages: int = 10_000,
    wait: bool = True,
    by: By = ACTOR,
) -> None:
    """Compare a candidate with the live model (or --live) on the profile's last messages."""
    with _open() as (settings, profiles, write):
        name = profiles[profile].profile
        other = live or write(partial(live_model, profile=name))
        if other is None:
            raise ModelNotFound("no model is live")
        for sha256 in (candidate, other):
            promotion.check_archive(settings.models_dir, sha256)
        request = {"candidate": candidate, "live": other, "messages": messages}
        create = partial(
            jobs.create, kind="comparison", request=request, by=_actor(write, by), profile=name
        )
        _follow(settings, "comparison", write(create).job_id, wait=wait)


@app.command()
def comparisons(profile: str = "") -> None:
    """The latest comparisons; without --profile of all."""
    with _open() as (_, _profiles, write):
        latest = partial(jobs.latest, kind="comparison")

        def shown(session: Session) -> list[Any]:
            found = [job for job in latest(session) if profile in ("", job.profile)]
            return [jobs.comparison_as_json(job, whole=False) for job in found]

        _print(write(shown))


@app.command()
def promote(
    candidate: Model, profile: list[str] | None = None, reason: Reason = "", by: By = ACTOR
) -> None:
    """Make a model live in the profiles named with --profile, or in all of them."""
    with _open() as (settings, profiles, write):
        names = [profiles[name].profile for name in profile or ()]
        names = names or [*(each.profile for each in profiles), EVERY_PROFILE]
        promotion.check_archive(settings.models_dir, candidate)
        move = partial(
            promotion.promote, sha256=candidate, profiles=names, by=_actor(write, by), reason=reason
        )
        _print([promotion.change_as_json(change) for change in write(move)])


@app.command()
def rollback(profile: Profile, reason: Reason = "", by: By = ACTOR) -> None:
    """Make the model live again that was before."""
    with _open() as (_, profiles, write):
        name = profiles[profile].profile
        move = partial(promotion.roll_back, profile=name, by=_actor(write, by), reason=reason)
        _print(promotion.change_as_json(write(move)))


@app.command("canary")
def start_canary(candidate: Model, profile: Profile, share: float = 0.1, by: By = ACTOR) -> None:
    """Let a model answer a share (0 to 1) of the profile's conversations; 0 stops it."""
    with _open() as (settings, profiles, write):
        name = profiles[profile].profile
        if share <= 0:
            change = write(
                partial(canary.stop, profile=name, by=_actor(write, by), sha256=candidate)
            )
        else:
            promotion.check_archive(settings.models_dir, candidate)
            begin = partial(
                canary.start, sha256=candidate, profile=name, share=min(share, 1.0), by=by
            )
            change = write(begin)
        _print(promotion.change_as_json(change))


@app.command()
def live() -> None:
    """What is live where, what was, the canaries and the hosts."""
    with _open() as (_, profiles, write):
        names = [each.profile for each in profiles]
        _print(
            write(
                lambda s: {
                    "live": {name: live_model(s, name) for name in names},
                    "canaries": canary.running(s, names),
                    "history": promotion.history(s, names),
                    "hosts": hosts(s),
                }
            )
        )


@app.command()
def threshold(
    profile: Profile,
    answer: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    clarify: Annotated[float | None, typer.Option(min=0, max=1)] = None,
    clear: bool = False,
    by: By = ACTOR,
) -> None:
    """Show the profile's threshold, set it with --answer, or give it back with --clear."""
    with _open() as (_, profiles, write):
        found = profiles[profile]
        if clear:
            write(partial(thresholds.clear, profile=found.profile, by=_actor(write, by)))
        elif answer is not None:
            put = partial(thresholds.put, profile=found.profile, answer=answer, clarify=clarify)
            write(partial(put, by=_actor(write, by)))
        _print(write(partial(thresholds.describe, profile=found)))


@app.command("watch")
def watched(profile: Profile, days: int = 35) -> None:
    """How the live bot does in the profile."""
    with _open() as (settings, profiles, write):
        found, now = profiles[profile], utc_now()
        since = now - timedelta(days=days)
        turns = write(partial(watch.heard, profile=found.profile, since=since))
        cutter = vocabulary.open_tokenizer(settings.workspace, settings.home / "cache" / "jieba")
        _print(watch.summary(turns, now, cutter, found.known_numbers))


@app.command("frozen")
def frozen_set(add: str = "", intent: str = "", remove: str = "", by: By = ACTOR) -> None:
    """Show the frozen test set; --add TEXT --intent NAME and --remove TEXT change it."""
    with _open() as (settings, _, write):
        data, author = open_data(settings), _author(write, by)
        if add:
            frozen.add(data, add, intent, author)
        if remove:
            frozen.remove(data, remove, author)
        _print([row.as_json() for row in frozen.read(data.workspace)])


Write = Callable[[Callable[[Session], Any]], Any]


@contextmanager
def _open() -> Generator[tuple[Settings, Profiles, Write]]:
    settings = Settings()
    with _sentences(), quiet():
        database = Database(settings.desk_database)
        try:
            yield settings, load_profiles(settings.profiles_dir), database.write_now
        finally:
            database.close()


@contextmanager
def _sentences() -> Generator[None]:
    try:
        yield
    except KefuError as error:
        typer.echo(f"{error.sentence} {error.detail}".strip(), err=True)
        raise typer.Exit(1) from error


def _follow(settings: Settings, kind: jobs.Kind, job_id: str, *, wait: bool) -> None:
    """Say how far a job has come, until it ends; have it done where no other process does."""
    database = Database(settings.desk_database)
    said = ""
    worker: subprocess.Popen[bytes] | None = None
    try:
        while True:
            job = database.read_now(partial(jobs.find, kind=kind, job_id=job_id))
            line = f"{job.progress:3d} % {job.step}"
            if line != said:
                typer.echo(line, err=True)
                said = line
            if not wait or job.finished_at:
                break
            if job.state == "queued" and (worker is None or worker.poll() is not None):
                worker = subprocess.Popen([sys.executable, "-m", "kefu", "trainer", "work"])
            time.sleep(0.5)
        show = jobs.run_as_json if kind == "training" else jobs.comparison_as_json
        _print(database.read_now(lambda s: show(jobs.find(s, kind, job_id))))
        if job.state == "failed":
            raise typer.Exit(1)
    finally:
        database.close()
        if worker:
            worker.terminate()
            worker.wait()


def _actor(write: Write, by: str) -> str:
    """How the member of the staff stands in histories."""
    return by if by == ACTOR else f"staff:{write(partial(staff_named, username=by)).staff_id}"


def _author(write: Write, by: str) -> Author:
    if by == ACTOR:
        return Author(ACTOR, ACTOR)
    found = write(partial(staff_named, username=by))
    return Author(found.name, found.username)


def _print(found: Any) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
