"""Whether the shopper may be served with orders: signed in, or a guest who has proved one."""

from __future__ import annotations

from abc import abstractmethod

from actions.base import KefuAction
from actions.choose import named_number
from actions.reply import Reply
from actions.rereading import reread
from actions.serving import serve_intent
from actions.technical import offer_technical
from actions.ticket_progress import asks_bare_progress, tell, tell_tickets
from actions.turn import Turn

WANTED = "wanted_service"


class OrderService(KefuAction):
    """An action that answers out of orders. A guest proves one first, then gets the answer."""

    def answer(self, turn: Turn, reply: Reply) -> None:
        # 「工单进度」 and 「页面打不开」 sound like questions about an order.
        if tell_tickets(turn, reply) or offer_technical(turn, reply):
            return
        meant = reread(self.services, turn)
        if meant:
            serve_intent(self.services, meant, turn, reply)
        elif turn.is_guest and self.turns_away(turn, reply):
            return
        elif must_prove_order(turn):
            if turn.tickets and asks_bare_progress(turn.text):
                tell(turn, reply, turn.tickets)
            else:
                ask_for_proof(turn, reply)
        else:
            self.serve(turn, reply)

    def turns_away(self, turn: Turn, reply: Reply) -> bool:
        """Whether a guest has been told that an order's number opens no such service."""
        del turn, reply
        return False

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
