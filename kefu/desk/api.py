"""The staff's API: log in, see who waits, take over, answer, hand back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.accounts import sessions
from kefu.accounts.sessions import Login
from kefu.channels.inbox import ClientMessageId, wait_for_events
from kefu.channels.shopper import LONGEST_WAIT, Events, InRuntime, Sequence
from kefu.conversation.state import State
from kefu.desk.access import COOKIE, InMember, SessionKey, same_origin
from kefu.handoff import queue
from kefu.runtime import Runtime
from kefu.store.tables import Staff

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    username: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200)


class Answer(_Body):
    client_message_id: ClientMessageId
    text: str


class LoggedIn(BaseModel):
    csrf_token: str
    user: dict[str, Any]


class Conversations(BaseModel):
    conversations: list[dict[str, Any]]


@router.post("/login", dependencies=[Depends(same_origin)])
async def log_in(
    body: Credentials, request: Request, response: Response, runtime: InRuntime
) -> LoggedIn:
    """Start a session; five wrong passwords block name and address for a quarter of an hour."""
    address = request.client.host if request.client else ""
    login: Login = await sessions.log_in(
        runtime.database, runtime.throttle, body.username, body.password, address
    )
    response.set_cookie(
        COOKIE,
        login.key,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path="/api/v1/desk",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return _logged_in(runtime, login.key, login.member.as_json())


@router.get("/me")
async def me(runtime: InRuntime, member: InMember, key: SessionKey = None) -> LoggedIn:
    """Who is logged in, and the CSRF token for a page that was loaded anew."""
    return _logged_in(runtime, key or "", member.as_json())


@router.post("/logout", status_code=204)
async def log_out(
    runtime: InRuntime, _member: InMember, response: Response, key: SessionKey = None
) -> None:
    await runtime.database.write(partial(sessions.log_out, key=key))
    response.delete_cookie(COOKIE, path="/api/v1/desk")


@router.get("/conversations")
async def conversations(
    runtime: InRuntime,
    member: InMember,
    state: Literal["waiting", "assigned", "closed", "bot"] = "waiting",
) -> Conversations:
    """Conversations in a state, those that are in it longest first (closed: latest first)."""
    found = await runtime.database.read(
        partial(queue.listing, state_=State(state), profiles=member.profiles)
    )
    return Conversations(conversations=found)


@router.get("/conversations/{conversation_id}")
async def conversation(
    conversation_id: str, runtime: InRuntime, member: InMember
) -> dict[str, Any]:
    """One conversation with its events, the hand-off note and how the bot read it last."""
    return await runtime.database.read(
        partial(queue.details, conversation_id=conversation_id, profiles=member.profiles)
    )


@router.get("/conversations/{conversation_id}/events")
async def read_events(
    conversation_id: str,
    runtime: InRuntime,
    member: InMember,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    wait: Annotated[float, Query(ge=0)] = 0,
) -> Events:
    """The same events that the shopper sees, with the same long poll."""
    await runtime.database.read(
        partial(queue.visible, conversation_id=conversation_id, profiles=member.profiles)
    )
    found = await wait_for_events(runtime, conversation_id, after, min(wait, LONGEST_WAIT))
    return Events(events=found)


@router.post("/conversations/{conversation_id}/claim", status_code=204)
async def claim(conversation_id: str, runtime: InRuntime, member: InMember) -> None:
    """Take a waiting conversation; 409 names the colleague who was faster."""
    await _write(runtime, member, conversation_id, queue.claim)


@router.post("/conversations/{conversation_id}/messages", status_code=202)
async def answer(
    conversation_id: str, body: Answer, runtime: InRuntime, member: InMember
) -> Sequence:
    """Write to the shopper; the same ``client_message_id`` again gets the same answer."""
    write = partial(queue.answer, client_message_id=body.client_message_id, text=body.text)
    return Sequence(seq=await _write(runtime, member, conversation_id, write))


@router.post("/conversations/{conversation_id}/return-to-bot", status_code=204)
async def return_to_bot(conversation_id: str, runtime: InRuntime, member: InMember) -> None:
    """Give the conversation back to the bot, which begins a new episode."""
    await _write(runtime, member, conversation_id, queue.return_to_bot)


@router.post("/conversations/{conversation_id}/close", status_code=204)
async def close(conversation_id: str, runtime: InRuntime, member: InMember) -> None:
    """End the conversation."""
    await _write(runtime, member, conversation_id, queue.resolve)


async def _write(
    runtime: Runtime,
    member: InMember,
    conversation_id: str,
    work: Callable[[Session, str, Staff], T],
) -> T:
    """Run ``work`` on a conversation that the member may see."""

    def scoped(session: Session) -> T:
        queue.visible(session, conversation_id, member.profiles)
        return work(session, conversation_id, member.staff)

    return await runtime.database.write(scoped)


def _logged_in(runtime: Runtime, key: str, user: dict[str, Any]) -> LoggedIn:
    return LoggedIn(csrf_token=sessions.csrf_token(key, runtime.csrf_key), user=user)
