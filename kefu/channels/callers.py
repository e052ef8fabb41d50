"""Who calls the shopper API: from which network address, and from which web page."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from kefu.channels.errors import OriginRefused
from kefu.profiles import Profile


def address_of(connection: HTTPConnection) -> str:
    """Where a request or socket comes from; behind a trusted proxy what that says."""
    return connection.client.host if connection.client else ""


def require_origin(connection: HTTPConnection, profile: Profile | None) -> None:
    """Raise ``OriginRefused`` where a web page calls that is not the desk's nor the profile's.

    What names no origin is no page: an app, a mini program, a server.
    """
    origin = connection.headers.get("origin")
    if origin is None or (profile and origin in profile.origins):
        return
    if not from_own_page(connection):
        raise OriginRefused("the page's origin is not among those of the profile")


def from_own_page(connection: HTTPConnection) -> bool:
    """Whether the origin it names is this server; true also where it names none.

    ``null`` and what is no origin at all are foreign.
    """
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host == connection.headers.get("host")
