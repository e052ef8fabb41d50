"""Who is logged in, and what they may do in which profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts.errors import RoleMissing
from kefu.accounts.rights import Right, gives
from kefu.store.tables import EVERY_PROFILE, Staff, StaffRole

_NOTHING = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Member:
    """Who is logged in. ``roles``: role names by profile (``*``: every profile)."""

    staff: Staff
    roles: dict[str, frozenset[str]]

    @property
    def staff_id(self) -> int:
        return self.staff.staff_id

    @property
    def profiles(self) -> frozenset[str]:
        return frozenset(self.roles)

    def roles_in(self, profile: str) -> frozenset[str]:
        """The roles held in a profile, those for every profile among them."""
        return self.roles.get(profile, _NOTHING) | self.roles.get(EVERY_PROFILE, _NOTHING)

    def may(self, right: Right, profile: str) -> bool:
        return gives(self.roles_in(profile), right)

    def require(self, right: Right, profile: str) -> None:
        """Raises ``RoleMissing``."""
        if not self.may(right, profile):
            raise RoleMissing(f"may not {right} in {profile}")

    def profiles_with(self, right: Right) -> frozenset[str]:
        """The profiles in which the member has the right; ``*`` stands for all of them."""
        return frozenset(name for name, roles in self.roles.items() if gives(roles, right))

    def require_somewhere(self, right: Right) -> None:
        """Raises ``RoleMissing`` where the member has the right in no profile."""
        if not self.profiles_with(right):
            raise RoleMissing(f"may {right} in no profile")

    def as_json(self) -> dict[str, Any]:
        return {
            "staff_id": self.staff.staff_id,
            "username": self.staff.username,
            "name": self.staff.name,
            "roles": {profile: sorted(names) for profile, names in self.roles.items()},
            "totp": self.staff.totp_secret is not None,
        }


def member_of(session: Session, staff: Staff) -> Member:
    """The member that this person is now."""
    roles: dict[str, set[str]] = {}
    rows = session.scalars(select(StaffRole).where(StaffRole.staff_id == staff.staff_id))
    for row in rows:
        roles.setdefault(row.profile, set()).add(row.role)
    return Member(staff, {profile: frozenset(names) for profile, names in roles.items()})
