"""The transcript over HTTP: as text, as a page, and at an address that a new window can open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Literal

import jwt
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse
from pydantic import BaseModel

from kefu.channels import transcript
from kefu.channels.callers import address_of
from kefu.channels.errors import TranscriptExpired
from kefu.channels.shopper import InQuietSession, InRuntime, InSession
from kefu.runtime import Runtime

router = APIRouter(prefix="/api/v1/shopper/transcript", tags=["shopper"])

AUDIENCE = "kefu-transcript"
# A new window carries no session token: long enough to open it, too short to pass it on.
LIFETIME = timedelta(minutes=5)
_FILE = {"Content-Disposition": 'attachment; filename="transcript.txt"'}

Format = Literal["text", "html"]


class Link(BaseModel):
    """``url``: a path on this server, good for five minutes."""

    url: str


@router.get("", response_class=PlainTextResponse)
async def read(session: InQuietSession, runtime: InRuntime, format: Format = "text") -> Response:
    """The whole talk, as text or as a page to print."""
    return await _answer(runtime, session.conversation_id, session.profile, format)


@router.post("/link")
async def make_link(session: InSession, request: Request, runtime: InRuntime) -> Link:
    """An address of the page for a new window, which can send no token."""
    await runtime.limits.message(session, address_of(request))
    claims = {
        "aud": AUDIENCE,
        "sub": session.conversation_id,
        "profile": session.profile,
        "exp": datetime.now(UTC) + LIFETIME,
    }
    key = jwt.encode(claims, runtime.session_key, algorithm="HS256")
    return Link(url=f"{router.prefix}/page?key={key}")


@router.get("/page", response_class=HTMLResponse)
async def see(
    runtime: InRuntime, key: Annotated[str, Query(max_length=2000)], format: Format = "html"
) -> Response:
    """The talk at such an address."""
    try:
        claims = jwt.decode(
            key,
            runtime.session_key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud", "profile"]},
        )
    except jwt.PyJWTError as error:
        raise TranscriptExpired(type(error).__name__) from error
    return await _answer(runtime, claims["sub"], claims["profile"], format)


@router.get("/print.css", include_in_schema=False)
def style() -> FileResponse:
    return FileResponse(transcript.TEMPLATES / "transcript.css", media_type="text/css")


@router.get("/print.js", include_in_schema=False)
def script() -> FileResponse:
    return FileResponse(transcript.TEMPLATES / "transcript.js", media_type="text/javascript")


async def _answer(
    runtime: Runtime, conversation_id: str, profile: str, format_: Format
) -> Response:
    write = transcript.as_page if format_ == "html" else transcript.as_text
    content = await runtime.database.read(
        partial(write, conversation_id=conversation_id, profile=runtime.profiles[profile])
    )
    if format_ == "html":
        return HTMLResponse(content)
    return PlainTextResponse(content, headers=_FILE)
