"""The staff's API: log in, see who waits, take over, answer, hand back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.accounts import sessions
from kefu.accounts.sessions import Door, Login
from kefu.attachments.addresses import for_staff
from kefu.channels.inbox import wait_for_events
from kefu.channels.shopper import LONGEST_WAIT, Events, InRuntime, address_of
from kefu.channels.signals import Typing, pass_on
from kefu.conversation.state import State
from kefu.desk import authors, ending, tags
from kefu.desk.access import COOKIE, COOKIE_PATH, InMember, InScope, SessionKey, same_origin
from kefu.desk.note_routes import Tag
from kefu.desk.scope import Scope
from kefu.handoff import queue
from kefu.handoff.skills import SERVING_ROLES
from kefu.runtime import Runtime
from kefu.store.tables import Staff

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    username: str = Field(min_length=1, max_length=80)
    password: str = Field(min_length=1, max_length=200)
    totp: str | None = Field(default=None, max_length=20)


class Summary(_Body):
    """``summary``: what the shopper reads of what was done."""

    summary: str | None = Field(default=None, max_length=1000)


class Closing(_Body):
    """How it ended. ``right_intent``: what the bot should have understood where it was wrong."""

    resolution: Literal["solved", "unsolved", "no_answer", "duplicate", "other"] | None = None
    intent_right: bool | None = None
    right_intent: str | None = Field(default=None, max_length=80)
    tags: list[Tag] | None = Field(default=None, max_length=tags.MOST)
    note: str = Field(default="", max_length=2000)


class LoggedIn(BaseModel):
    csrf_token: str
    user: dict[str, Any]


class Followed(Events):
    """``read_up_to``: the ``seq`` up to which the shopper has seen the talk, as far as known."""

    read_up_to: int


class Conversations(BaseModel):
    conversations: list[dict[str, Any]]


@router.post("/login", dependencies=[Depends(same_origin)])
async def log_in(
    body: Credentials, request: Request, response: Response, runtime: InRuntime
) -> LoggedIn:
    """Start a session; five wrong passwords block name and address for a quarter of an hour."""
    door = Door(runtime.database, runtime.throttle, runtime.seal)
    login: Login = await sessions.log_in(
        door, body.username, body.password, address_of(request), body.totp
    )
    response.set_cookie(
        COOKIE,
        login.key,
        max_age=int(sessions.LIFETIME.total_seconds()),
        path=COOKIE_PATH,
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
    runtime: InRuntime, member: InMember, response: Response, key: SessionKey = None
) -> None:
    await runtime.database.write(partial(sessions.log_out, key=key or "", staff=member.staff))
    response.delete_cookie(COOKIE, path=COOKIE_PATH)


@router.get("/conversations")
async def conversations(
    runtime: InRuntime,
    scope: InScope,
    state: Literal["waiting", "assigned", "closed", "bot"] = "waiting",
) -> Conversations:
    """Conversations in a state, those that are in it longest first (closed: latest first)."""
    scope.require_any(SERVING_ROLES)
    found = await runtime.database.read(
        partial(queue.listing, state_=State(state), visible=scope.talks())
    )
    return Conversations(conversations=found)


@router.get("/conversations/{conversation_id}/events")
async def read_events(
    conversation_id: str,
    runtime: InRuntime,
    scope: InScope,
    after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    wait: Annotated[float, Query(ge=0)] = 0,
) -> Followed:
    """The same events that the shopper sees, with the same long poll."""
    await runtime.database.read(partial(scope.find, conversation_id=conversation_id))
    await runtime.beats.beat(scope.staff_id)
    found = await wait_for_events(runtime, conversation_id, after, min(wait, LONGEST_WAIT))
    signed = await runtime.database.read(
        partial(authors.signed, conversation_id=conversation_id, found=found.events)
    )
    return Followed(
        events=for_staff(signed),
        passing=found.passing,
        read_up_to=runtime.live.read_up_to(conversation_id),
    )


@router.post("/conversations/{conversation_id}/typing", status_code=204)
async def typing(conversation_id: str, runtime: InRuntime, scope: InScope) -> None:
    """Show the shopper for a few seconds that an answer is being written."""
    await runtime.database.read(partial(scope.require, conversation_id=conversation_id))
    pass_on(runtime.live, conversation_id, Typing(), "agent")


@router.post("/conversations/{conversation_id}/claim", status_code=204)
async def claim(conversation_id: str, runtime: InRuntime, scope: InScope) -> None:
    """Take a waiting conversation; 409 names the colleague who was faster."""
    await runtime.beats.beat(scope.staff_id)
    await _write(runtime, scope, conversation_id, partial(queue.claim, profiles=runtime.profiles))


@router.post("/conversations/{conversation_id}/return-to-bot", status_code=204)
async def return_to_bot(
    conversation_id: str, runtime: InRuntime, scope: InScope, body: Summary | None = None
) -> None:
    """Give the conversation back to the bot, which begins a new episode."""
    summary = body.summary if body else None
    await _write(runtime, scope, conversation_id, partial(queue.return_to_bot, summary=summary))


@router.post("/conversations/{conversation_id}/close", status_code=204)
async def close(
    conversation_id: str, runtime: InRuntime, scope: InScope, body: Closing | None = None
) -> None:
    """End the conversation."""
    said = body or Closing()
    await runtime.database.write(
        partial(
            ending.close,
            conversation_id=conversation_id,
            scope=scope,
            resolution=said.resolution,
            note=said.note,
            words=said.tags,
            intent_right=said.intent_right,
            right_intent=said.right_intent,
        )
    )


async def _write(
    runtime: Runtime,
    scope: Scope,
    conversation_id: str,
    work: Callable[[Session, str, Staff], T],
) -> T:
    """Run ``work`` on a conversation that the member may serve."""

    def scoped(session: Session) -> T:
        scope.require(session, conversation_id)
        return work(session, conversation_id, scope.member.staff)

    return await runtime.database.write(scoped)


def _logged_in(runtime: Runtime, key: str, user: dict[str, Any]) -> LoggedIn:
    return LoggedIn(csrf_token=sessions.csrf_token(key, runtime.csrf_key), user=user)
