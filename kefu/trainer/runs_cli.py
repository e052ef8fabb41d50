"""``kefu trainer``: trainings, comparisons and the frozen test set on the command line."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from kefu import logs
from kefu.conversation.models import live_model
from kefu.settings import Settings
from kefu.store.tables import Document
from kefu.trainer import frozen, jobs, model_rows, promotion
from kefu.trainer.bench import AsJson, Bench, By, bench, print_json, sentences
from kefu.trainer.run_errors import JobNotFound, ModelNotFound
from kefu.trainer.worker import job_folder
from kefu.trainer.worker import work as do_work

app = typer.Typer(no_args_is_help=True, help="Train and compare models.")

RunId = Annotated[str, typer.Argument(help="A training's number.")]


@app.command()
def work() -> None:
    """Do the jobs that wait, one after another, then end (``up`` and ``engines`` start it)."""
    logs.configure()
    with sentences():
        do_work(Settings())


@app.command()
def train(note: str = "", wait: bool = True, by: By = "") -> None:
    """Queue a training run; with --wait follow it to its end, and see that somebody does it."""
    with bench() as at:
        create = partial(jobs.create, kind="training", request={"note": note}, by=at.actor(by))
        _follow(at, "training", at.database.write_now(create).job_id, wait=wait)


@app.command()
def runs() -> None:
    """The latest training runs."""
    _list("training")


@app.command("log")
def run_log(run_id: RunId) -> None:
    """What a training run has said, on the host that ran it."""
    with bench() as at:
        at.database.read_now(partial(jobs.find, kind="training", job_id=run_id))
        path = job_folder(at.settings, run_id) / "log.txt"
        if not path.is_file():
            raise JobNotFound("no log here", title="日志尚未生成，或保存在另一台训练主机上。")
        typer.echo(path.read_text(encoding="utf-8", errors="replace"))


@app.command()
def cancel(
    job_id: Annotated[str, typer.Argument(help="The number of a training or a comparison.")],
    by: By = "",
) -> None:
    """Cancel a training run or a comparison."""
    with bench() as at:

        def work(session: Session) -> Document:
            kind = jobs.kind_of(session, job_id)
            return jobs.as_json(session, jobs.cancel(session, kind, job_id, at.actor(by)))

        print_json(at.database.write_now(work))


@app.command()
def compare(
    *,
    candidate: Annotated[str, typer.Argument(help="A model's sha256, or how it begins.")],
    profile: Annotated[str, typer.Argument(help="The brand's name.")],
    live: str = "",
    messages: int = 10_000,
    wait: bool = True,
    by: By = "",
) -> None:
    """Compare a candidate with the live model (or --live) on the profile's last messages."""
    with bench() as at:
        name = at.profiles[profile].profile
        other = live or at.database.read_now(partial(live_model, profile=name))
        if other is None:
            raise ModelNotFound("no model is live", title="目前没有在线的模型，无法对比。")
        new, old = (
            at.database.read_now(partial(model_rows.named, beginning=each))
            for each in (candidate, other)
        )
        for sha256 in (new, old):
            promotion.check_archive(at.settings.models_dir, sha256)
        request = {"candidate": new, "live": old, "messages": messages}
        create = partial(
            jobs.create, kind="comparison", request=request, by=at.actor(by), profile=name
        )
        _follow(at, "comparison", at.database.write_now(create).job_id, wait=wait)


@app.command()
def comparisons(profile: str = "") -> None:
    """The latest comparisons; without --profile of all."""
    _list("comparison", profile)


@app.command("comparison")
def show_comparison(
    comparison_id: Annotated[str, typer.Argument(help="A comparison's number.")],
) -> None:
    """One comparison with its result."""
    with bench() as at:

        def read(session: Session) -> Document:
            job = jobs.find(session, "comparison", comparison_id)
            return jobs.as_json(session, job, whole=True)

        print_json(at.database.read_now(read))


@app.command("frozen")
def frozen_set(
    *,
    add: Annotated[str, typer.Option(help="A text to add, with --intent.")] = "",
    intent: Annotated[str, typer.Option(help="Its intent; alone: only these are shown.")] = "",
    remove: Annotated[str, typer.Option(help="A text to take away.")] = "",
    by: Annotated[str, typer.Option("--as", help="User name; needed for a change.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the frozen test set; --add TEXT --intent NAME and --remove TEXT change it."""
    with bench() as at:
        data = at.workbench.data
        if add:
            frozen.add(data, add, intent, at.author(by))
        if remove:
            frozen.remove(data, remove, at.author(by))
        rows = frozen.read(data.workspace)
        shown = [row for row in rows if intent in ("", *row.intent.split("|"))]
    if as_json:
        print_json([row.as_json() for row in shown])
        return
    for row in shown:
        typer.echo(f"{row.intent:<22} {row.text}")
    typer.echo(f"共 {len(shown)} 句")


def _list(kind: jobs.Kind, profile: str = "") -> None:
    with bench() as at:

        def read(session: Session) -> list[Document]:
            found = jobs.latest(session, kind)
            return jobs.listing(session, [job for job in found if profile in ("", job.profile)])

        print_json(at.database.read_now(read))


def _follow(at: Bench, kind: jobs.Kind, job_id: str, *, wait: bool) -> None:
    """Say how far a job has come, until it ends; have it done where no other process does."""
    said = ""
    worker: subprocess.Popen[bytes] | None = None
    try:
        while True:
            job = at.database.read_now(partial(jobs.find, kind=kind, job_id=job_id))
            line = f"{job.progress:3d} % {job.step}"
            if line != said:
                typer.echo(line, err=True)
                said = line
            if not wait or job.finished_at:
                break
            if job.state == "queued" and (worker is None or worker.poll() is not None):
                worker = subprocess.Popen([sys.executable, "-m", "kefu", "trainer", "work"])
            time.sleep(0.5)

        def read(session: Session) -> Document:
            found = jobs.find(session, kind, job_id)
            return jobs.as_json(session, found, whole=kind == "comparison")

        print_json(at.database.read_now(read))
        if job.state == "failed":
            raise typer.Exit(1)
    finally:
        if worker:
            worker.terminate()
            worker.wait()
