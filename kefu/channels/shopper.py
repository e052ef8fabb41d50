"""The shopper API over HTTP."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, WebSocket
from pydantic import BaseModel, ConfigDict, Field

from kefu.channels import identity, opening, people, tokens, websocket
from kefu.channels.callers import address_of, require_origin
from kefu.channels.errors import IdentityRefused, SessionRefused
from kefu.channels.identity import Shopper
from kefu.channels.inbox import IncomingMessage, take, wait_for_events
from kefu.channels.people import People
from kefu.channels.signals import Signal, pass_on_from_shopper
from kefu.channels.tokens import Session
from kefu.channels.words import Line
from kefu.conversation import events
from kefu.handoff import queue
from kefu.handoff.places import as_event, place_of
from kefu.runtime import Runtime
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Viewer
from kefu.store.database import utc_now
from kefu.verification import codes

LONGEST_WAIT = 25.0

router = APIRouter(prefix="/api/v1/shopper", tags=["shopper"])

Place = Annotated[Line, Field(max_length=200)]


class Context(BaseModel):
    """What the chat was opened from."""

    model_config = ConfigDict(extra="forbid")

    order_id: Place | None = None
    item_id: Place | None = None
    case_id: Place | None = None
    seller_id: Place | None = None
    page: Place | None = None


class Opening(BaseModel):
    """``token`` is the JWT of the shop's own server; without it a guest comes in.

    ``ended_too``: come back as well to a talk that ended within the last day, to read or rate it.
    """

    model_config = ConfigDict(extra="forbid")

    profile: str = Field(max_length=40)
    token: str | None = Field(default=None, max_length=4096)
    resume_token: str | None = Field(default=None, max_length=200)
    demo_account: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_-]{1,40}$")
    context: Context = Context()
    ended_too: bool = False


class SessionOpened(BaseModel):
    """``queue``: the event of that type, where the shopper waits for a person.

    ``read_up_to``: the ``seq`` up to which an agent has seen the talk, as far as known.
    """

    conversation_id: str
    session_token: str
    resume_token: str
    state: str
    last_seq: int
    read_up_to: int
    queue: dict[str, Any] | None
    people: People


class Sequence(BaseModel):
    seq: int


class Events(BaseModel):
    """``passing``: typing, read and queue, which are not stored and have no ``seq``."""

    events: list[dict[str, Any]]
    passing: list[dict[str, Any]] = []


def runtime_of(request: Request) -> Runtime:
    return request.app.state.runtime


def session_of(request: Request, authorization: Annotated[str | None, Header()] = None) -> Session:
    """The session of the Bearer token; raises ``SessionRefused`` and ``OriginRefused``."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise SessionRefused("no bearer token")
    runtime = runtime_of(request)
    session = tokens.verify(token, runtime.session_key)
    require_origin(request, runtime.profiles.get(session.profile))
    return session


async def _place(runtime: Runtime, conversation_id: str) -> dict[str, Any] | None:
    """Where a conversation that waits stands in the queue, as the event of that type."""
    found = await runtime.database.read(
        lambda session: place_of(session, runtime.profiles, events.find(session, conversation_id))
    )
    return as_event(found) if found else None


InRuntime = Annotated[Runtime, Depends(runtime_of)]
InSession = Annotated[Session, Depends(session_of)]


async def quiet_session_of(session: InSession, runtime: InRuntime) -> Session:
    """The session, for what neither says nor brings anything into the talk."""
    await runtime.limits.quiet(session)
    return session


InQuietSession = Annotated[Session, Depends(quiet_session_of)]


@router.post("/sessions")
async def open_session(body: Opening, request: Request, runtime: InRuntime) -> SessionOpened:
    """Open a conversation or come back to one."""
    address = address_of(request)
    await runtime.limits.session(address)
    profile = runtime.profiles[body.profile]
    require_origin(request, profile)
    shopper = await _who(runtime, body)
    opened = await runtime.database.write(
        partial(
            opening.open_conversation,
            profile=profile,
            shopper=shopper,
            resume_token=body.resume_token,
            context=body.context.model_dump(exclude_none=True),
            ended_too=body.ended_too,
            address_key=codes.address_key(runtime.code_key, address),
        )
    )
    return SessionOpened(
        conversation_id=opened.conversation_id,
        session_token=tokens.sign(
            opened.conversation_id,
            profile.profile,
            runtime.session_key,
            account_id=shopper.account_id if shopper else None,
        ),
        resume_token=opened.resume_token,
        state=opened.state,
        last_seq=opened.last_seq,
        read_up_to=runtime.live.read_up_to(opened.conversation_id, "agent"),
        queue=await _place(runtime, opened.conversation_id),
        people=people.view(profile, opened.context, utc_now()),
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
async def post_message(
    body: IncomingMessage, request: Request, session: InSession, runtime: InRuntime
) -> Sequence:
    """Accept a message; the same ``client_message_id`` again gets the same answer."""
    return Sequence(seq=await take(runtime, session, body, address_of(request)))


@router.get("/events")
async def read_events(
    session: InQuietSession,
    runtime: InRuntime,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    wait: Annotated[float, Query(ge=0)] = 0,
) -> Events:
    """Events behind ``after``, at most 200; waits up to ``wait`` seconds (25 at most) for one."""
    conversation_id = session.conversation_id
    with runtime.limits.connections.hold(conversation_id):
        seconds = min(wait, LONGEST_WAIT)
        found = await wait_for_events(runtime, conversation_id, after, seconds, shopper=True)
    return Events(events=runtime.addresses.for_shopper(found.events), passing=found.passing)


@router.post("/close", status_code=204)
async def close(session: InQuietSession, runtime: InRuntime) -> None:
    """End the conversation."""
    await runtime.database.write(partial(queue.leave, conversation_id=session.conversation_id))


@router.post("/queue/leave", status_code=204)
async def leave_queue(session: InQuietSession, runtime: InRuntime) -> None:
    """Stop waiting for a person; the bot answers again."""
    await runtime.database.write(
        partial(queue.leave_queue, conversation_id=session.conversation_id)
    )


@router.post("/signals", status_code=204)
async def signal(body: Signal, session: InQuietSession, runtime: InRuntime) -> None:
    """``typing`` or ``read``, for who polls; over a WebSocket the same body is a frame."""
    await pass_on_from_shopper(runtime, session.conversation_id, body)


@router.websocket("/ws")
async def socket(connection: WebSocket) -> None:
    await websocket.serve(connection, connection.app.state.runtime)
