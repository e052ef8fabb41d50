"""Which groups a person serves."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts.rights import HOLDERS, Right
from kefu.handoff.assignment import Skill
from kefu.profiles import Profiles
from kefu.store.handoff_tables import StaffGroup
from kefu.store.tables import EVERY_PROFILE, StaffRole

SERVING_ROLES = HOLDERS[Right.SERVE]
LEADING_ROLES = HOLDERS[Right.SUPERVISE]

Roles = Mapping[str, frozenset[str]]
Groups = Mapping[str, frozenset[str]]


def held(roles: Roles, profile: str) -> frozenset[str]:
    """The roles in one profile, with those in every profile."""
    return roles.get(profile, frozenset()) | roles.get(EVERY_PROFILE, frozenset())


def served(roles: Roles, groups: Groups, profiles: Profiles) -> frozenset[Skill]:
    """Profile and group of all that a person with these roles serves.

    ``groups``: those that the person is limited to, by profile; without any, all of it.
    """
    found: set[Skill] = set()
    for profile in profiles:
        if not held(roles, profile.profile) & SERVING_ROLES:
            continue
        limited = groups.get(profile.profile)
        found |= {
            (profile.profile, group.group)
            for group in profile.groups
            if not limited or group.group in limited
        }
    return frozenset(found)


def groups_of(session: Session, staff_ids: Collection[int]) -> dict[int, dict[str, frozenset[str]]]:
    """The groups that each of these people is limited to, by profile."""
    found: dict[int, dict[str, set[str]]] = {staff_id: {} for staff_id in staff_ids}
    rows = session.scalars(select(StaffGroup).where(StaffGroup.staff_id.in_(staff_ids)))
    for row in rows:
        found[row.staff_id].setdefault(row.profile, set()).add(row.agent_group)
    return {
        staff_id: {profile: frozenset(names) for profile, names in groups.items()}
        for staff_id, groups in found.items()
    }


def roles_of(session: Session, staff_ids: Collection[int]) -> dict[int, dict[str, frozenset[str]]]:
    """Role names of each of these people, by profile."""
    found: dict[int, dict[str, set[str]]] = {staff_id: {} for staff_id in staff_ids}
    rows = session.scalars(select(StaffRole).where(StaffRole.staff_id.in_(staff_ids)))
    for row in rows:
        found[row.staff_id].setdefault(row.profile, set()).add(row.role)
    return {
        staff_id: {profile: frozenset(names) for profile, names in roles.items()}
        for staff_id, roles in found.items()
    }


def of_staff(
    session: Session, staff_ids: Collection[int], profiles: Profiles
) -> dict[int, frozenset[Skill]]:
    """What each of these people serves."""
    roles, groups = roles_of(session, staff_ids), groups_of(session, staff_ids)
    return {staff_id: served(roles[staff_id], groups[staff_id], profiles) for staff_id in staff_ids}
