"""The shopper API over HTTP."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kefu.channels import identity, opening, tokens, transcript, websocket
from kefu.channels.errors import IdentityRefused, SessionRefused
from kefu.channels.identity import Shopper
from kefu.channels.inbox import IncomingMessage, take, wait_for_events
from kefu.channels.tokens import Session
from kefu.handoff import queue
from kefu.runtime import Runtime
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Viewer

LONGEST_WAIT = 25.0

router = APIRouter(prefix="/api/v1/shopper", tags=["shopper"])

Place = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Context(BaseModel):
    """What the chat was opened from."""

    model_config = ConfigDict(extra="forbid")

    order_id: Place | None = None
    item_id: Place | None = None
    case_id: Place | None = None
    page: Place | None = None


class Opening(BaseModel):
    """``token`` is the JWT of the shop's own server; without it a guest comes in."""

    model_config = ConfigDict(extra="forbid")

    profile: str = Field(max_length=40)
    token: str | None = Field(default=None, max_length=4096)
    resume_token: str | None = Field(default=None, max_length=200)
    demo_account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,40}$")
    context: Context = Context()


class SessionOpened(BaseModel):
    conversation_id: str
    session_token: str
    resume_token: str
    state: str
    last_seq: int


class Sequence(BaseModel):
    seq: int


class Events(BaseModel):
    events: list[dict[str, Any]]


def runtime_of(request: Request) -> Runtime:
    return request.app.state.runtime


def session_of(request: Request, authorization: Annotated[str | None, Header()] = None) -> Session:
    """The session of the Bearer token; raises ``SessionRefused``."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionRefused("no bearer token")
    return tokens.verify(token, runtime_of(request).session_key)


InRuntime = Annotated[Runtime, Depends(runtime_of)]
InSession = Annotated[Session, Depends(session_of)]


@router.post("/sessions")
async def open_session(body: Opening, request: Request, runtime: InRuntime) -> SessionOpened:
    """Open a conversation or come back to one."""
    runtime.session_limit.spend(request.client.host if request.client else "")
    profile = runtime.profiles[body.profile]
    shopper = await _who(runtime, body)
    opened = await runtime.database.write(
        partial(
            opening.open_conversation,
            profile=profile,
            shopper=shopper,
            resume_token=body.resume_token,
            context=body.context.model_dump(exclude_none=True),
        )
    )
    return SessionOpened(
        conversation_id=opened.conversation_id,
        session_token=tokens.sign(opened.conversation_id, profile.profile, runtime.session_key),
        resume_token=opened.resume_token,
        state=opened.state,
        last_seq=opened.last_seq,
    )


async def _who(runtime: Runtime, body: Opening) -> Shopper | None:
    if body.token:
        return identity.check(body.token, runtime.profiles[body.profile])
    if body.demo_account is None:
        return None
    if not runtime.settings.demo:
        raise IdentityRefused("demo accounts exist in demo mode only")
    viewer = Viewer(profile=body.profile, account_id=body.demo_account)
    try:
        account = await asyncio.to_thread(runtime.shop.account, viewer)
    except ShopUnavailable:
        # The shop is away: the talk may begin all the same, only without a name.
        return Shopper(body.demo_account)
    if account is None:
        raise IdentityRefused("no such demo account")
    return Shopper(account.account_id, account.name)


@router.post("/messages", status_code=202)
async def post_message(body: IncomingMessage, session: InSession, runtime: InRuntime) -> Sequence:
    """Accept a message; the same ``client_message_id`` again gets the same answer."""
    return Sequence(seq=await take(runtime, session, body))


@router.get("/events")
async def read_events(
    session: InSession,
    runtime: InRuntime,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    wait: Annotated[float, Query(ge=0)] = 0,
) -> Events:
    """Events behind ``after``, at most 200; waits up to ``wait`` seconds (25 at most) for one."""
    conversation_id = session.conversation_id
    with runtime.connection_limit.hold(conversation_id):
        found = await wait_for_events(runtime, conversation_id, after, min(wait, LONGEST_WAIT))
    return Events(events=found)


@router.post("/close", status_code=204)
async def close(session: InSession, runtime: InRuntime) -> None:
    """End the conversation."""
    await runtime.database.write(partial(queue.leave, conversation_id=session.conversation_id))


@router.post("/queue/leave", status_code=204)
async def leave_queue(session: InSession, runtime: InRuntime) -> None:
    """Stop waiting for a person; the bot answers again."""
    await runtime.database.write(
        partial(queue.leave_queue, conversation_id=session.conversation_id)
    )


@router.get("/transcript", response_class=PlainTextResponse)
async def read_transcript(session: InSession, runtime: InRuntime) -> PlainTextResponse:
    """The whole talk as text."""
    text = await runtime.database.read(
        partial(transcript.as_text, conversation_id=session.conversation_id)
    )
    headers = {"Content-Disposition": 'attachment; filename="transcript.txt"'}
    return PlainTextResponse(text, headers=headers)


@router.websocket("/ws")
async def socket(connection: WebSocket) -> None:
    await websocket.serve(connection, connection.app.state.runtime)
