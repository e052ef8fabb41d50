"""Pictures over HTTP: sent in by shoppers, seen by whoever has a signed address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from sqlalchemy.orm import Session as Transaction
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from kefu.attachments import rows
from kefu.attachments.addresses import view
from kefu.attachments.errors import PictureMissing, PictureTooLarge, UploadTooSlow
from kefu.attachments.files import Size
from kefu.attachments.keeping import Kept
from kefu.attachments.pictures import LARGEST_FILE, MEDIA_TYPE
from kefu.channels.callers import address_of
from kefu.channels.shopper import InQuietSession, InRuntime, InSession
from kefu.conversation import events, state
from kefu.conversation.state import State
from kefu.store.base import Document

UPLOAD_SECONDS = 120
# Whatever else could be made of a picture opened by itself, it may do nothing.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Disposition": "inline",
}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}

router = APIRouter(prefix="/api/v1", tags=["shopper"])

AttachmentId = Annotated[str, Path(pattern=rows.ID)]


class AttachmentView(BaseModel):
    """``url`` and ``thumbnail_url`` are paths on this server, good for an hour at most."""

    id: str
    url: str
    thumbnail_url: str
    width: int
    height: int


@router.post("/shopper/attachments", status_code=201, openapi_extra=FORM)
async def upload(request: Request, session: InSession, runtime: InRuntime) -> AttachmentView:
    """Keep a picture for a message: JPEG, PNG, WebP, GIF or HEIC, 10 MB at most, as ``file``.

    One that no message sends is removed after a day.
    """
    await runtime.limits.picture(session, address_of(request))
    conversation_id = session.conversation_id
    await runtime.database.read(partial(_require_open, conversation_id=conversation_id))
    async with form_in(request) as (_, file):
        kept = await runtime.pictures.keep(session.profile, file.read)
    added = await runtime.database.write(partial(_add, conversation_id=conversation_id, kept=kept))
    return AttachmentView(**view(added, runtime.addresses.signed))


@router.get("/shopper/attachments/{attachment_id}")
async def look_up(
    attachment_id: AttachmentId, session: InQuietSession, runtime: InRuntime
) -> AttachmentView:
    """Fresh addresses of a picture of this conversation, for those that have expired."""
    found = await runtime.database.read(
        partial(
            rows.of_conversation,
            conversation_id=session.conversation_id,
            attachment_id=attachment_id,
        )
    )
    return AttachmentView(**view(rows.as_json(found), runtime.addresses.signed))


@router.get("/attachments/{attachment_id}", response_class=FileResponse)
async def see(
    attachment_id: AttachmentId,
    runtime: InRuntime,
    size: Size,
    expires: Annotated[int, Query(ge=0, le=2**40)],
    signature: Annotated[str, Query(max_length=128)],
) -> FileResponse:
    """The picture, as JPEG; the address comes from an event."""
    left = runtime.addresses.check(attachment_id, size, expires, signature)
    profile = await runtime.database.read(partial(rows.profile_of, attachment_id=attachment_id))
    path = await runtime.pictures.file(profile, attachment_id, size)
    return picture_response(path, seconds=left)


def picture_response(path: Any, *, seconds: int) -> FileResponse:
    """A picture that the browser may keep for itself for that long."""
    headers = {**_HEADERS, "Cache-Control": f"private, max-age={seconds}"}
    return FileResponse(path, media_type=MEDIA_TYPE, headers=headers)


@asynccontextmanager
async def form_in(request: Request) -> AsyncGenerator[tuple[FormData, UploadFile]]:
    """The form and its part ``file``; a large one lies on disk meanwhile."""
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            form = await request.form(max_files=1, max_fields=1)
    except TimeoutError as error:
        raise UploadTooSlow(f"not within {UPLOAD_SECONDS} s") from error
    except HTTPException as error:
        if error.status_code == 413:
            raise PictureTooLarge("the body is over the limit") from error
        raise PictureMissing(f"no readable form: {error.status_code}") from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise PictureMissing("the form has no file")
        if (file.size or 0) > LARGEST_FILE:
            raise PictureTooLarge(f"{file.size} bytes")
        yield form, file
    finally:
        await form.close()


def _require_open(transaction: Transaction, conversation_id: str) -> None:
    conversation = events.find(transaction, conversation_id)
    state.require(conversation, State.BOT, State.WAITING, State.ASSIGNED)


def _add(transaction: Transaction, conversation_id: str, kept: Kept) -> Document:
    conversation = events.lock(transaction, conversation_id)
    state.require(conversation, State.BOT, State.WAITING, State.ASSIGNED)
    return rows.add(transaction, conversation, kept.attachment_id, kept.picture)
