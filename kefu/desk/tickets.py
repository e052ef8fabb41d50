"""Tickets for the staff: a list by due time, and what is done with one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.channels.tickets import Word
from kefu.conversation.commands import TicketKind
from kefu.conversation.messages import clean
from kefu.desk import colleagues, limits
from kefu.desk.access import InScope
from kefu.desk.scope import Scope
from kefu.handoff.skills import SERVING_ROLES
from kefu.notices.addresses import read_address
from kefu.runtime import Runtime
from kefu.store.service_tables import Ticket
from kefu.store.tables import Staff
from kefu.tickets import answering, listing, opening
from kefu.tickets.errors import ContactRefused

router = APIRouter(prefix="/api/v1/desk/tickets", tags=["desk"])


class Text(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=4000)


class Assignee(BaseModel):
    model_config = ConfigDict(extra="forbid")

    staff_id: int | None = Field(ge=1, le=2**31 - 1)


class Report(BaseModel):
    """What a shopper has told outside a chat; ``contact`` is where they are answered."""

    model_config = ConfigDict(extra="forbid")

    profile: str = Field(max_length=40)
    kind: TicketKind
    details: str = Field(max_length=4000)
    contact: Annotated[Word, Field(max_length=120)]
    order_number: Annotated[Word, Field(max_length=40)] | None = None


class Registered(BaseModel):
    """``fresh``: a new ticket; else the one of the same matter, to which it was added."""

    number: str
    fresh: bool


class Tickets(BaseModel):
    tickets: list[dict[str, Any]]


@router.get("")
async def tickets(
    runtime: InRuntime,
    scope: InScope,
    *,
    state: Literal["open", "in_progress", "answered", "closed"] | None = None,
    kind: TicketKind | None = None,
    profile: Annotated[str | None, Query(max_length=40)] = None,
    assigned_to: Annotated[str | None, Query(pattern=r"^(me|none|[0-9]{1,9})$")] = None,
    overdue: bool = False,
    due_soon: bool = False,
    q: Annotated[str, Query(max_length=80)] = "",
) -> Tickets:
    """Tickets of the member's profiles, due ones first; without a state all but the closed.

    ``assigned_to`` is ``me``, ``none`` or a number of the staff.
    """
    scope.require_any(SERVING_ROLES)
    named = int(assigned_to) if assigned_to and assigned_to.isdigit() else None
    wanted = listing.Wanted(
        state=state,
        kind=kind,
        profile=profile,
        assigned_to=scope.staff_id if assigned_to == "me" else named,
        unassigned=assigned_to == "none",
        overdue=overdue,
        due_soon=due_soon,
        words=q.strip(),
    )
    found = await runtime.database.read(
        partial(listing.of_staff, seen=scope.tickets(), wanted=wanted)
    )
    return Tickets(tickets=found)


@router.post("", status_code=201)
async def register(body: Report, runtime: InRuntime, scope: InScope) -> Registered:
    """Write down a matter that came by phone or at the counter; it is then one's own to see to."""
    profile = runtime.profiles[body.profile]
    scope.require_role(profile.profile, SERVING_ROLES)
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    if read_address(body.contact) is None:
        raise ContactRefused(
            "neither a phone number nor an e-mail address",
            title="请填写顾客的手机号或邮箱，方便答复顾客。",
        )
    details = clean(body.details)

    def work(session: Session) -> Registered:
        opened = opening.submit(
            session,
            profile,
            kind=body.kind,
            details=details,
            contact=body.contact,
            order_number=body.order_number,
            account_id=None,
            actor=f"staff:{scope.staff_id}",
        )
        if opened.fresh:
            answering.assign(session, opened.ticket, scope.member.staff, scope.member.staff)
        return Registered(number=opened.ticket.number, fresh=opened.fresh)

    return await runtime.database.write(work)


@router.get("/{number}")
async def ticket(number: str, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """One ticket with its progress and the colleagues' remarks."""
    return await runtime.database.read(
        lambda session: listing.details(session, scope.find_ticket(session, number))
    )


@router.put("/{number}/assignee", status_code=204)
async def assign(number: str, body: Assignee, runtime: InRuntime, scope: InScope) -> None:
    """Give it to a colleague who serves the profile; ``null`` gives it to nobody."""

    def work(session: Session, ticket: Ticket, staff: Staff) -> None:
        colleague = None
        if body.staff_id is not None:
            colleague = colleagues.find(session, ticket.profile, body.staff_id)
        answering.assign(session, ticket, staff, colleague)

    await _write(runtime, scope, number, work)


@router.post("/{number}/progress", status_code=204)
async def take_up(number: str, body: Text, runtime: InRuntime, scope: InScope) -> None:
    """Work on it; the shopper may read the text."""
    await _write(runtime, scope, number, partial(answering.take_up, text=body.text))


@router.post("/{number}/remarks", status_code=204)
async def remark(number: str, body: Text, runtime: InRuntime, scope: InScope) -> None:
    """Note something for colleagues alone."""
    await _write(runtime, scope, number, partial(answering.remark, text=body.text))


@router.post("/{number}/answer", status_code=204)
async def answer(number: str, body: Text, runtime: InRuntime, scope: InScope) -> None:
    """Answer it: the shopper is told in the conversation, and by SMS or e-mail."""
    await _write(runtime, scope, number, partial(answering.answer, text=body.text))
    runtime.sender.wake()


@router.post("/{number}/close", status_code=204)
async def close(number: str, runtime: InRuntime, scope: InScope) -> None:
    await _write(runtime, scope, number, answering.close)


async def _write(
    runtime: Runtime, scope: Scope, number: str, work: Callable[[Session, Ticket, Staff], None]
) -> None:
    """Run ``work`` on a ticket that the member may see and work on."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)

    def scoped(session: Session) -> None:
        work(session, scope.find_ticket(session, number), scope.member.staff)

    await runtime.database.write(scoped)
