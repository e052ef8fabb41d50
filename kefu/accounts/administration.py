"""Keeping the staff's accounts: who they are, what they may do, and where."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kefu.accounts import sessions
from kefu.accounts.errors import (
    LastAdmin,
    RoleMissing,
    StaffNotFound,
    StaffRefused,
    UsernameTaken,
)
from kefu.accounts.members import Member
from kefu.accounts.rights import Right, Role
from kefu.handoff import presence
from kefu.profiles import Profiles
from kefu.store.base import Document
from kefu.store.database import lock_name, utc_now
from kefu.store.handoff_tables import Presence, StaffGroup
from kefu.store.tables import EVERY_PROFILE, Audit, Staff, StaffRole, StaffSession

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,39}")

Names = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an account shall be. ``roles`` and ``groups`` by profile; ``None`` stays as it is."""

    name: str | None = None
    roles: Names | None = None
    groups: Names | None = None
    active: bool | None = None
    capacity: int | None = None
    password_hash: str | None = None


def listing(session: Session, admin: Member) -> list[Document]:
    """The accounts with a role in the administrator's profiles; raises ``RoleMissing``."""
    admin.require_somewhere(Right.ADMINISTER)
    rows = session.scalars(select(Staff).order_by(Staff.active.desc(), Staff.username))
    shown = [_as_json(session, row) for row in rows]
    mine = admin.profiles_with(Right.ADMINISTER)
    if EVERY_PROFILE in mine:
        return shown
    return [each for each in shown if set(each["roles"]) & mine]


def create(
    session: Session, admin: Member, profiles: Profiles, username: str, wanted: Wanted
) -> Document:
    """Raises ``RoleMissing``, ``StaffRefused``, ``UsernameTaken``."""
    admin.require_somewhere(Right.ADMINISTER)
    lock_name(session, "staff accounts")
    if not USERNAME.fullmatch(username):
        raise StaffRefused(
            "the user name", title="用户名须为 2 至 40 个字母、数字、点、横线或下划线。"
        )
    if session.scalar(select(Staff.staff_id).where(func.lower(Staff.username) == username.lower())):
        raise UsernameTaken("the user name is taken")
    if not wanted.roles or not any(wanted.roles.values()):
        raise StaffRefused("no role", title="请至少选择一个角色。")
    row = Staff(
        username=username,
        name=_name(wanted.name or ""),
        password_hash=wanted.password_hash or "",
        active=True,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    _give(session, admin, profiles, row, wanted)
    _audit(session, admin, row, "create_staff", roles=_plain(wanted.roles))
    session.flush()
    return _as_json(session, row)


def change(
    session: Session, admin: Member, profiles: Profiles, staff_id: int, wanted: Wanted
) -> Document:
    """Raises ``StaffNotFound``, ``RoleMissing``, ``StaffRefused``, ``LastAdmin``."""
    lock_name(session, "staff accounts")
    row = _within(session, admin, staff_id)
    own = row.staff_id == admin.staff_id
    if own and (wanted.active is False or wanted.roles is not None or wanted.password_hash):
        raise StaffRefused(
            "one's own account", title="不能停用自己的账号，或修改自己的角色和密码。"
        )
    if wanted.name is not None:
        row.name = _name(wanted.name)
    if wanted.active is not None:
        row.active = wanted.active
    if wanted.password_hash is not None:
        row.password_hash = wanted.password_hash
    was_needed = _administers_all(session, staff_id)
    _give(session, admin, profiles, row, wanted)
    session.flush()
    if was_needed:
        _require_an_admin(session)
    if not row.active or wanted.password_hash is not None:
        sessions.end_others(session, staff_id)
    _audit(
        session,
        admin,
        row,
        "change_staff",
        roles=_plain(wanted.roles),
        groups=_plain(wanted.groups),
        active=wanted.active,
        password=wanted.password_hash is not None,
    )
    session.flush()
    return _as_json(session, row)


def reset(session: Session, admin: Member, staff_id: int, password_hash: str) -> None:
    """Another password, no second factor, and all sessions ended: for who has lost them."""
    lock_name(session, "staff accounts")
    row = _within(session, admin, staff_id)
    if row.staff_id == admin.staff_id:
        raise StaffRefused("one's own", title="请在「我的账号」里修改自己的密码。")
    row.password_hash = password_hash
    row.totp_secret = row.totp_pending = row.totp_step = None
    sessions.end_others(session, staff_id)
    _audit(session, admin, row, "reset_password")


def _within(session: Session, admin: Member, staff_id: int) -> Staff:
    """An account that the administrator keeps: all of its roles are in profiles of theirs.

    Raises ``StaffNotFound`` where none is, ``RoleMissing`` where others keep it as well: else
    who administers one brand could become whoever works for another.
    """
    admin.require_somewhere(Right.ADMINISTER)
    mine = admin.profiles_with(Right.ADMINISTER)
    row = session.get(Staff, staff_id, with_for_update=True)
    held = set(_roles(session, staff_id)) if row else set[str]()
    if row is None or (EVERY_PROFILE not in mine and not held & mine):
        raise StaffNotFound("no such account")
    if EVERY_PROFILE not in mine and held - mine:
        raise RoleMissing("the account has roles in other profiles")
    return row


def _give(session: Session, admin: Member, profiles: Profiles, row: Staff, wanted: Wanted) -> None:
    if wanted.roles is not None:
        _check_roles(admin, profiles, wanted.roles)
        session.execute(delete(StaffRole).where(StaffRole.staff_id == row.staff_id))
        session.add_all(
            StaffRole(staff_id=row.staff_id, profile=profile, role=role)
            for profile, names in wanted.roles.items()
            for role in sorted(set(names))
        )
    if wanted.groups is not None:
        _check_groups(admin, profiles, wanted.groups)
        session.execute(delete(StaffGroup).where(StaffGroup.staff_id == row.staff_id))
        session.add_all(
            StaffGroup(staff_id=row.staff_id, profile=profile, agent_group=name)
            for profile, names in wanted.groups.items()
            for name in sorted(set(names))
        )
    if wanted.capacity is not None:
        presence.set_capacity(session, row.staff_id, wanted.capacity)


def _check_roles(admin: Member, profiles: Profiles, roles: Names) -> None:
    known = {profile.profile for profile in profiles} | {EVERY_PROFILE}
    for profile, names in roles.items():
        if profile not in known or not set(names) <= {role.value for role in Role}:
            raise StaffRefused("an unknown profile or role", title="店铺或角色不存在，请重新选择。")
        _require_keeps(admin, profile)


def _check_groups(admin: Member, profiles: Profiles, groups: Names) -> None:
    known = {profile.profile: profile for profile in profiles}
    for name, names in groups.items():
        profile = known.get(name)
        if profile is None or any(profile.group(group) is None for group in names):
            raise StaffRefused("an unknown group", title="客服组不存在，请重新选择。")
        _require_keeps(admin, name)


def _require_keeps(admin: Member, profile: str) -> None:
    mine = admin.profiles_with(Right.ADMINISTER)
    if EVERY_PROFILE not in mine and profile not in mine:
        raise RoleMissing(f"does not administer {profile}")


def _administers_all(session: Session, staff_id: int) -> bool:
    return session.get(StaffRole, (staff_id, EVERY_PROFILE, Role.ADMIN.value)) is not None


def _require_an_admin(session: Session) -> None:
    left = session.scalar(
        select(StaffRole.staff_id)
        .join(Staff, Staff.staff_id == StaffRole.staff_id)
        .where(Staff.active, StaffRole.profile == EVERY_PROFILE, StaffRole.role == Role.ADMIN)
        .limit(1)
    )
    if left is None:
        raise LastAdmin("nobody would administer everything")


def _name(text: str) -> str:
    name = " ".join(text.replace("\0", "").split())
    if not 1 <= len(name) <= 40:
        raise StaffRefused("the name", title="姓名须为 1 至 40 个字。")
    return name


def _roles(session: Session, staff_id: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = session.scalars(
        select(StaffRole)
        .where(StaffRole.staff_id == staff_id)
        .order_by(StaffRole.profile, StaffRole.role)
    )
    for row in rows:
        found.setdefault(row.profile, []).append(row.role)
    return found


def _groups(session: Session, staff_id: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = session.scalars(
        select(StaffGroup)
        .where(StaffGroup.staff_id == staff_id)
        .order_by(StaffGroup.profile, StaffGroup.agent_group)
    )
    for row in rows:
        found.setdefault(row.profile, []).append(row.agent_group)
    return found


def _as_json(session: Session, row: Staff) -> Document:
    present = session.get(Presence, row.staff_id)
    seen = session.scalar(
        select(func.max(StaffSession.seen_at)).where(StaffSession.staff_id == row.staff_id)
    )
    return {
        "staff_id": row.staff_id,
        "username": row.username,
        "name": row.name,
        "active": row.active,
        "roles": _roles(session, row.staff_id),
        "groups": _groups(session, row.staff_id),
        "capacity": present.capacity if present else None,
        "totp": row.totp_secret is not None,
        "last_seen_at": seen.isoformat() if seen else None,
    }


def _plain(names: Names | None) -> Document | None:
    return None if names is None else {key: sorted(value) for key, value in names.items()}


def _audit(session: Session, admin: Member, row: Staff, action: str, **detail: object) -> None:
    session.add(
        Audit(
            profile=EVERY_PROFILE,
            at=utc_now(),
            actor=f"staff:{admin.staff_id}",
            action=action,
            subject=row.username,
            detail={key: value for key, value in detail.items() if value is not None},
        )
    )
