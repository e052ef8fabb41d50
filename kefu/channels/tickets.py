"""Tickets for shoppers: the form without a chat, and what became of their own."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from kefu.attachments.addresses import view
from kefu.channels import identity
from kefu.channels.callers import address_of, require_origin
from kefu.channels.shopper import InQuietSession, InRuntime
from kefu.channels.words import Line
from kefu.conversation.commands import TicketKind
from kefu.conversation.messages import clean
from kefu.tickets import listing, opening

router = APIRouter(prefix="/api/v1/shopper/tickets", tags=["shopper"])

Word = Annotated[Line, Field(min_length=1)]


class Form(BaseModel):
    """``token`` is the JWT of the shop's own server; without it a ``contact`` is needed."""

    model_config = ConfigDict(extra="forbid")

    profile: str = Field(max_length=40)
    kind: TicketKind
    details: str
    contact: Annotated[Word, Field(max_length=120)] | None = None
    order_number: Annotated[Word, Field(max_length=40)] | None = None
    token: str | None = Field(default=None, max_length=4096)


class Submitted(BaseModel):
    """``text`` is the sentence to show."""

    number: str
    due_at: str
    text: str


class Tickets(BaseModel):
    tickets: list[dict[str, Any]]


@router.post("", status_code=201)
async def submit(body: Form, request: Request, runtime: InRuntime) -> Submitted:
    """Open a ticket without a chat; one matter reported twice in a day is one ticket."""
    await runtime.limits.ticket(address_of(request))
    profile = runtime.profiles[body.profile]
    require_origin(request, profile)
    shopper = identity.check(body.token, profile) if body.token else None
    opened = await runtime.database.write(
        partial(
            opening.submit,
            profile=profile,
            kind=body.kind,
            details=clean(body.details),
            contact=body.contact,
            order_number=body.order_number,
            account_id=shopper.account_id if shopper else None,
        )
    )
    ticket = opened.ticket
    return Submitted(number=ticket.number, due_at=ticket.due_at.isoformat(), text=opened.sentence)


@router.get("")
async def own(session: InQuietSession, runtime: InRuntime) -> Tickets:
    """The tickets of the account that is signed in, and of this conversation."""
    found = await runtime.database.read(
        partial(listing.of_shopper, conversation_id=session.conversation_id)
    )
    signed = runtime.addresses.signed
    for ticket in found:
        ticket["evidence"] = [view(each, signed) for each in ticket["evidence"]]
    return Tickets(tickets=found)
