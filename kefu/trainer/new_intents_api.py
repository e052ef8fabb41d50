"""New intents over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kefu.channels.shopper import InRuntime
from kefu.trainer import new_intents
from kefu.trainer.access import InTrainer, author_of
from kefu.trainer.new_intents import Kind, NewIntent

router = APIRouter(prefix="/api/v1/trainer/intents", tags=["trainer"])

Text = Annotated[str, Field(min_length=1, max_length=500)]


class Wanted(BaseModel):
    """``text`` goes with ``kind`` text, ``article`` (a path) with article."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    title: str = Field(min_length=1, max_length=80)
    file: str = Field(min_length=1, max_length=200)
    texts: list[Text] = Field(min_length=1, max_length=200)
    kind: Kind
    text: str = Field(default="", max_length=2000)
    article: str = Field(default="", max_length=200)


class Made(BaseModel):
    """``engineer``: what takes an engineer, in sentences; often nothing."""

    commit: str | None
    engineer: list[str]


class Renamed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=80)


@router.get("/choices")
async def choices(runtime: InRuntime, _member: InTrainer) -> dict[str, list[Any]]:
    """The topics that a new intent may belong to, and the articles that may answer it."""
    data = runtime.workbench.data

    def read() -> dict[str, list[Any]]:
        return {"topics": new_intents.topics(data), "articles": new_intents.articles(data)}

    return await asyncio.to_thread(read)


@router.post("", status_code=201)
async def create(body: Wanted, runtime: InRuntime, member: InTrainer) -> Made:
    """Everything that a new intent takes, as one commit; 422 says what to change."""
    new = NewIntent(
        name=body.name,
        title=body.title,
        file=body.file,
        texts=tuple(body.texts),
        kind=body.kind,
        text=body.text,
        article=body.article,
    )
    hand = f"trainer-{member.staff_id}"
    saved = await asyncio.to_thread(
        new_intents.create, runtime.workbench.data, new, author_of(member), hand=hand
    )
    return Made(commit=saved.commit, engineer=new_intents.for_engineers(new))


@router.put("/{intent}/title")
async def rename(
    intent: str, body: Renamed, runtime: InRuntime, member: InTrainer
) -> dict[str, str | None]:
    """Another Chinese title, as one commit; 422 says what to change."""
    saved = await asyncio.to_thread(
        new_intents.rename, runtime.workbench.data, intent, body.title.strip(), author_of(member)
    )
    return {"commit": saved.commit}
