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
    host = _host(origin)
    if host is None or host != connection.headers.get("host"):
        raise OriginRefused("the page's origin is not among those of the profile")


def _host(origin: str) -> str | None:
    """The host and port of an origin; ``None`` for ``null`` and for what is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None
