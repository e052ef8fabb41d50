"""The inbox over HTTP: list, look, label, skip, approve, take back, write into the data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.runtime import Runtime
from kefu.store.base import Document
from kefu.trainer import committing, inbox, labelling
from kefu.trainer.access import InTrainer, author_of, require_profile, trained_profiles
from kefu.trainer.labelling import NEW_INTENT, Label
from kefu.trainer.why import explanation

router = APIRouter(prefix="/api/v1/trainer/inbox", tags=["trainer"])

T = TypeVar("T")

Kind = Literal[
    "confident_sample",
    "out_of_scope",
    "near_threshold",
    "low_confidence",
    "rephrased",
    "handed_off",
    "thumbs_down",
    "agent_wrong",
]
State = Literal["open", "labelled", "skipped", "committed"]
ItemIds = Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1, max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Asked(_Body):
    """``q`` is looked for in the text; ``group``: only the items of that group."""

    profile: str | None = None
    kind: Kind | None = None
    q: str = Field(default="", max_length=100)
    state: State = "open"
    group: int | None = None
    page: int = Field(default=1, ge=1, le=100_000)


class Mark(_Body):
    """An entity in the text; ``value`` where it differs from what was typed."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    entity: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    value: str | None = Field(default=None, max_length=80)


class Labelling(_Body):
    """``replace``: also what a colleague has labelled otherwise. Marks go with a single item."""

    item_ids: ItemIds
    intent: str = Field(min_length=1, max_length=80)
    new_intent_hint: str | None = Field(default=None, max_length=200)
    entities: list[Mark] = Field(default=[], max_length=50)
    replace: bool = False


class Chosen(_Body):
    item_ids: ItemIds


class Commit(_Body):
    """``item_ids``: only these; by default all that are ready."""

    item_ids: ItemIds | None = None


class Listing(BaseModel):
    items: list[dict[str, Any]]
    groups: int
    total: int
    pages: int


class Labelled(BaseModel):
    """``left``: items that a colleague has labelled otherwise."""

    labelled: list[int]
    left: list[dict[str, Any]]


class Committed(BaseModel):
    """``known`` stood in the data already; ``left_out`` would spoil it, with the findings."""

    commit: str | None
    added: list[int]
    known: list[int]
    left_out: list[dict[str, Any]]


@router.get("")
async def listing(
    runtime: InRuntime, member: InTrainer, asked: Annotated[Asked, Query()]
) -> Listing:
    """One page of the inbox, the hardest first."""
    if asked.profile:
        require_profile(member, asked.profile)
    wanted = inbox.Wanted(trained_profiles(member), **asked.model_dump())
    found = await runtime.database.read(partial(inbox.listing, wanted=wanted))
    return Listing(**found)


@router.get("/counts")
async def counts(runtime: InRuntime, member: InTrainer) -> dict[str, int]:
    """Open items by kind."""
    profiles = trained_profiles(member)
    return await runtime.database.read(partial(inbox.counts, profiles=profiles))


@router.get("/commit")
async def commit_preview(runtime: InRuntime, member: InTrainer) -> dict[str, Any]:
    """What ``POST /commit`` would write now, and what it would leave out and why."""
    items = await runtime.database.read(
        partial(
            committing.ready,
            profiles=trained_profiles(member),
            brands=runtime.profiles,
            item_ids=None,
        )
    )
    return await asyncio.to_thread(committing.preview, runtime.workbench.data, items)


@router.get("/{item_id}")
async def item(item_id: int, runtime: InRuntime, member: InTrainer) -> dict[str, Any]:
    """One item with why it was read so, the talk around it, and who did what with it."""
    found: Document = await runtime.database.read(
        partial(
            inbox.details,
            item_id=item_id,
            profiles=trained_profiles(member),
            brands=runtime.profiles,
        )
    )
    why = await explanation(runtime.engine, runtime.workbench.data, found["text"])
    return {**found, "explanation": why}


@router.post("/label")
async def label(body: Labelling, runtime: InRuntime, member: InTrainer) -> Labelled:
    """Say what the messages mean: an intent, ``out_of_scope`` or ``new_intent_needed``."""
    data = runtime.workbench.data
    if body.intent != NEW_INTENT:
        await asyncio.to_thread(data.require_intent, body.intent)
    marks = tuple(mark.model_dump(exclude_none=True) for mark in body.entities)
    if marks:
        known = await asyncio.to_thread(data.entity_names)
        labelling.require_marks(marks, body.item_ids, known)
    given = Label(body.intent, body.new_intent_hint, marks)
    work = partial(labelling.label, given=given, replace=body.replace)
    return Labelled(**await _write(runtime, member, body.item_ids, work))


@router.post("/skip", status_code=204)
async def skip(body: Chosen, runtime: InRuntime, member: InTrainer) -> None:
    """Put aside what is not worth labelling."""
    await _write(runtime, member, body.item_ids, labelling.skip)


@router.post("/approve", status_code=204)
async def approve(body: Chosen, runtime: InRuntime, member: InTrainer) -> None:
    """Confirm what a colleague has labelled."""
    await _write(runtime, member, body.item_ids, labelling.approve)


@router.post("/undo", status_code=204)
async def undo(body: Chosen, runtime: InRuntime, member: InTrainer) -> None:
    """Take back the latest action on each."""
    await _write(runtime, member, body.item_ids, labelling.undo)


@router.post("/commit")
async def commit(body: Commit, runtime: InRuntime, member: InTrainer) -> Committed:
    """Write labelled (and, where asked for, approved) messages into the training data."""
    items = await runtime.database.read(
        partial(
            committing.ready,
            profiles=trained_profiles(member),
            brands=runtime.profiles,
            item_ids=body.item_ids,
        )
    )
    author = author_of(member)
    outcome = await asyncio.to_thread(committing.write, runtime.workbench.data, items, author)
    staff_id = member.staff.staff_id

    def note(session: Session) -> None:
        labelling.committed(session, outcome.added, staff_id, outcome.commit)
        labelling.committed(session, outcome.known, staff_id, None, "known already")

    await runtime.database.write(note)
    return Committed(
        commit=outcome.commit,
        added=outcome.added,
        known=outcome.known,
        left_out=outcome.left_out,
    )


async def _write(
    runtime: Runtime, member: InTrainer, item_ids: list[int], work: Callable[..., T]
) -> T:
    return await runtime.database.write(
        partial(
            work,
            item_ids=item_ids,
            profiles=trained_profiles(member),
            staff_id=member.staff.staff_id,
        )
    )
