"""Who may come to the staff's API: a session cookie, and for changes the CSRF token as well."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Cookie, Depends, Header, Request

from kefu.accounts import sessions
from kefu.accounts.errors import RequestForged
from kefu.accounts.sessions import Member
from kefu.channels.shopper import InRuntime

COOKIE = "kefu_staff"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SessionKey = Annotated[str | None, Cookie(alias=COOKIE)]


def same_origin(request: Request) -> None:
    """Raises ``RequestForged`` for a change that a page of another site has sent."""
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or request.headers.get("sec-fetch-site") == "cross-site":
        raise RequestForged("the request comes from another origin")


async def member_of(
    request: Request,
    runtime: InRuntime,
    _origin: Annotated[None, Depends(same_origin)],
    key: SessionKey = None,
    x_csrf_token: Annotated[str | None, Header()] = None,
) -> Member:
    """Who is logged in; raises ``NotLoggedIn`` or ``RequestForged``."""
    member = await runtime.database.read(partial(sessions.find, key=key))
    if request.method not in SAFE_METHODS:
        sessions.check_csrf(key or "", runtime.csrf_key, x_csrf_token)
    return member


InMember = Annotated[Member, Depends(member_of)]
