"""The trainer's API: models, promotion, rollback, canaries, thresholds, and how it all does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.conversation.models import live_model
from kefu.engines.wanted import hosts
from kefu.store.database import utc_now
from kefu.store.tables import EVERY_PROFILE, Document
from kefu.trainer import access, canary, model_rows, promotion, thresholds, vocabulary, watch
from kefu.trainer.access import InTrainer
from kefu.trainer.run_errors import ModelNotFound
from kefu.trainer.runs_api import Body, Sha256

router = APIRouter(prefix="/api/v1/trainer", tags=["trainer"])

LONGEST_WATCH = 180


class Promotion(Body):
    profiles: list[str] | None = None
    reason: str = Field(default="", max_length=1000)


class Rollback(Body):
    profile: str
    reason: str = Field(default="", max_length=1000)


class NewCanary(Body):
    profile: str
    share: float = Field(gt=0, lt=1)


class Threshold(Body):
    answer: float = Field(ge=0, le=1)
    clarify: float | None = Field(default=None, ge=0, le=1)


@router.get("/models")
async def models(runtime: InRuntime, member: InTrainer) -> dict[str, list[Document]]:
    """All trained models, the newest first."""
    names = access.trained_names(member, runtime.profiles)
    found = await runtime.database.read(partial(model_rows.listing, profiles=names))
    for one in found:
        path = runtime.settings.models_dir / f"{one['sha256']}.tar.gz"
        one["archive_present"] = await asyncio.to_thread(path.is_file)
    return {"models": found}


@router.get("/models/{sha256}")
async def model(sha256: Sha256, runtime: InRuntime, member: InTrainer) -> Document:
    """One model's card and where it is live."""
    names = access.trained_names(member, runtime.profiles)
    found = await runtime.database.read(partial(model_rows.listing, profiles=names))
    one = next((each for each in found if each["sha256"] == sha256), None)
    if one is None:
        raise ModelNotFound(f"no model {sha256}")
    path = runtime.settings.models_dir / f"{sha256}.tar.gz"
    return {**one, "archive_present": await asyncio.to_thread(path.is_file)}


@router.post("/models/{sha256}/promote")
async def promote(
    sha256: Sha256, body: Promotion, runtime: InRuntime, member: InTrainer
) -> dict[str, list[Document]]:
    """Make it live in ``profiles``, or in all that the member trains."""
    names = body.profiles or access.trained_names(member, runtime.profiles)
    access.require_profiles(member, runtime.profiles, names)
    await asyncio.to_thread(promotion.check_archive, runtime.settings.models_dir, sha256)
    move = partial(
        promotion.promote,
        sha256=sha256,
        profiles=names,
        by=access.actor(member),
        reason=body.reason,
    )
    changes = await runtime.database.write(move)
    return {"changes": [promotion.change_as_json(each) for each in changes]}


@router.post("/rollback")
async def roll_back(body: Rollback, runtime: InRuntime, member: InTrainer) -> Document:
    """Back to the model that was live before."""
    access.require_profiles(member, runtime.profiles, [body.profile])
    read = partial(promotion.previous_model, profile=body.profile)
    previous = await runtime.database.read(read)
    if previous:
        await asyncio.to_thread(promotion.check_archive, runtime.settings.models_dir, previous)
    move = partial(
        promotion.roll_back, profile=body.profile, by=access.actor(member), reason=body.reason
    )
    return promotion.change_as_json(await runtime.database.write(move))


@router.get("/live")
async def live(runtime: InRuntime, member: InTrainer) -> Document:
    """What is live in each profile, what was, by whom and why, and how far the hosts are."""
    names = access.trained_names(member, runtime.profiles)

    def read(session: Session) -> Document:
        return {
            "live": {name: live_model(session, name) for name in names if name != EVERY_PROFILE},
            "previous": {
                name: promotion.previous_model(session, name)
                for name in names
                if name != EVERY_PROFILE
            },
            "canaries": canary.running(session, names),
            "history": promotion.history(session, names),
            "hosts": hosts(session),
        }

    return await runtime.database.read(read)


@router.post("/models/{sha256}/canary", status_code=201)
async def start_canary(
    sha256: Sha256, body: NewCanary, runtime: InRuntime, member: InTrainer
) -> Document:
    """Let it answer a share of the profile's conversations."""
    access.require_profiles(member, runtime.profiles, [body.profile])
    await asyncio.to_thread(promotion.check_archive, runtime.settings.models_dir, sha256)
    begin = partial(
        canary.start,
        sha256=sha256,
        profile=body.profile,
        share=body.share,
        by=access.actor(member),
    )
    return promotion.change_as_json(await runtime.database.write(begin))


@router.delete("/models/{sha256}/canary")
async def stop_canary(
    sha256: Sha256, profile: Annotated[str, Query()], runtime: InRuntime, member: InTrainer
) -> Document:
    access.require_profiles(member, runtime.profiles, [profile])
    end = partial(canary.stop, profile=profile, sha256=sha256, by=access.actor(member))
    return promotion.change_as_json(await runtime.database.write(end))


@router.get("/profiles/{profile}/threshold")
async def threshold(profile: str, runtime: InRuntime, member: InTrainer) -> Document:
    """What holds, and what each other threshold would do by the last comparison."""
    access.require_profiles(member, runtime.profiles, [profile])
    describe = partial(thresholds.describe, profile=runtime.profiles[profile])
    return await runtime.database.read(describe)


@router.put("/profiles/{profile}/threshold")
async def put_threshold(
    profile: str, body: Threshold, runtime: InRuntime, member: InTrainer
) -> Document:
    """Set it, without a training, for the next turn on every desk."""
    access.require_profiles(member, runtime.profiles, [profile])

    def put(session: Session) -> Document:
        thresholds.put(session, profile, body.answer, body.clarify, by=access.actor(member))
        session.flush()
        return thresholds.describe(session, runtime.profiles[profile])

    return await runtime.database.write(put)


@router.delete("/profiles/{profile}/threshold")
async def clear_threshold(profile: str, runtime: InRuntime, member: InTrainer) -> Document:
    """Let the profile's file, or the model, decide again."""
    access.require_profiles(member, runtime.profiles, [profile])

    def clear(session: Session) -> Document:
        thresholds.clear(session, profile, by=access.actor(member))
        session.flush()
        return thresholds.describe(session, runtime.profiles[profile])

    return await runtime.database.write(clear)


@router.get("/watch")
async def watched(
    profile: str,
    runtime: InRuntime,
    member: InTrainer,
    days: Annotated[int, Query(ge=2, le=LONGEST_WATCH)] = 35,
) -> Document:
    """How the live bot does in the profile, over so many days."""
    access.require_profiles(member, runtime.profiles, [profile])
    now = utc_now()
    read = partial(watch.heard, profile=profile, since=now - timedelta(days=days))
    turns = await runtime.database.read(read)
    numbers = runtime.profiles[profile].known_numbers

    def summary() -> Document:
        cache = runtime.settings.home / "cache" / "jieba"
        cutter = vocabulary.open_tokenizer(runtime.settings.workspace, cache)
        return watch.summary(turns, now, cutter, numbers)

    return await asyncio.to_thread(summary)
