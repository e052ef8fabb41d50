"""A ticket that is being filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions.choose import current_number, named_number
from actions.matters import MATTERS, Matter, tells_something
from actions.reply import Reply
from actions.turn import Turn

FORM = "ticket_form"
NOTHING = "none"
DETAILS_LENGTH = 2000


@dataclass(frozen=True, slots=True)
class TicketDraft:
    """What has been told so far; ``NOTHING`` stands for an order or a contact that is not wanted.

    ``supplements`` is the number of the open ticket that this adds to.
    """

    matter: Matter
    details: str = ""
    order_number: str | None = None
    contact: str | None = None
    supplements: str | None = None

    def with_more(self, text: str) -> TicketDraft:
        details = "\n".join(each for each in (self.details, text.strip()) if each)
        return replace(self, details=details[:DETAILS_LENGTH])

    @property
    def is_complete(self) -> bool:
        return bool(self.details and self.order_number and self.contact)

    def as_slots(self) -> dict[str, object]:
        return {
            "ticket_kind": self.matter.kind,
            "ticket_details": self.details or None,
            "ticket_order": self.order_number,
            "ticket_contact": self.contact,
            "ticket_supplements": self.supplements,
        }


CLEARED: Mapping[str, object] = {
    "ticket_kind": None,
    "ticket_details": None,
    "ticket_order": None,
    "ticket_contact": None,
    "ticket_supplements": None,
    "ticket_confirmed": None,
    "ticket_outcome": None,
    "form_lead": None,
}


def read_draft(slots: Mapping[str, Any]) -> TicketDraft:
    return TicketDraft(
        MATTERS[slots["ticket_kind"]],
        slots.get("ticket_details") or "",
        slots.get("ticket_order"),
        slots.get("ticket_contact"),
        slots.get("ticket_supplements"),
    )


def start_ticket(turn: Turn, reply: Reply, draft: TicketDraft, *, confirmed: bool = False) -> None:
    """Ask for what the draft still lacks; with ``confirmed``, and nothing to ask, it is opened."""
    asked = draft.matter
    if not asked.about_order and draft.order_number is None:
        draft = replace(draft, order_number=_order_in_mind(turn) or NOTHING)
    if draft.contact is None and not (turn.is_guest or asked.needs_contact):
        draft = replace(draft, contact=NOTHING)
    if draft.order_number is None:
        draft = replace(draft, order_number=_order_in_mind(turn))
    if draft.order_number is None and not knows_orders(turn):
        draft = replace(draft, order_number=NOTHING)
    if turn.active_form:
        reply.end_form()
    reply.remember_all({**CLEARED, **draft.as_slots()})
    if confirmed and draft.is_complete:
        reply.remember("ticket_confirmed", "yes")
    reply.go_on_with(FORM)


def knows_orders(turn: Turn) -> bool:
    """Whether there may be orders to choose from."""
    return not turn.is_guest or bool(turn.viewer.verified_orders)


def _order_in_mind(turn: Turn) -> str | None:
    return named_number(turn) or current_number(turn) or turn.claims.context.get("order_id")


def draft_of(asked: Matter, text: str, **more: Any) -> TicketDraft:
    """A draft from the shopper's words, if they tell anything."""
    return TicketDraft(asked, text[:DETAILS_LENGTH] if tells_something(text) else "", **more)
