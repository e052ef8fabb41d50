"""What an action asks of the desk; carried out in the transaction that commits its turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
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


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Handoff(_Command):
    """Call a person; ``note`` tells the agent in Chinese what is known."""

    type: Literal["handoff"] = "handoff"
    reason: Reason
    group: str | None = Field(default=None, max_length=40)
    note: str = Field(default="", max_length=2000)


class OpenTicket(_Command):
    type: Literal["ticket"] = "ticket"
    kind: Literal["complaint", "appeal", "technical", "feedback", "service"]
    subject: str = Field(min_length=1, max_length=500)
    details: str = Field(max_length=8000)
    order_number: str | None = Field(default=None, max_length=40)


class VerifyOrder(_Command):
    """The guest has proved to own this order."""

    type: Literal["verify_order"] = "verify_order"
    order_number: str = Field(min_length=1, max_length=40)


Command = Handoff | OpenTicket | VerifyOrder

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
