"""A bare order number, parcel number or product: read as a question about that order."""

from __future__ import annotations

from typing import ClassVar

from actions.clarify import IN_ANY_FORM, IN_FORM
from actions.identity import OrderService
from actions.logistics import TrackLogistics
from actions.orders import OrderStatus, names_some_order
from actions.reply import PERSON, Reply
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn


class Inform(OrderService):
    """Shows the order that a number names; anything else is asked back what it is for."""

    action_name: ClassVar[str] = "action_inform"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if names_some_order(turn):
            super().answer(turn, reply)
        else:
            self.ask(turn, reply)

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.entity("tracking_number") and not turn.entity("order_number"):
            TrackLogistics(self.services).serve(turn, reply)
        else:
            OrderStatus(self.services).serve(turn, reply)

    def ask(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form:
            reply.say(IN_FORM.get(turn.active_form, IN_ANY_FORM), [PERSON])
        else:
            reply.say("收到。请问您想办理什么？", [*suggestions(MENU_INTENTS), PERSON])
