"""The webhook channel over HTTP: what a shop's server sends for its users."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.attachments.keeping import Kept
from kefu.channels import ratings, verify
from kefu.channels.shopper import InRuntime, Sequence
from kefu.channels.verify import Checked, Resent
from kefu.channels.webhook import cursor, talks
from kefu.channels.webhook.bodies import (
    Awaited,
    Body,
    Button,
    Close,
    Image,
    InTalk,
    QueueLeave,
    Rating,
    Ready,
    Standing,
    Taken,
    Text,
    User,
    Verify,
    VerifyResend,
)
from kefu.channels.webhook.signed import Name, Sender, signed_form
from kefu.channels.webhook.talks import Incoming, Stored
from kefu.conversation import events, messages, picture_messages
from kefu.conversation.messages import Accepted
from kefu.handoff import queue
from kefu.profiles import Profile
from kefu.runtime import Runtime
from kefu.verification import codes

router = APIRouter(prefix="/api/v1/channels/webhook", tags=["webhook channel"])

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["message", "file"],
                    "properties": {
                        "message": {"type": "string", "description": "JSON, of type image"},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


@router.post("/{profile}", status_code=202)
async def take(
    body: Body, sender: Sender, runtime: InRuntime, response: Response
) -> Taken | Checked | Resent | Sequence | Standing | Awaited:
    """Accept a message (202), or do at once (200) what the rest of the types say."""
    if isinstance(body, Text | Button):
        return await _take_message(runtime, sender, body)
    response.status_code = 200
    if isinstance(body, Ready):
        due = await runtime.database.write(partial(cursor.begin_anew, profile=sender.profile))
        runtime.webhooks.wake()
        return Awaited(conversations=due)
    await runtime.limits.webhook_user(sender.profile, body.user.id)
    await runtime.database.read(
        partial(
            talks.own,
            profile=sender.profile,
            user=body.user,
            conversation_id=body.conversation_id,
        )
    )
    return await _carry_out(runtime, sender, body)


@router.post("/{profile}/images", status_code=202, openapi_extra=_FORM)
async def take_image(profile: Name, request: Request, runtime: InRuntime) -> Taken:
    """Accept a picture as a message: JPEG, PNG, WebP, GIF or HEIC, 10 MB at most."""
    async with signed_form(profile, request, runtime) as (sender, form, file):
        body = _image(form.get("message"))
        before = await _known(runtime, sender, body.user, body.message_id)
        if before:
            return before
        await runtime.limits.webhook_user(sender.profile, body.user.id)
        await runtime.limits.webhook_picture(sender.profile, body.user.id)
        kept = await runtime.pictures.keep(sender.profile, file.read)
    store = partial(_store_picture, message_id=body.message_id, kept=kept)
    return await _store(runtime, sender, body, store)


async def _take_message(runtime: Runtime, sender: Profile, body: Text | Button) -> Taken:
    """What was accepted before may be sent again at any rate."""
    before = await _known(runtime, sender, body.user, body.message_id)
    if before:
        return before
    await runtime.limits.webhook_user(sender.profile, body.user.id)

    def store(session: Session, conversation_id: str) -> Accepted:
        return messages.accept(
            session,
            conversation_id,
            body.message_id,
            sender,
            text=body.text if isinstance(body, Text) else None,
            button_id=body.button if isinstance(body, Button) else None,
        )

    return await _store(runtime, sender, body, store)


async def _known(runtime: Runtime, sender: Profile, user: User, message_id: str) -> Taken | None:
    find = partial(talks.known, profile=sender.profile, user_id=user.id, message_id=message_id)
    before = await runtime.database.read(find)
    return _taken(before) if before else None


async def _store(
    runtime: Runtime,
    sender: Profile,
    body: Text | Button | Image,
    store: Callable[[Session, str], Accepted],
) -> Taken:
    incoming = Incoming(
        user=body.user,
        message_id=body.message_id,
        sent_at=body.at,
        context=body.context.model_dump(exclude_none=True),
        user_key=codes.user_key(runtime.code_key, sender.profile, body.user.id),
        store=store,
    )
    stored = await runtime.database.write(partial(talks.accept, profile=sender, message=incoming))
    if stored.needs_turn:
        runtime.runner.wake(stored.conversation_id)
    return _taken(stored)


def _taken(stored: Stored) -> Taken:
    return Taken(seq=stored.seq, conversation_id=stored.conversation_id)


def _store_picture(session: Session, conversation_id: str, message_id: str, kept: Kept) -> Accepted:
    conversation = events.lock(session, conversation_id)
    rows.add(session, conversation, kept.attachment_id, kept.picture)
    session.flush()
    return picture_messages.accept(session, conversation_id, message_id, kept.attachment_id)


async def _carry_out(
    runtime: Runtime, sender: Profile, body: InTalk
) -> Checked | Resent | Sequence | Standing:
    """For a talk that is known to be the user's own."""
    conversation_id = body.conversation_id
    match body:
        case Verify():
            return await verify.check(runtime, conversation_id, body)
        case VerifyResend():
            user_key = codes.user_key(runtime.code_key, sender.profile, body.user.id)
            return await verify.send_again(runtime, conversation_id, body.verify_id, user_key)
        case Rating():
            return await ratings.give(runtime, conversation_id, sender.profile, body)
        case QueueLeave():
            work = queue.leave_queue
        case Close():
            work = queue.leave
    await runtime.database.write(partial(work, conversation_id=conversation_id))
    conversation = await runtime.database.read(
        partial(events.find, conversation_id=conversation_id)
    )
    return Standing(conversation_id=conversation_id, state=conversation.state)


def _image(part: object) -> Image:
    try:
        return Image.model_validate_json(part if isinstance(part, str) else "")
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
