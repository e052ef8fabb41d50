"""Staff sessions live in the database; the browser holds a random key to its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cachetools import TTLCache
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kefu.accounts.errors import LoginRefused, LoginThrottled, NotLoggedIn, RequestForged
from kefu.accounts.passwords import fits
from kefu.store.database import Database, utc_now
from kefu.store.tables import EVERY_PROFILE, Audit, Staff, StaffRole, StaffSession

LIFETIME = timedelta(hours=12)
WRONG_TRIES = 5
THROTTLED_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Member:
    """Who is logged in. ``roles``: role names by profile (``*``: every profile)."""

    staff: Staff
    roles: dict[str, frozenset[str]]

    @property
    def profiles(self) -> frozenset[str]:
        return frozenset(self.roles)

    def as_json(self) -> dict[str, Any]:
        return {
            "staff_id": self.staff.staff_id,
            "username": self.staff.username,
            "name": self.staff.name,
            "roles": {profile: sorted(names) for profile, names in self.roles.items()},
        }


@dataclass(frozen=True, slots=True)
class Login:
    """A new session: ``key`` goes into the cookie and is kept nowhere else."""

    key: str
    member: Member


class Throttle:
    """Counts wrong passwords by name and address; five block the pair for a quarter of an hour."""

    def __init__(self) -> None:
        self._wrong = TTLCache[tuple[str, str], int](10_000, THROTTLED_SECONDS)

    def check(self, username: str, address: str) -> None:
        if self._wrong.get((username, address), 0) >= WRONG_TRIES:
            raise LoginThrottled("too many wrong passwords")

    def wrong(self, username: str, address: str) -> None:
        self._wrong[username, address] = self._wrong.get((username, address), 0) + 1

    def right(self, username: str, address: str) -> None:
        self._wrong.pop((username, address), None)


async def log_in(
    database: Database, throttle: Throttle, username: str, password: str, address: str
) -> Login:
    """Raises ``LoginRefused`` or ``LoginThrottled``."""
    throttle.check(username, address)
    # Counted before the slow hash: parallel tries must not all pass the check.
    throttle.wrong(username, address)
    staff = await database.read(lambda session: _active(session, username))
    if not await asyncio.to_thread(fits, password, staff.password_hash if staff else None):
        raise LoginRefused("wrong user name or password")
    throttle.right(username, address)
    return await database.write(lambda session: _open(session, username))


def _active(session: Session, username: str) -> Staff | None:
    return session.scalar(select(Staff).where(Staff.username == username, Staff.active))


def _open(session: Session, username: str) -> Login:
    staff = _active(session, username)
    if staff is None:
        raise LoginRefused("the account was closed meanwhile")
    now = utc_now()
    session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            session_hash=_hash(key),
            staff_id=staff.staff_id,
            created_at=now,
            expires_at=now + LIFETIME,
        )
    )
    _audit(session, staff, "log_in")
    return Login(key, _member(session, staff))


def csrf_token(key: str, secret: bytes) -> str:
    """What a page must send in ``X-CSRF-Token``: bound to the session, the same for every tab."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def check_csrf(key: str, secret: bytes, token: str | None) -> None:
    """Raises ``RequestForged`` unless ``token`` is the session's."""
    if not token or not hmac.compare_digest(csrf_token(key, secret).encode(), token.encode()):
        raise RequestForged("the CSRF token is missing or wrong")


def find(session: Session, key: str | None) -> Member:
    """Whose session it is; raises ``NotLoggedIn``."""
    row = session.get(StaffSession, _hash(key)) if key else None
    staff = session.get(Staff, row.staff_id) if row and row.expires_at > utc_now() else None
    if staff is None or not staff.active:
        raise NotLoggedIn("no session")
    return _member(session, staff)


def log_out(session: Session, key: str | None) -> None:
    member = find(session, key)
    session.execute(delete(StaffSession).where(StaffSession.session_hash == _hash(key or "")))
    _audit(session, member.staff, "log_out")


def _member(session: Session, staff: Staff) -> Member:
    roles: dict[str, set[str]] = {}
    rows = session.scalars(select(StaffRole).where(StaffRole.staff_id == staff.staff_id))
    for row in rows:
        roles.setdefault(row.profile, set()).add(row.role)
    return Member(staff, {profile: frozenset(names) for profile, names in roles.items()})


def _audit(session: Session, staff: Staff, action: str) -> None:
    session.add(
        Audit(
            profile=EVERY_PROFILE,
            at=utc_now(),
            actor=f"staff:{staff.staff_id}",
            action=action,
            subject=staff.username,
            detail={},
        )
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
