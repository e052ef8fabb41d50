"""Trainings and comparisons as rows: queued, taken by one worker, followed, cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.store.database import shared_now
from kefu.store.model_tables import TrainerJob
from kefu.store.tables import EVERY_PROFILE, Audit, Document
from kefu.trainer import people
from kefu.trainer.run_errors import JobNotFound, JobOver

Kind = Literal["training", "comparison"]
LEASE = timedelta(seconds=30)

QUEUED_STEP = "排队中"
VANISHED = "任务进程意外结束（可能是服务器重启或内存不足），请重新发起。"


def create(
    session: Session, kind: Kind, request: Document, by: str, profile: str = EVERY_PROFILE
) -> TrainerJob:
    """Put a job into the queue, and note who did."""
    job = TrainerJob(
        job_id=uuid.uuid4().hex,
        kind=kind,
        state="queued",
        profile=profile,
        progress=0,
        step=QUEUED_STEP,
        request=request,
        cancelling=False,
        created_by=by,
        created_at=shared_now(session),
    )
    session.add(job)
    _audit(session, job, by, f"start_{kind}")
    return job


def find(session: Session, kind: Kind, job_id: str) -> TrainerJob:
    """Raises ``JobNotFound``."""
    job = session.get(TrainerJob, job_id)
    if job is None or job.kind != kind:
        raise JobNotFound(f"no {kind} {job_id}")
    return job


def kind_of(session: Session, job_id: str) -> Kind:
    """What a job is; raises ``JobNotFound``."""
    job = session.get(TrainerJob, job_id)
    if job is None:
        raise JobNotFound(f"no job {job_id}")
    return "training" if job.kind == "training" else "comparison"


def latest(session: Session, kind: Kind, limit: int = 50) -> list[TrainerJob]:
    """The newest first."""
    statement = select(TrainerJob).where(TrainerJob.kind == kind)
    return list(session.scalars(statement.order_by(TrainerJob.created_at.desc()).limit(limit)))


def cancel(session: Session, kind: Kind, job_id: str, by: str) -> TrainerJob:
    """Cancel a job that waits; ask for the end of one that runs. Raises ``JobOver``."""
    now = shared_now(session)
    waiting = update(TrainerJob).where(TrainerJob.job_id == job_id, TrainerJob.state == "queued")
    ended: CursorResult[Any] = session.execute(  # pyright: ignore[reportAssignmentType]
        waiting.values(state="cancelled", step="已取消", finished_at=now)
    )
    job = find(session, kind, job_id)
    session.refresh(job)
    if not ended.rowcount:
        if job.state != "running":
            raise JobOver(f"the job is {job.state}")
        job.cancelling = True
    _audit(session, job, by, f"cancel_{kind}")
    return job


def take(session: Session, worker: str) -> TrainerJob | None:
    """The oldest job that waits, as the worker's own; ``None`` if there is none."""
    waiting = select(TrainerJob.job_id).where(TrainerJob.state == "queued")
    job_id = session.scalar(waiting.order_by(TrainerJob.created_at).limit(1))
    if job_id is None:
        return None
    now = shared_now(session)
    mine = update(TrainerJob).where(TrainerJob.job_id == job_id, TrainerJob.state == "queued")
    taken: CursorResult[Any] = session.execute(  # pyright: ignore[reportAssignmentType]
        mine.values(
            state="running", worker=worker, lease_until=now + LEASE, started_at=now, step="准备中"
        )
    )
    return session.get_one(TrainerJob, job_id, populate_existing=True) if taken.rowcount else None


def report(session: Session, job_id: str, worker: str, progress: int, step: str) -> bool:
    """Note how far it has come; whether the worker is to stop (cancelled, or no longer its own)."""
    job = session.get_one(TrainerJob, job_id, populate_existing=True)
    if job.state != "running" or job.worker != worker:
        return True
    job.progress, job.step = max(job.progress, progress), step
    job.lease_until = shared_now(session) + LEASE
    return job.cancelling


def finish(
    session: Session,
    job_id: str,
    worker: str,
    *,
    state: Literal["done", "failed", "cancelled"],
    error: str | None = None,
    **values: Any,
) -> None:
    """End a job that is still the worker's own; otherwise nothing."""
    job = session.get_one(TrainerJob, job_id, populate_existing=True)
    if job.state != "running" or job.worker != worker:
        return
    job.state, job.error, job.finished_at = state, error, shared_now(session)
    job.step = {"done": "完成", "failed": "失败", "cancelled": "已取消"}[state]
    job.lease_until = None
    if state == "done":
        job.progress = 100
    for name, value in values.items():
        setattr(job, name, value)


def end_lost(session: Session) -> list[str]:
    """Give up jobs whose process has ended or no longer reports; their ids."""
    now = shared_now(session)
    lost: list[str] = []
    for job in session.scalars(select(TrainerJob).where(TrainerJob.state == "running")):
        late = job.lease_until is not None and job.lease_until < now
        if late or (job.worker and workers.is_gone(job.worker)):
            job.state = "cancelled" if job.cancelling else "failed"
            job.step = "已取消" if job.cancelling else "失败"
            job.error = None if job.cancelling else VANISHED
            job.finished_at, job.lease_until = now, None
            lost.append(job.job_id)
    return lost


def is_waited_for(session: Session) -> bool:
    """Whether a job waits for a worker."""
    return session.scalar(select(TrainerJob.job_id).where(TrainerJob.state == "queued")) is not None


def as_json(session: Session, job: TrainerJob, *, whole: bool = False) -> Document:
    """A job as the API shows it; ``whole``: a comparison with its result."""
    [found] = listing(session, [job])
    return {**found, "result": job.result} if whole else found


def listing(session: Session, found: Sequence[TrainerJob]) -> list[Document]:
    """Jobs as the API shows them, with who began each, by name."""
    by = people.names(session, (job.created_by for job in found))
    return [
        {**(_run(job) if job.kind == "training" else _comparison(job)), "by": by[job.created_by]}
        for job in found
    ]


def _run(job: TrainerJob) -> Document:
    return {
        "run_id": job.job_id,
        **_common(job),
        "note": job.request.get("note", ""),
        "model_sha256": job.model_sha256,
        "data_commit": job.data_commit,
    }


def _comparison(job: TrainerJob) -> Document:
    asked = {name: job.request.get(name) for name in ("candidate", "live", "messages")}
    return {"comparison_id": job.job_id, "profile": job.profile, **_common(job), **asked}


def _audit(session: Session, job: TrainerJob, by: str, action: str) -> None:
    session.add(
        Audit(
            profile=job.profile,
            at=shared_now(session),
            actor=by,
            action=action,
            subject=job.job_id,
            detail=dict(job.request),
        )
    )


def _common(job: TrainerJob) -> Document:
    def moment(value: Any) -> str | None:
        return value.isoformat() if value else None

    return {
        "state": job.state,
        "progress": job.progress,
        "step": "正在取消" if job.cancelling and job.state == "running" else job.step,
        "created_by": job.created_by,
        "created_at": moment(job.created_at),
        "started_at": moment(job.started_at),
        "finished_at": moment(job.finished_at),
        "error": job.error,
    }
