"""A training run: the workspace's data in, a candidate and its card out."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from kefu.conversation.models import read_card
from kefu.engine_process import engine_command, engine_environment
from kefu.store.tables import EVERY_PROFILE, Document, Model
from kefu.trainer.process import run_followed
from kefu.trainer.snapshot import data_commit, take_snapshot

if TYPE_CHECKING:
    from kefu.trainer.worker import Job


def run(job: Job) -> dict[str, Any]:
    """What is to be noted in the job's row. Raises ``CommandFailed`` or ``CommandCancelled``."""
    settings = job.settings
    commit = data_commit(settings.workspace)
    project = job.folder / "work" / "project"
    take_snapshot(settings.workspace, project)
    note = {
        "run_id": job.row.job_id,
        "data_commit": commit,
        "created_by": job.row.created_by,
        "note": job.row.request.get("note", ""),
    }
    arguments = ["train", "--out", str(settings.models_dir.resolve()), "--progress"]
    output = run_followed(
        engine_command([*arguments, "--note", json.dumps(note, ensure_ascii=False)]),
        env=engine_environment(settings) | {"KEFU_HOME": str(settings.home.resolve())},
        cwd=project,
        log=job.log,
        report=job.report,
    )
    sha256 = output.strip().splitlines()[-1]
    card = read_card(settings.models_dir, sha256)
    job.database.write_now(partial(add_candidate, sha256=sha256, card=card))
    return {"model_sha256": sha256, "data_commit": commit}


def add_candidate(session: Session, sha256: str, card: Document) -> None:
    """Note a trained model; one that is known already keeps what it was."""
    if session.get(Model, (sha256, EVERY_PROFILE)) is None:
        session.add(Model(sha256=sha256, profile=EVERY_PROFILE, card=card, live_since=None))
