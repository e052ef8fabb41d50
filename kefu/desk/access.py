"""Who may come to the staff's API: a session cookie, and for changes the CSRF token as well."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import Cookie, Depends, Header, Request

from kefu.accounts import sessions
from kefu.accounts.errors import RequestForged
from kefu.accounts.members import Member
from kefu.channels.callers import from_own_page
from kefu.channels.shopper import InRuntime
from kefu.desk.scope import Scope, scope_of

COOKIE = "kefu_staff"
# The desk's API, the trainer's and the reports'.
COOKIE_PATH = "/api/v1"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SessionKey = Annotated[str | None, Cookie(alias=COOKIE)]


def same_origin(request: Request) -> None:
    """Raises ``RequestForged`` for a change that a page of another site has sent."""
    if request.method in SAFE_METHODS:
        return
    if not from_own_page(request) or request.headers.get("sec-fetch-site") == "cross-site":
        raise RequestForged("the request comes from another origin")


async def member_of(
    request: Request,
    runtime: InRuntime,
    _origin: Annotated[None, Depends(same_origin)],
    key: SessionKey = None,
    x_csrf_token: Annotated[str | None, Header()] = None,
) -> Member:
    """Who is logged in; raises ``NotLoggedIn`` or ``RequestForged``."""
    member, fresh = await runtime.database.read(
        lambda session: (
            sessions.find(session, key),
            sessions.is_fresh(session, key or ""),
        )
    )
    if request.method not in SAFE_METHODS:
        sessions.check_csrf(key or "", runtime.csrf_key, x_csrf_token)
    if not fresh:
        await runtime.database.write(partial(sessions.note_use, key=key or ""))
    return member


InMember = Annotated[Member, Depends(member_of)]


async def scope_for(runtime: InRuntime, member: InMember) -> Scope:
    """What the one who is logged in may see."""
    return await runtime.database.read(partial(scope_of, member=member, profiles=runtime.profiles))


InScope = Annotated[Scope, Depends(scope_for)]
