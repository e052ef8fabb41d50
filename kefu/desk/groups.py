"""What supervisors change of their groups by the day: hours, overflow, mode, members."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk import board
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.handoff import groups, presence, skills
from kefu.handoff.errors import AgentNotSuitable, GroupInvalid, GroupNotFound
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES
from kefu.profiles import Group, Hours, Profile
from kefu.profiles.wording import sentence
from kefu.store.base import Document
from kefu.store.database import shared_now
from kefu.store.handoff_tables import StaffGroup
from kefu.store.tables import Audit, StaffRole

router = APIRouter(prefix="/api/v1/desk/groups", tags=["desk"])


class Changes(BaseModel):
    """``hours`` as in a profile file; ``members``: who serves it among those limited to groups."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    mode: Literal["push", "pull"]
    hours: dict[str, Any]
    overflow: str | None = Field(default=None, max_length=40)
    overflow_minutes: int | None = Field(default=None, ge=1, le=24 * 60)
    answer_seconds: int = Field(ge=15, le=60 * 60)
    wait_seconds: int | None = Field(default=None, ge=15, le=24 * 60 * 60)
    members: list[int] | None = Field(default=None, max_length=500)


@router.get("")
async def every(runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """All groups of the profiles in which the member serves."""
    scope.require_any(SERVING_ROLES)
    return {"groups": await runtime.database.read(partial(_listing, scope=scope))}


@router.get("/{profile}/{group}")
async def one(profile: str, group: str, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """A group's settings, as ``PUT`` takes them."""
    scope.require_role(profile, LEADING_ROLES)
    return await runtime.database.read(partial(_view, scope=scope, profile=profile, name=group))


@router.put("/{profile}/{group}")
async def change(
    profile: str, group: str, body: Changes, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Keep the group's settings; they hold at once here and on other desks within seconds."""
    scope.require_role(profile, LEADING_ROLES)
    await runtime.database.write(
        partial(_change, scope=scope, profile=profile, name=group, body=body)
    )
    await runtime.groups.refresh()
    runtime.assigner.wake()
    return await runtime.database.read(partial(_view, scope=scope, profile=profile, name=group))


def _listing(session: Session, scope: Scope) -> list[Document]:
    seen = board.read(session, scope.profiles)
    return [
        {
            "profile": profile.profile,
            "group": group.group,
            "name": group.name,
            "mode": group.mode,
            "open": profile.hours_of(group).is_open(seen.at),
            "online": sum(
                presence.shown_status(present) == presence.ONLINE
                for staff_id, present in seen.presences.items()
                if (profile.profile, group.group) in seen.serve[staff_id]
            ),
            "waiting": sum(
                (row.profile, row.agent_group) == (profile.profile, group.group)
                for row in seen.waiting
            ),
        }
        for profile in scope.profiles
        if scope.serves(profile.profile)
        for group in profile.groups
    ]


def _view(session: Session, scope: Scope, profile: str, name: str) -> Document:
    found = scope.profiles[profile]
    group = _group(found, name)
    members = select(StaffGroup.staff_id).where(
        StaffGroup.profile == profile, StaffGroup.agent_group == name
    )
    return {
        "profile": profile,
        "group": name,
        **groups.written(found, group),
        "hours_text": found.hours_of(group).text(),
        "open": found.hours_of(group).is_open(shared_now(session)),
        "members": sorted(session.scalars(members)),
    }


def _change(session: Session, scope: Scope, profile: str, name: str, body: Changes) -> None:
    found = scope.profiles[profile]
    group = _group(found, name)
    values = body.model_dump(exclude={"members"})
    values["hours"] = _hours(body.hours).written()
    values["wait_seconds"] = body.wait_seconds or group.wait_seconds
    _check_overflow(found, name, body)
    groups.edit(session, profile, name, values)
    if body.members is not None:
        _set_members(session, scope, profile, name, set(body.members))
    session.add(
        Audit(
            profile=profile,
            at=shared_now(session),
            actor=f"staff:{scope.staff_id}",
            action="edit_group",
            subject=f"group:{name}",
            detail={**values, "members": body.members},
        )
    )


def _group(profile: Profile, name: str) -> Group:
    group = profile.group(name)
    if group is None:
        raise GroupNotFound(f"{profile.profile} has no group {name}")
    return group


def _hours(written: dict[str, Any]) -> Hours:
    """Raises ``GroupInvalid`` with the first mistake in Chinese."""
    try:
        return Hours.model_validate(written)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        text = sentence(first["type"], first["msg"], first.get("ctx", {}))
        raise GroupInvalid("the hours are wrong", title=f"服务时间有误：{text}。") from error


def _check_overflow(profile: Profile, name: str, body: Changes) -> None:
    """The helper exists, is another group, and does not lead back here."""
    if body.overflow is None:
        return
    seen, helper = {name}, body.overflow
    while helper is not None:
        if helper in seen:
            raise GroupInvalid(
                "the overflow is a circle", title="协助的客服组不能绕回到这个组，请换一个。"
            )
        seen.add(helper)
        helper = _group(profile, helper).overflow


def _set_members(
    session: Session, scope: Scope, profile: str, name: str, members: set[int]
) -> None:
    """Limit these people to the group (and what else they are limited to), free the others of it.

    Whoever serves all groups of the profile stays unlimited unless named.
    """
    roles = skills.roles_of(session, list(members))
    for staff_id in members:
        if not skills.held(roles[staff_id], profile) & SERVING_ROLES:
            raise AgentNotSuitable(f"staff {staff_id} holds no role in {profile}")
    here = (StaffGroup.profile == profile, StaffGroup.agent_group == name)
    present = set(session.scalars(select(StaffGroup.staff_id).where(*here)))
    leaving = present - members
    # Somebody without any group would serve all of them.
    for staff_id in sorted(leaving):
        others = skills.groups_of(session, [staff_id])[staff_id].get(profile, frozenset()) - {name}
        if not others and session.get(StaffRole, (staff_id, profile, "agent")):
            raise GroupInvalid(
                f"staff {staff_id} would serve every group",
                title="有客服只属于这个组，移出后会变成服务所有组。请先给他分配其他组。",
            )
    session.execute(delete(StaffGroup).where(*here, StaffGroup.staff_id.in_(leaving)))
    for staff_id in sorted(members - present):
        session.add(StaffGroup(staff_id=staff_id, profile=profile, agent_group=name))
