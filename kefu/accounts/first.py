"""The first administrator, made by the program itself."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password, new_password
from kefu.settings import Settings
from kefu.store.database import Database, utc_now
from kefu.store.tables import EVERY_PROFILE, Staff, StaffRole, StaffSession

ADMIN = "admin"
ADMIN_NAME = "管理员"


def create_admin_once(settings: Settings) -> str | None:
    """Make ``admin`` if nobody can log in yet; its password, or ``None`` if there is somebody.

    The database must have been migrated. Of several that start at once, one makes it.
    """
    password = new_password()
    database = Database(settings.desk_database)
    try:
        made = database.write_now(lambda session: _create(session, password))
    except IntegrityError:
        return None
    finally:
        database.close()
    return password if made else None


def reset_admin_password(settings: Settings) -> str:
    """Give ``admin`` a new password, and end all their sessions and the second factor."""
    password = new_password()
    database = Database(settings.desk_database)
    try:
        database.write_now(lambda session: _reset(session, password))
    finally:
        database.close()
    return password


def _create(session: Session, password: str) -> bool:
    if session.scalar(select(Staff.staff_id).limit(1)) is not None:
        return False
    _add(session, password)
    return True


def _reset(session: Session, password: str) -> None:
    staff = session.scalar(select(Staff).where(Staff.username == ADMIN))
    if staff is None:
        _add(session, password)
        return
    staff.password_hash = hash_password(password)
    staff.active = True
    staff.totp_secret = staff.totp_pending = staff.totp_step = None
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff.staff_id))


def _add(session: Session, password: str) -> None:
    staff = Staff(
        username=ADMIN,
        name=ADMIN_NAME,
        password_hash=hash_password(password),
        active=True,
        created_at=utc_now(),
    )
    session.add(staff)
    session.flush()
    session.add(StaffRole(staff_id=staff.staff_id, profile=EVERY_PROFILE, role=ADMIN))
