"""The agents' API: open a talk, write in it, take a message back."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.attachments.addresses import for_staff, staff_address, view
from kefu.attachments.keeping import Kept
from kefu.channels.attachments import FORM, AttachmentView, form_in
from kefu.channels.inbox import ClientMessageId
from kefu.channels.shopper import InRuntime, Sequence
from kefu.conversation import events, state
from kefu.desk import answering, drafts, limits, talks
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.desk.suggested import Suggested
from kefu.store.base import Document

router = APIRouter(prefix="/api/v1/desk/conversations/{conversation_id}", tags=["desk"])

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Answer(_Body):
    """A text, or a picture that was uploaded before.

    ``suggested`` is the ``signed`` of a suggestion sent word for word: its cards go with it.
    ``seen_seq``: what the page had shown when it was sent; where somebody else has written since,
    nothing is sent. Without it the message goes out in any case.
    """

    client_message_id: ClientMessageId
    text: str = ""
    attachment_id: Annotated[str, StringConstraints(pattern=rows.ID)] | None = None
    suggested: str | None = Field(default=None, max_length=60_000)
    seen_seq: int | None = Field(default=None, ge=0, le=2**31 - 1)


class ArticleToSend(_Body):
    client_message_id: ClientMessageId
    article: Slug


@router.get("")
async def open_talk(conversation_id: str, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """One conversation: events, hand-off packet, notes, earlier talks, how the bot read it."""
    found = await runtime.database.read(
        partial(talks.details, conversation_id=conversation_id, scope=scope)
    )
    read_up_to = runtime.live.read_up_to(conversation_id)
    return {**found, "events": for_staff(found["events"]), "read_up_to": read_up_to}


@router.post("/messages", status_code=202)
async def answer(
    conversation_id: str, body: Answer, runtime: InRuntime, scope: InScope
) -> Sequence:
    """Write to the shopper; the same ``client_message_id`` again gets the same answer.

    409 ``newer_messages`` tells of messages that the writer has not seen.
    """
    await limits.spend(runtime.rates, limits.MESSAGES, scope.member)
    suggested = Suggested(runtime.suggestion_key, conversation_id, scope.staff_id)
    await runtime.beats.beat(scope.staff_id)
    seq = await runtime.database.write(
        partial(
            answering.answer,
            conversation_id=conversation_id,
            scope=scope,
            client_message_id=body.client_message_id,
            text=body.text,
            attachment_id=body.attachment_id,
            cards=partial(suggested.cards, body.suggested, body.text),
            seen_seq=body.seen_seq,
        )
    )
    drafts.tell(runtime.live, conversation_id, scope, on=False)
    return Sequence(seq=seq)


@router.post("/messages/{seq}/recall")
async def recall(
    conversation_id: str,
    seq: Annotated[int, Path(ge=1, le=2**31 - 1)],
    runtime: InRuntime,
    scope: InScope,
) -> Sequence:
    """Take one's own message back within two minutes; ``seq`` of the event that says so."""
    done = await runtime.database.write(
        partial(answering.recall, conversation_id=conversation_id, scope=scope, seq=seq)
    )
    for picture in done.pictures:
        await runtime.pictures.remove(done.profile, picture)
    return Sequence(seq=done.seq)


@router.post("/articles", status_code=202)
async def send_article(
    conversation_id: str, body: ArticleToSend, runtime: InRuntime, scope: InScope
) -> Sequence:
    """Send a help article as a card."""
    await limits.spend(runtime.rates, limits.MESSAGES, scope.member)
    found = await runtime.database.read(partial(scope.require, conversation_id=conversation_id))
    article = runtime.library.article(found.profile, body.article)
    seq = await runtime.database.write(
        partial(
            answering.send_article,
            conversation_id=conversation_id,
            scope=scope,
            client_message_id=body.client_message_id,
            article=article,
            url=f"/help/{found.profile}/{article.slug}",
        )
    )
    return Sequence(seq=seq)


@router.post("/attachments", status_code=201, openapi_extra=FORM)
async def upload(
    conversation_id: str, request: Request, runtime: InRuntime, scope: InScope
) -> AttachmentView:
    """Keep a picture for a message of one's own, under the same checks as a shopper's."""
    await limits.spend(runtime.rates, limits.PICTURES, scope.member)
    profile = await runtime.database.read(
        partial(_require_owner, conversation_id=conversation_id, scope=scope)
    )
    async with form_in(request) as (_, file):
        kept = await runtime.pictures.keep(profile, file.read)
    added = await runtime.database.write(
        partial(_add, conversation_id=conversation_id, scope=scope, kept=kept)
    )
    return AttachmentView(**view(added, staff_address))


def _require_owner(session: Session, conversation_id: str, scope: Scope) -> str:
    conversation = scope.require(session, conversation_id)
    state.require_owner(session, conversation, scope.staff_id)
    return conversation.profile


def _add(session: Session, conversation_id: str, scope: Scope, kept: Kept) -> Document:
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    state.require_owner(session, conversation, scope.staff_id)
    return rows.add(
        session, conversation, kept.attachment_id, kept.picture, staff_id=scope.staff_id
    )
