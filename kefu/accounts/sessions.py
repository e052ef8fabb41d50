"""Staff sessions live in the database; the browser holds a random key to its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from kefu.accounts import totp
from kefu.accounts.errors import (
    LoginRefused,
    LoginThrottled,
    NotLoggedIn,
    RequestForged,
    TotpRequired,
    TotpWrong,
)
from kefu.accounts.members import Member, member_of
from kefu.accounts.passwords import fits
from kefu.accounts.totp import Seal
from kefu.handoff import returning
from kefu.rates import Rate, Rates, network
from kefu.store.database import Database, utc_now
from kefu.store.tables import EVERY_PROFILE, Audit, Staff, StaffSession

LIFETIME = timedelta(hours=12)
LOGINS = Rate("logins", 5, 900)
CODES = Rate("second factors", 10, 900)
NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Login:
    """A new session: ``key`` goes into the cookie and is kept nowhere else."""

    key: str
    member: Member


class Throttle:
    """Counts wrong passwords by name and address; five block the pair until the first of them is
    a quarter of an hour old. Wrong codes are counted by account, wherever they come from."""

    def __init__(self, rates: Rates) -> None:
        self._rates = rates

    async def tried(self, username: str, address: str) -> None:
        """Count a try; raises ``LoginThrottled``."""
        await self._spend(LOGINS, _pair(username, address))

    async def tried_code(self, staff_id: int) -> None:
        """Count a code; raises ``LoginThrottled``."""
        await self._spend(CODES, str(staff_id))

    async def right(self, username: str, address: str) -> None:
        """It was the right password: what was wrong before is forgotten."""
        await self._rates.forget(LOGINS, _pair(username, address))

    async def right_code(self, staff_id: int) -> None:
        await self._rates.forget(CODES, str(staff_id))

    async def _spend(self, rate: Rate, who: str) -> None:
        seconds = await self._rates.spend(rate, who)
        if seconds:
            raise LoginThrottled(seconds)


def _pair(username: str, address: str) -> str:
    return f"{network(address)} {username}"


@dataclass(frozen=True, slots=True)
class Door:
    """What logging in needs."""

    database: Database
    throttle: Throttle
    seal: Seal


async def log_in(
    door: Door, username: str, password: str, address: str, code: str | None = None
) -> Login:
    """Raises ``LoginRefused``, ``LoginThrottled``, ``TotpRequired`` or ``TotpWrong``.

    Whether a code is needed is said only to who knows the password.
    """
    # Counted before the slow hash: parallel tries must not all pass.
    await door.throttle.tried(username, address)
    staff = await door.database.read(lambda session: _active(session, username))
    if not await asyncio.to_thread(fits, password, staff.password_hash if staff else None):
        raise LoginRefused("wrong user name or password")
    assert staff is not None
    if staff.totp_secret is None:
        login = await door.database.write(lambda session: _open(session, staff))
    else:
        login = await _with_code(door, staff, staff.totp_secret, code)
    await door.throttle.right(username, address)
    return login


async def _with_code(door: Door, staff: Staff, sealed: str, code: str | None) -> Login:
    if not code:
        raise TotpRequired("the account has a second factor")
    await door.throttle.tried_code(staff.staff_id)
    step = totp.step_of(door.seal.open(sealed), code, utc_now())
    if step is None:
        raise TotpWrong("no such code at this time")
    login = await door.database.write(lambda session: _open(session, staff, step))
    await door.throttle.right_code(staff.staff_id)
    return login


def spend_step(session: Session, staff_id: int, step: int) -> None:
    """Note that the code of this time step was used; raises ``TotpWrong`` if it was before."""
    spent = session.execute(
        update(Staff)
        .where(Staff.staff_id == staff_id, or_(Staff.totp_step.is_(None), Staff.totp_step < step))
        .values(totp_step=step),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(spent, CursorResult)
    if spent.rowcount != 1:
        raise TotpWrong("the code was used before")


def _active(session: Session, username: str) -> Staff | None:
    return session.scalar(select(Staff).where(Staff.username == username, Staff.active))


def _open(session: Session, checked: Staff, step: int | None = None) -> Login:
    """A session for whom ``checked`` was found to be, if nothing of it has changed since."""
    staff = _active(session, checked.username)
    if staff is None or staff.password_hash != checked.password_hash:
        raise LoginRefused("the account was changed meanwhile")
    if staff.totp_secret != checked.totp_secret:
        raise TotpRequired("the second factor was changed meanwhile")
    if step is not None:
        spend_step(session, staff.staff_id, step)
    now = utc_now()
    session.execute(delete(StaffSession).where(StaffSession.expires_at < now))
    key = secrets.token_urlsafe(32)
    session.add(
        StaffSession(
            session_hash=_hash(key),
            staff_id=staff.staff_id,
            created_at=now,
            expires_at=now + LIFETIME,
            seen_at=now,
        )
    )
    _audit(session, staff, "log_in")
    return Login(key, member_of(session, staff))


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
    return member_of(session, staff)


def is_fresh(session: Session, key: str) -> bool:
    """Whether it was noted within the last minutes that the session is used."""
    seen = session.scalar(
        select(StaffSession.seen_at).where(StaffSession.session_hash == _hash(key))
    )
    return seen is not None and seen > utc_now() - NOTED_EVERY


def note_use(session: Session, key: str) -> None:
    session.execute(
        update(StaffSession)
        .where(StaffSession.session_hash == _hash(key))
        .values(seen_at=utc_now())
    )


def end_others(session: Session, staff_id: int, key: str | None = None) -> None:
    """End the person's sessions, but for the one of ``key``."""
    sessions = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if key:
        sessions = sessions.where(StaffSession.session_hash != _hash(key))
    session.execute(sessions)
    _sign_off_the_last(session, staff_id)


def log_out(session: Session, key: str, staff: Staff) -> None:
    """End the session; who has no other gives their chats back to the queue."""
    session.execute(delete(StaffSession).where(StaffSession.session_hash == _hash(key)))
    _audit(session, staff, "log_out")
    _sign_off_the_last(session, staff.staff_id)


def _sign_off_the_last(session: Session, staff_id: int) -> None:
    """With another session the agent may still be there: then the lease decides."""
    left = select(StaffSession.session_hash).where(
        StaffSession.staff_id == staff_id, StaffSession.expires_at > utc_now()
    )
    if session.scalar(left.limit(1)) is None:
        returning.sign_off(session, staff_id)


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
