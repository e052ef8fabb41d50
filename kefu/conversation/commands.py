"""What an action asks of the desk; carried out in the transaction that commits its turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.errors import TurnRefused
from kefu.store.tables import Conversation, Turn

Reason = Literal[
    "requested",
    "low_confidence",
    "not_solved",
    "abuse",
    "action_failed",
    "shop_unavailable",
    "loop_too_long",
    "complaint",
]


TicketKind = Literal[
    "complaint",
    "appeal",
    "intervention",
    "technical",
    "feedback",
    "fraud",
    "service",
    "callback",
]
Purpose = Literal["unlock", "reset_password", "change_phone"]


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Handoff(_Command):
    """Call a person; ``note`` tells the agent in Chinese what is known.

    Without a ``group`` the profile's rules choose one; ``seller_id`` is whose goods it is about,
    ``member_level`` the shopper's.
    """

    type: Literal["handoff"] = "handoff"
    reason: Reason
    group: str | None = Field(default=None, max_length=40)
    seller_id: str | None = Field(default=None, max_length=64)
    member_level: str | None = Field(default=None, max_length=40)
    note: str = Field(default="", max_length=2000)


class OpenTicket(_Command):
    """``supplements``: the number of the shopper's own ticket that this adds to.

    ``evidence``: ids of pictures that the shopper sent in this conversation.
    """

    type: Literal["ticket"] = "ticket"
    kind: TicketKind
    subject: str = Field(min_length=1, max_length=500)
    details: str = Field(max_length=8000)
    order_number: str | None = Field(default=None, max_length=40)
    contact: str | None = Field(default=None, max_length=120)
    supplements: str | None = Field(default=None, max_length=40)
    evidence: tuple[str, ...] = Field(default=(), max_length=20)


class VerifyOrder(_Command):
    """The guest has proved to own this order."""

    type: Literal["verify_order"] = "verify_order"
    order_number: str = Field(min_length=1, max_length=40)


class RequestCode(_Command):
    """Send a one-time code and ask for it in a secure input.

    ``login`` is what a guest calls their account by: a phone number, an e-mail address or the
    account's id. Without it the code is for the account that is signed in. ``phone`` is the new
    one where it shall be changed.
    """

    type: Literal["verify_request"] = "verify_request"
    purpose: Purpose
    login: str | None = Field(default=None, min_length=1, max_length=120)
    phone: str | None = Field(default=None, pattern=r"^1[3-9][0-9]{9}$")

    @model_validator(mode="after")
    def _phone_where_it_changes(self) -> RequestCode:
        if (self.purpose == "change_phone") != (self.phone is not None):
            raise ValueError("a phone goes with change_phone, and only with it")
        return self


class RequestRating(_Command):
    """Ask how the service was."""

    type: Literal["rating_request"] = "rating_request"


Command = Handoff | OpenTicket | VerifyOrder | RequestCode | RequestRating

_COMMANDS: TypeAdapter[list[Command]] = TypeAdapter(
    list[Annotated[Command, Field(discriminator="type")]]
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is carried out; ``index`` is its place among the turn's commands."""

    session: Session
    conversation: Conversation
    turn: Turn
    index: int


Executor = Callable[[Place, Any], None]
Executors = Mapping[type[Command], Executor]


def parse(raw: list[dict[str, Any]]) -> list[Command]:
    """Typed commands; raises ``TurnRefused`` for one that is unknown or malformed."""
    try:
        return _COMMANDS.validate_python(raw)
    except ValidationError as error:
        places = [".".join(str(part) for part in item["loc"]) for item in error.errors()]
        raise TurnRefused(f"commands that cannot be carried out: {', '.join(places)}") from error


def verify_order(place: Place, command: VerifyOrder) -> None:
    orders = place.conversation.verified_orders
    if command.order_number not in orders:
        place.conversation.verified_orders = [*orders, command.order_number]
        events.audit(
            place.session,
            place.conversation,
            "bot",
            "verify_order",
            order_number=command.order_number,
            turn_id=place.turn.turn_id,
        )
