"""Whether the shopper may be served with orders: signed in, or a guest who has proved one."""

from __future__ import annotations

from abc import abstractmethod

from actions.base import KefuAction
from actions.choose import named_number
from actions.reply import Reply
from actions.turn import Turn

WANTED = "wanted_service"


class OrderService(KefuAction):
    """An action that answers out of orders. A guest proves one first, then gets the answer."""

    def answer(self, turn: Turn, reply: Reply) -> None:
        if must_prove_order(turn):
            ask_for_proof(turn, reply)
        else:
            self.serve(turn, reply)

    @abstractmethod
    def serve(self, turn: Turn, reply: Reply) -> None:
        """Answer a shopper whose viewer can see at least one order, or an account."""


def must_prove_order(turn: Turn) -> bool:
    """A guest who has proved no order, or who asks for another than those proved."""
    if not turn.is_guest:
        return False
    verified = turn.viewer.verified_orders
    number = named_number(turn)
    return not verified or (number is not None and number not in verified)


def ask_for_proof(turn: Turn, reply: Reply) -> None:
    """Start the guest form and keep in mind what it is for."""
    reply.remember_all(
        {
            WANTED: turn.intent,
            "guest_order": named_number(turn),
            "guest_phone_tail": None,
            "guest_outcome": None,
            "guest_tries_left": None,
            "guest_proof": None,
            "form_lead": None,
        }
    )
    reply.go_on_with("guest_form")
