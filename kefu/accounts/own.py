"""What everybody may change of their own account: the password, and the second factor."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kefu.accounts import sessions, totp
from kefu.accounts.errors import PasswordWrong, TotpNotBegun, TotpNotConfirmed
from kefu.accounts.passwords import check_strength, fits, hash_password
from kefu.accounts.totp import Seal
from kefu.store.database import Database, utc_now
from kefu.store.tables import EVERY_PROFILE, Audit, Staff


@dataclass(frozen=True, slots=True)
class Begun:
    """A second factor that a code has yet to confirm; ``uri`` is what a QR code shows."""

    secret: str
    uri: str


async def change_password(database: Database, staff: Staff, key: str, old: str, new: str) -> None:
    """Raises ``PasswordWrong`` or ``PasswordWeak``; the person's other sessions end."""
    await _require_password(staff, old)
    check_strength(new, staff.username)
    hashed = await asyncio.to_thread(hash_password, new)

    def write(session: Session) -> None:
        row = session.get_one(Staff, staff.staff_id, with_for_update=True)
        if row.password_hash != staff.password_hash:
            raise PasswordWrong("it was changed meanwhile")
        row.password_hash = hashed
        sessions.end_others(session, staff.staff_id, key)
        _audit(session, staff, "change_password")

    await database.write(write)


def begin_totp(session: Session, staff_id: int, seal: Seal) -> Begun:
    """A new secret; the old one, if there is one, counts until the new one is confirmed."""
    row = session.get_one(Staff, staff_id, with_for_update=True)
    secret = totp.new_secret()
    row.totp_pending = seal.close(secret)
    return Begun(secret, totp.uri_of(secret, row.username))


def confirm_totp(session: Session, staff_id: int, seal: Seal, code: str) -> None:
    """From now on logging in asks for a code. Raises ``TotpNotBegun`` or ``TotpNotConfirmed``."""
    row = session.get_one(Staff, staff_id, with_for_update=True)
    if row.totp_pending is None:
        raise TotpNotBegun("no new second factor")
    step = totp.step_of(seal.open(row.totp_pending), code, utc_now())
    if step is None:
        raise TotpNotConfirmed("no such code at this time")
    row.totp_secret, row.totp_pending = row.totp_pending, None
    row.totp_step = step
    _audit(session, row, "begin_totp")


async def end_totp(database: Database, staff: Staff, password: str) -> None:
    """Do without a second factor from now on; raises ``PasswordWrong``."""
    await _require_password(staff, password)

    def write(session: Session) -> None:
        row = session.get_one(Staff, staff.staff_id, with_for_update=True)
        row.totp_secret = row.totp_pending = row.totp_step = None
        _audit(session, row, "end_totp")

    await database.write(write)


async def _require_password(staff: Staff, password: str) -> None:
    if not await asyncio.to_thread(fits, password, staff.password_hash):
        raise PasswordWrong("the present password is wrong")


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
