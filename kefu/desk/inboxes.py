"""The agents' inboxes, and what they say of themselves."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk import board
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.handoff import presence
from kefu.handoff.presence import Status
from kefu.handoff.skills import SERVING_ROLES
from kefu.runtime import Runtime
from kefu.store.base import Document

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])


class Choice(BaseModel):
    """``capacity``: how many chats at once."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    capacity: int | None = Field(default=None, ge=1, le=presence.LARGEST_CAPACITY)


@router.get("/inbox")
async def read_inbox(runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """Presence, own chats, the queue of the groups served, invitations, colleagues' chats."""
    scope.require_any(SERVING_ROLES)
    await runtime.beats.beat(scope.staff_id)
    return await runtime.database.read(partial(_inbox, scope=scope))


def _inbox(session: Session, scope: Scope) -> Document:
    return board.inbox(board.read(session, scope.profiles), scope)


@router.get("/presence")
async def read_presence(runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """Status, capacity, load, and the groups served."""
    scope.require_any(SERVING_ROLES)
    return await runtime.database.read(partial(own_presence, scope=scope))


@router.put("/presence")
async def set_presence(body: Choice, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """Say whether new chats may come, and how many at once."""
    scope.require_any(SERVING_ROLES)
    await choose(runtime, scope.staff_id, body)
    return await runtime.database.read(partial(own_presence, scope=scope))


async def choose(runtime: Runtime, staff_id: int, body: Choice, *, beat: bool = True) -> None:
    """``beat``: whoever says it is the agent, and alive."""
    await runtime.database.write(
        partial(
            presence.choose,
            staff_id=staff_id,
            status=body.status,
            capacity=body.capacity,
            alive=beat,
        )
    )
    runtime.beats.forget(staff_id)
    runtime.assigner.wake()


def own_presence(session: Session, scope: Scope) -> Document:
    me = scope.staff_id
    present = presence.by_staff(session, [me]).get(me)
    return {
        "status": presence.shown_status(present),
        "capacity": present.capacity if present else presence.CAPACITY,
        "load": presence.loads(session, [me])[me],
        "groups": board.served_groups(scope),
        "lease_until": present.lease_until.isoformat() if present else None,
    }
