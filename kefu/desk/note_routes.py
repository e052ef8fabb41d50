"""The agents' API: what colleagues tell each other about a talk, its tags, and drafts."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.conversation.messages import LONGEST_TEXT
from kefu.desk import backstage, drafts, limits, notes, tags
from kefu.desk.access import InScope
from kefu.runtime import Runtime
from kefu.store.base import Document

router = APIRouter(prefix="/api/v1/desk/conversations/{conversation_id}", tags=["desk"])

Tag = Annotated[str, StringConstraints(max_length=tags.LONGEST)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Words(_Body):
    text: str = Field(max_length=2 * LONGEST_TEXT)


class Draft(_Body):
    text: str = Field(max_length=LONGEST_TEXT)


class Tags(_Body):
    tags: list[Tag] = Field(max_length=tags.MOST)


class Invited(_Body):
    staff_id: int = Field(ge=1, le=2**31 - 1)


class Notes(BaseModel):
    notes: list[dict[str, Any]]


@router.get("/notes")
async def read_notes(conversation_id: str, runtime: InRuntime, scope: InScope) -> Notes:
    """Private notes, and the whispers that one may read, oldest first."""

    def read(session: Session) -> list[Document]:
        return notes.listing(session, scope.require(session, conversation_id), scope)

    return Notes(notes=await runtime.database.read(read))


@router.post("/notes", status_code=201)
async def note(
    conversation_id: str, body: Words, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Note something that no shopper reads; ``@username`` calls a colleague in."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    made = await runtime.database.write(
        partial(notes.write, conversation_id=conversation_id, scope=scope, text=body.text)
    )
    return _told(runtime, conversation_id, made)


@router.post("/whisper", status_code=201)
async def whisper(
    conversation_id: str, body: Words, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Supervisors: tell the agent who has the talk something, unheard by the shopper."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    made = await runtime.database.write(
        partial(notes.whisper, conversation_id=conversation_id, scope=scope, text=body.text)
    )
    return _told(runtime, conversation_id, made)


@router.post("/invite", status_code=204)
async def invite(conversation_id: str, body: Invited, runtime: InRuntime, scope: InScope) -> None:
    """Ask a colleague to look into the talk."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    await runtime.database.write(
        partial(notes.invite, conversation_id=conversation_id, scope=scope, staff_id=body.staff_id)
    )


@router.put("/tags")
async def put_tags(conversation_id: str, body: Tags, runtime: InRuntime, scope: InScope) -> Tags:
    """Replace the talk's tags; those that it has now."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    kept = await runtime.database.write(
        partial(tags.put, conversation_id=conversation_id, scope=scope, tags=body.tags)
    )
    return Tags(tags=kept)


@router.put("/draft", status_code=204)
async def put_draft(conversation_id: str, body: Draft, runtime: InRuntime, scope: InScope) -> None:
    """Keep what is being written; colleagues hear that something is, not what."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    await runtime.database.write(
        partial(drafts.keep, conversation_id=conversation_id, scope=scope, text=body.text)
    )
    drafts.tell(runtime.live, conversation_id, scope, on=bool(body.text.strip()))


def _told(runtime: Runtime, conversation_id: str, made: Document) -> Document:
    news = {"type": "note", "note_id": made["note_id"]}
    backstage.tell(runtime.live, conversation_id, news)
    return made
