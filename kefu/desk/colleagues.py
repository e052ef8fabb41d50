"""Who else serves the same profiles, and whether they are there."""

from __future__ import annotations

from collections import defaultdict

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kefu.desk.errors import ColleagueNotFound
from kefu.desk.scope import Scope
from kefu.handoff import presence
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES
from kefu.store.tables import EVERY_PROFILE, Staff, StaffRole


class Colleague(BaseModel):
    """``profiles``: those that both serve; ``leads``: of these, where they are a supervisor.

    ``status``: online, busy, away or offline.
    """

    staff_id: int
    username: str
    name: str
    status: str
    profiles: list[str]
    leads: list[str]


def listing(session: Session, scope: Scope) -> list[Colleague]:
    """The active colleagues with a profile in common, by name."""
    mine = {each.profile for each in scope.profiles if scope.serves(each.profile)}
    rows = session.execute(
        select(Staff, StaffRole.profile, StaffRole.role)
        .join(StaffRole, StaffRole.staff_id == Staff.staff_id)
        .where(
            Staff.active,
            Staff.staff_id != scope.staff_id,
            StaffRole.role.in_(sorted(SERVING_ROLES)),
        )
    )
    people: dict[int, Staff] = {}
    shared: defaultdict[int, set[str]] = defaultdict(set)
    led: defaultdict[int, set[str]] = defaultdict(set)
    for staff, profile, role in rows.tuples():
        people[staff.staff_id] = staff
        common = mine if profile == EVERY_PROFILE else mine & {profile}
        shared[staff.staff_id] |= common
        if role in LEADING_ROLES:
            led[staff.staff_id] |= common
    here = presence.by_staff(session, list(people))
    found = [
        Colleague(
            staff_id=staff_id,
            username=staff.username,
            name=staff.name,
            status=presence.shown_status(here.get(staff_id)),
            profiles=sorted(shared[staff_id]),
            leads=sorted(led[staff_id]),
        )
        for staff_id, staff in people.items()
        if shared[staff_id]
    ]
    return sorted(found, key=lambda each: (each.name, each.staff_id))


def find(session: Session, profile: str, staff_id: int) -> Staff:
    """Somebody who serves the profile's shoppers; raises ``ColleagueNotFound``."""
    found = session.scalar(select(Staff).where(Staff.staff_id == staff_id, serves(profile)))
    if found is None:
        raise ColleagueNotFound("nobody of that number serves the profile")
    return found


def serves(profile: str) -> ColumnElement[bool]:
    """A condition on ``Staff``: active, and serving the profile's shoppers."""
    held = select(StaffRole.staff_id).where(
        StaffRole.staff_id == Staff.staff_id,
        StaffRole.profile.in_((profile, EVERY_PROFILE)),
        StaffRole.role.in_(sorted(SERVING_ROLES)),
    )
    return Staff.active & held.exists()
