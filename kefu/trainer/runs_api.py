"""The trainer's API: runs, comparisons, the frozen test set."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.conversation.models import live_model
from kefu.store.tables import Document
from kefu.trainer import access, frozen, jobs
from kefu.trainer.access import InTrainer, author_of
from kefu.trainer.promotion import card_of, check_archive
from kefu.trainer.run_errors import JobNotFound, ModelNotFound
from kefu.trainer.worker import job_folder

router = APIRouter(prefix="/api/v1/trainer", tags=["trainer"])

MOST_MESSAGES = 50_000
LOG_TAIL = 200_000
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewRun(Body):
    note: str = Field(default="", max_length=500)


class NewComparison(Body):
    candidate: Sha256
    live: Sha256 | None = None
    profile: str
    messages: int = Field(default=10_000, ge=0, le=MOST_MESSAGES)


class FrozenRow(Body):
    text: str = Field(min_length=1, max_length=500)
    intent: str = Field(min_length=1, max_length=200)
    profile: str | None = None


@router.get("/runs")
async def runs(runtime: InRuntime, member: InTrainer) -> dict[str, list[Document]]:
    """The latest trainings, the newest first."""

    def read(session: Session) -> list[Document]:
        return jobs.listing(session, jobs.latest(session, "training"))

    return {"runs": await runtime.database.read(read)}


@router.post("/runs", status_code=201)
async def start_run(body: NewRun, runtime: InRuntime, member: InTrainer) -> Document:
    """Put a training into the queue of the trainer's host."""
    by = access.actor(member)

    def create(session: Session) -> Document:
        return jobs.as_json(session, jobs.create(session, "training", {"note": body.note}, by))

    return await runtime.database.write(create)


@router.get("/runs/{run_id}")
async def run(run_id: str, runtime: InRuntime, member: InTrainer) -> Document:
    def read(session: Session) -> Document:
        return jobs.as_json(session, jobs.find(session, "training", run_id))

    return await runtime.database.read(read)


@router.get("/runs/{run_id}/log", response_class=PlainTextResponse)
async def run_log(run_id: str, runtime: InRuntime, member: InTrainer) -> str:
    """What the training has said so far (masked, the last 200 kB), on the trainer's host."""
    await runtime.database.read(partial(jobs.find, kind="training", job_id=run_id))
    path = job_folder(runtime.settings, run_id) / "log.txt"

    def tail() -> str:
        if not path.is_file():
            raise JobNotFound("no log here", title="日志尚未生成，或保存在另一台训练主机上。")
        return path.read_bytes()[-LOG_TAIL:].decode(errors="replace")

    return await asyncio.to_thread(tail)


@router.post("/runs/{run_id}/cancel")
async def cancel_run(run_id: str, runtime: InRuntime, member: InTrainer) -> Document:
    """End a training; 409 where it has ended already."""
    by = access.actor(member)

    def cancel(session: Session) -> Document:
        return jobs.as_json(session, jobs.cancel(session, "training", run_id, by))

    return await runtime.database.write(cancel)


@router.get("/comparisons")
async def comparisons(
    runtime: InRuntime, member: InTrainer, profile: Annotated[str | None, Query()] = None
) -> dict[str, list[Document]]:
    """The latest comparisons of the member's profiles, without their results."""
    allowed = access.trained_names(member, runtime.profiles)

    def read(session: Session) -> list[Document]:
        found = jobs.latest(session, "comparison")
        shown = [job for job in found if job.profile in allowed and profile in (None, job.profile)]
        return jobs.listing(session, shown)

    return {"comparisons": await runtime.database.read(read)}


@router.post("/comparisons", status_code=201)
async def start_comparison(body: NewComparison, runtime: InRuntime, member: InTrainer) -> Document:
    """Put a comparison into the queue; against the profile's live model where none is named."""
    access.require_profiles(member, runtime.profiles, [body.profile])
    live = body.live or await runtime.database.read(partial(live_model, profile=body.profile))
    if live is None:
        raise ModelNotFound("no model is live", title="目前没有在线的模型，无法对比。")
    for sha256 in {body.candidate, live}:
        await asyncio.to_thread(check_archive, runtime.settings.models_dir, sha256)
    by = access.actor(member)
    request: dict[str, Any] = {
        "candidate": body.candidate,
        "live": live,
        "messages": body.messages,
    }

    def create(session: Session) -> Document:
        card_of(session, body.candidate)
        job = jobs.create(session, "comparison", request, by, body.profile)
        return jobs.as_json(session, job)

    return await runtime.database.write(create)


@router.get("/comparisons/{comparison_id}")
async def comparison(comparison_id: str, runtime: InRuntime, member: InTrainer) -> Document:
    def read(session: Session) -> tuple[str, Document]:
        job = jobs.find(session, "comparison", comparison_id)
        return job.profile, jobs.as_json(session, job, whole=True)

    profile, found = await runtime.database.read(read)
    access.require_profiles(member, runtime.profiles, [profile])
    return found


@router.post("/comparisons/{comparison_id}/cancel")
async def cancel_comparison(comparison_id: str, runtime: InRuntime, member: InTrainer) -> Document:
    by = access.actor(member)

    def cancel(session: Session) -> Document:
        job = jobs.find(session, "comparison", comparison_id)
        access.require_profiles(member, runtime.profiles, [job.profile])
        return jobs.as_json(session, jobs.cancel(session, "comparison", comparison_id, by))

    return await runtime.database.write(cancel)


@router.get("/frozen")
async def frozen_rows(
    runtime: InRuntime,
    member: InTrainer,
    intent: Annotated[str | None, Query()] = None,
) -> dict[str, Any]:
    """The frozen test set, all of it or one intent's."""
    rows = await asyncio.to_thread(frozen.read, runtime.workbench.data.workspace)
    shown = [row for row in rows if intent is None or intent in row.intent.split("|")]
    return {"rows": [row.as_json() for row in shown], "total": len(shown)}


@router.post("/frozen", status_code=201)
async def add_frozen(body: FrozenRow, runtime: InRuntime, member: InTrainer) -> Document:
    """Keep one more row, as a commit; 409 where training data are too like it."""
    access.require_profiles(member, runtime.profiles, [body.profile] if body.profile else [])
    data, author = runtime.workbench.data, author_of(member)
    row = await asyncio.to_thread(frozen.add, data, body.text, body.intent, author)
    return row.as_json()


@router.delete("/frozen", status_code=204)
async def remove_frozen(
    text: Annotated[str, Query(min_length=1)], runtime: InRuntime, member: InTrainer
) -> None:
    await asyncio.to_thread(frozen.remove, runtime.workbench.data, text, author_of(member))
