"""Passing talks on: by agents to colleagues and groups, by supervisors as they see fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.handoff import passing
from kefu.handoff.passing import Target
from kefu.handoff.skills import LEADING_ROLES
from kefu.profiles import Profiles
from kefu.store.tables import Staff

router = APIRouter(prefix="/api/v1/desk/conversations/{conversation_id}", tags=["desk"])

Pass = Callable[[Session, str, Staff, Profiles, Target], None]


class Passing(BaseModel):
    """Exactly one of ``to_staff`` and ``to_group``; ``note`` is for the next agent."""

    model_config = ConfigDict(extra="forbid")

    to_staff: int | None = None
    to_group: str | None = Field(default=None, max_length=40)
    note: str = Field(default="", max_length=2000)

    def target(self) -> Target:
        return Target(self.to_staff, self.to_group, self.note)


@router.post("/transfer", status_code=204)
async def transfer(conversation_id: str, body: Passing, runtime: InRuntime, scope: InScope) -> None:
    """Give one's own talk to a colleague who is online, or to a group."""

    def work(session: Session) -> None:
        scope.require(session, conversation_id)
        passing.transfer(
            session, conversation_id, scope.member.staff, runtime.profiles, body.target()
        )

    await runtime.database.write(work)


@router.post("/move", status_code=204)
async def move(conversation_id: str, body: Passing, runtime: InRuntime, scope: InScope) -> None:
    """Supervisors: give anybody's talk, or one that waits, to an agent or a group."""

    def work(session: Session) -> None:
        scope.require(session, conversation_id, LEADING_ROLES)
        passing.move(session, conversation_id, scope.member.staff, runtime.profiles, body.target())

    await runtime.database.write(work)


@router.post("/take-over", status_code=204)
async def take_over(conversation_id: str, runtime: InRuntime, scope: InScope) -> None:
    """Supervisors: become the agent of a talk."""
    await runtime.beats.beat(scope.staff_id)
    await runtime.database.write(partial(_take_over, conversation_id=conversation_id, scope=scope))


def _take_over(session: Session, conversation_id: str, scope: Scope) -> None:
    scope.require(session, conversation_id, LEADING_ROLES)
    passing.take_over(session, conversation_id, scope.member.staff, scope.profiles)
