"""The supervisors' wall: queues, agents and the day so far."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk import board
from kefu.desk.access import InScope
from kefu.desk.board import Board
from kefu.desk.inboxes import Choice, choose
from kefu.desk.scope import Scope
from kefu.handoff import presence, waits
from kefu.handoff.assignment import Skill
from kefu.handoff.errors import AgentNotSuitable
from kefu.handoff.skills import LEADING_ROLES, of_staff
from kefu.handoff.waits import Outlook
from kefu.profiles import Group
from kefu.profiles.hours import SHOP_TIME
from kefu.store.base import Document
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Handoff, ToldWait
from kefu.store.tables import Audit, Conversation

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])


@router.get("/wall")
async def wall(
    runtime: InRuntime, scope: InScope, profile: Annotated[str | None, Query(max_length=40)] = None
) -> dict[str, Any]:
    """Groups, agents and today's figures of one profile, or of all that the member leads."""
    scope.require_any(LEADING_ROLES)
    if profile is not None:
        scope.require_role(runtime.profiles[profile].profile, LEADING_ROLES)
    names = [
        each.profile
        for each in runtime.profiles
        if scope.leads(each.profile) and profile in {None, each.profile}
    ]
    return await runtime.database.read(partial(_wall, scope=scope, names=names))


@router.put("/agents/{staff_id}/presence")
async def set_presence(
    staff_id: int, body: Choice, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Say for an agent whether new chats may come."""
    scope.require_any(LEADING_ROLES)
    await runtime.database.write(partial(_note, scope=scope, staff_id=staff_id, status=body.status))
    await choose(runtime, staff_id, body, beat=False)
    present = await runtime.database.read(partial(presence.by_staff, staff_ids=[staff_id]))
    return {"staff_id": staff_id, "status": presence.shown_status(present.get(staff_id))}


def _note(session: Session, scope: Scope, staff_id: int, status: str) -> None:
    """Only for agents of the profiles that the member leads."""
    served = of_staff(session, [staff_id], scope.profiles)[staff_id]
    led = sorted({profile for profile, _ in served if scope.leads(profile)})
    if not led:
        raise AgentNotSuitable(f"staff {staff_id} serves nobody whom the member leads")
    session.add(
        Audit(
            profile=led[0],
            at=shared_now(session),
            actor=f"staff:{scope.staff_id}",
            action="set_presence",
            subject=f"staff:{staff_id}",
            detail={"status": status},
        )
    )


def _wall(session: Session, scope: Scope, names: Sequence[str]) -> Document:
    seen = board.read(session, scope.profiles)
    outlook = waits.outlook(session, scope.profiles, seen.at)
    return {
        "groups": [
            _group(seen, scope, (profile.profile, group.group), group, outlook)
            for profile in scope.profiles
            if profile.profile in names
            for group in profile.groups
        ],
        "agents": [
            _agent(seen, staff_id)
            for staff_id in sorted(seen.presences)
            if any(profile in names for profile, _ in seen.serve[staff_id])
        ],
        "today": _today(session, names, seen.at),
    }


def _group(seen: Board, scope: Scope, skill: Skill, group: Group, outlook: Outlook) -> Document:
    def ours(row: Conversation) -> bool:
        return (row.profile, row.agent_group) == skill

    waiting = [row for row in seen.waiting if ours(row)]
    there = {
        staff_id: presence.shown_status(present)
        for staff_id, present in seen.presences.items()
        if skill in seen.serve[staff_id]
    }
    online = [staff_id for staff_id, status in there.items() if status == presence.ONLINE]
    since = [row.queued_at or row.state_since for row in waiting]
    judged = [
        board.sla(row, scope.profiles, seen.at) for row in [*waiting, *seen.assigned] if ours(row)
    ]
    return {
        "profile": skill[0],
        "group": skill[1],
        "name": group.name,
        "mode": group.mode,
        "waiting": len(waiting),
        "longest_wait_seconds": _seconds(min(since), seen.at) if since else 0,
        "online": len(online),
        "busy": sum(status == "busy" for status in there.values()),
        "load": sum(seen.load(staff_id) for staff_id in online),
        "capacity": sum(seen.presences[staff_id].capacity for staff_id in online),
        "breaches": sum(each is not None and each["state"] == "breached" for each in judged),
        "wait_seconds": outlook.next_in(skill),
    }


def _agent(seen: Board, staff_id: int) -> Document:
    present = seen.presences[staff_id]
    last = present.last_assigned_at
    return {
        "staff_id": staff_id,
        "name": seen.staff[staff_id].name,
        "status": presence.shown_status(present),
        "load": seen.load(staff_id),
        "capacity": present.capacity,
        "groups": [
            {"profile": profile, "group": group} for profile, group in sorted(seen.serve[staff_id])
        ],
        "lease_until": present.lease_until.isoformat(),
        "last_assigned_at": last.isoformat() if last else None,
    }


def _today(session: Session, names: Sequence[str], now: datetime) -> Document:
    """Since midnight at the shop."""
    midnight = now.astimezone(SHOP_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = session.scalars(
        select(Handoff).where(Handoff.profile.in_(names), Handoff.asked_at >= midnight)
    ).all()
    waited = [
        _seconds(row.asked_at, row.assigned_at) for row in rows if row.assigned_at is not None
    ]
    told = session.execute(
        select(ToldWait.low, ToldWait.high, ToldWait.had).where(
            ToldWait.profile.in_(names), ToldWait.told_at >= midnight, ToldWait.had.is_not(None)
        )
    ).all()
    right = [low <= had <= high for low, high, had in told if had is not None]
    return {
        "handoffs": len(rows),
        "answered": sum(row.answered_at is not None for row in rows),
        "returned": sum(row.returns for row in rows),
        "abandoned": sum(row.outcome == "left" for row in rows),
        "median_wait_seconds": round(median(waited)) if waited else None,
        "told_right_share": round(sum(right) / len(right), 3) if right else None,
    }


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since) / timedelta(seconds=1)))
