"""Whose figures a member of the staff may see: the one place that decides it.

Supervisors and administrators see all of their profiles' figures, whatever groups they serve.
Agents see their own alone: the chats that they had, the ratings that they got, the marks that they
gave. Who leads a profile may look at one of its groups, a seller's own among them: at what was
handed to it. The bot's figures are nobody's own and no group's. Roles that serve nobody see none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, true

from kefu.desk.errors import RoleMissing
from kefu.desk.scope import Scope
from kefu.handoff.errors import GroupNotFound
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES
from kefu.reports.days import Period
from kefu.reports.errors import ProfileNeeded
from kefu.store.handoff_tables import Handoff


@dataclass(frozen=True, slots=True)
class Extent:
    """``staff_id``: only this agent's own; ``None``: everybody's. ``group``: only what it had."""

    profiles: tuple[str, ...]
    staff_id: int | None
    group: str | None = None

    @property
    def own(self) -> bool:
        return self.staff_id is not None

    @property
    def whole(self) -> bool:
        """All of the profiles, the bot's part as well."""
        return self.staff_id is None and self.group is None

    def within(self, table: Any, moment: Any, period: Period) -> ColumnElement[bool]:
        """The condition on a table with ``profile``, ``agent_group`` and ``staff_id``."""
        return and_(self.of_groups(table, moment, period), self.of_staff(table))

    def of_staff(self, table: Any) -> ColumnElement[bool]:
        return true() if self.staff_id is None else table.staff_id == self.staff_id

    def of_groups(self, table: Any, moment: Any, period: Period) -> ColumnElement[bool]:
        """The same for a table without ``staff_id``."""
        found = self.of_profiles(table, moment, period)
        return found if self.group is None else and_(found, table.agent_group == self.group)

    def during_handoff(self, table: Any, conversation_id: Any, moment: Any) -> ColumnElement[bool]:
        """The condition on what happened in a talk, by the group that has the last call before it.

        For a table that names no group.
        """
        if self.group is None:
            return true()
        last = (
            select(Handoff.agent_group)
            .where(Handoff.conversation_id == conversation_id, Handoff.asked_at <= moment)
            .order_by(Handoff.asked_at.desc())
            .limit(1)
            .correlate(table)
            .scalar_subquery()
        )
        return last == self.group

    def of_profiles(self, table: Any, moment: Any, period: Period) -> ColumnElement[bool]:
        """The same for a table that belongs to nobody; everybody's rows."""
        # One profile alone lets the databases walk the index in the order of time.
        only = self.profiles[0] if len(self.profiles) == 1 else None
        named = table.profile == only if only else table.profile.in_(self.profiles)
        return and_(named, moment >= period.start, moment < period.end)


def extent(scope: Scope, profile: str | None, group: str | None = None) -> Extent:
    """What the member sees of one profile, or of all that they lead, else of all they serve.

    A ``group`` is one of the profile's, for who leads it. Raises ``ProfileNotFound``,
    ``RoleMissing``, ``GroupNotFound``, ``ProfileNeeded``.
    """
    if group is not None:
        return _of_group(scope, profile, group)
    if profile is not None:
        name = scope.profiles[profile].profile
        scope.require_role(name, SERVING_ROLES)
        return Extent((name,), None if scope.leads(name) else scope.staff_id)
    led = tuple(each.profile for each in scope.profiles if scope.leads(each.profile))
    if led:
        return Extent(led, None)
    served = tuple(each.profile for each in scope.profiles if scope.serves(each.profile))
    if not served:
        raise RoleMissing("serves nobody anywhere")
    return Extent(served, scope.staff_id)


def _of_group(scope: Scope, profile: str | None, group: str) -> Extent:
    if profile is None:
        raise ProfileNeeded("a group is one of a profile")
    found = scope.profiles[profile]
    scope.require_role(found.profile, LEADING_ROLES)
    if found.group(group) is None:
        raise GroupNotFound("the profile has no such group")
    return Extent((found.profile,), None, group)


def require_all(found: Extent) -> None:
    """Raise ``RoleMissing`` where the figures are the bot's and the member sees but their own."""
    if found.own:
        raise RoleMissing(f"none of {', '.join(sorted(LEADING_ROLES))}")
