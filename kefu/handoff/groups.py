"""The groups as supervisors keep them: rows that begin as what the profile files say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from kefu.conversation.group_rows import edited
from kefu.handoff.assignment import Reach, Skill, reach
from kefu.handoff.errors import GroupNotFound
from kefu.profiles import Group, Profile, Profiles
from kefu.profiles.overlay import overlaid
from kefu.store.base import Document
from kefu.store.database import Database, DatabaseUnavailable, lock_name, shared_now
from kefu.store.handoff_tables import ServiceGroup

log = structlog.get_logger("kefu.groups")

INTERVAL = 5.0


def seed(session: Session, profiles: Profiles) -> None:
    """Make the rows that are missing; those that no supervisor has edited follow the files."""
    lock_name(session, "service_groups")
    for profile in profiles:
        for group in profile.groups:
            row = session.get(ServiceGroup, (profile.profile, group.group))
            if row is None:
                row = ServiceGroup(profile=profile.profile, agent_group=group.group, edited=False)
                session.add(row)
            if not row.edited:
                _fill(row, written(profile, group))
                row.updated_at = shared_now(session)


def written(profile: Profile, group: Group) -> Document:
    """What supervisors may change of a group, as the profile has it now."""
    return {
        "name": group.name,
        "mode": group.mode,
        "hours": profile.hours_of(group).written(),
        "overflow": group.overflow,
        "overflow_minutes": group.overflow_minutes,
        "answer_seconds": group.answer_seconds,
        "wait_seconds": group.wait_seconds,
    }


def _fill(row: ServiceGroup, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def edit(session: Session, profile: str, group: str, values: Mapping[str, Any]) -> None:
    """Keep what a supervisor has changed; raises ``GroupNotFound``."""
    row = session.get(ServiceGroup, (profile, group), with_for_update=True)
    if row is None:
        raise GroupNotFound(f"{profile} has no group {group}")
    _fill(row, values)
    row.edited = True
    row.updated_at = shared_now(session)


def reach_of(profiles: Profiles) -> Reach:
    """Who may take whose chats, and after which wait."""
    overflows: dict[Skill, tuple[Skill, timedelta] | None] = {}
    for profile in profiles:
        for group in profile.groups:
            skill = (profile.profile, group.group)
            overflows[skill] = None
            if group.overflow and group.overflow_minutes:
                helper = (profile.profile, group.overflow)
                overflows[skill] = (helper, timedelta(minutes=group.overflow_minutes))
    return reach(overflows)


class Groups:
    """Keeps ``profiles`` as the rows say; ``files`` is what they said when the desk started."""

    def __init__(self, database: Database, profiles: Profiles) -> None:
        self._database = database
        self._profiles = profiles
        self._files = {profile.profile: profile for profile in profiles}
        self._known: list[Document] | None = None

    async def start(self) -> None:
        """Seed the rows and read them."""
        await self._database.write(lambda session: seed(session, self._profiles))
        await self.refresh()

    async def run(self) -> None:
        """What another desk's supervisor changes holds here a moment later."""
        while True:
            await asyncio.sleep(INTERVAL)
            try:
                await self.refresh()
            except DatabaseUnavailable as error:
                log.warning("groups wait for the database", reason=error.code)

    async def refresh(self) -> None:
        found = await self._database.read(edited)
        if found == self._known:
            return
        self._known = found
        for name, file in self._files.items():
            mine = [change for change in found if change["profile"] == name]
            self._profiles.put(overlaid(file, mine))
