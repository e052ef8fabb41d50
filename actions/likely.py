"""Messages that name what they are about: the request beside the name is served.

A number makes a sentence look like bare data to the classifier, or like nothing it knows. What it
is about is clear all the same, so a fair share of the ranking is enough for what is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from actions.base import KefuAction
from actions.choose import OrderChoice, named_number, named_rma
from actions.identity import OrderService
from actions.offers import picked, wish_for
from actions.orders import names_some_order
from actions.refunds import RefundProgress
from actions.reply import Reply
from actions.titles import TITLES
from actions.turn import Turn

FAIR_SHARE = 0.15
SHARE_WITH_GOODS = 0.25
BY_HAND = frozenset({"complaint", "dispute_appeal", "feedback", "account_locked"})
BARE_ORDER = "order_status"
BARE_PARCEL = "track_logistics"


class Referring(KefuAction):
    """An action for messages without a clear request; ``serve_reference`` goes first."""

    services_by_intent: ClassVar[Mapping[str, type[OrderService]]] = {}

    def serve_reference(self, turn: Turn, reply: Reply) -> bool:
        """Answer about the return, the order or the goods that the message names, if any."""
        choice = picked(turn)
        if named_rma(turn):
            RefundProgress(self.services).answer(turn.as_request("refund_progress"), reply)
        elif choice:
            wanted = turn.wants(wish_for(turn, choice), **choice.entities)
            self.serve_intent(wanted.intent, wanted, reply)
        elif names_some_order(turn):
            bare = BARE_ORDER if named_number(turn) else BARE_PARCEL
            self.serve_intent(likely_request(turn, FAIR_SHARE) or bare, turn, reply)
        else:
            return self.serve_goods(turn, reply)
        return True

    def serve_goods(self, turn: Turn, reply: Reply) -> bool:
        """「蓝牙耳机的物流」: goods out of the shopper's own orders are as good as a number."""
        intent = likely_request(turn, SHARE_WITH_GOODS)
        if intent is None or intent not in self.services_by_intent:
            return False
        if turn.active_form or turn.is_guest:
            return False
        choice = OrderChoice(self.shop, turn)
        if not choice.with_goods(choice.recent(None)):
            return False
        self.serve_intent(intent, turn, reply)
        return True

    def serve_intent(self, intent: str, turn: Turn, reply: Reply) -> None:
        service = self.services_by_intent.get(intent)
        if service:
            service(self.services).answer(turn.as_request(intent), reply)
        else:
            reply.respond(f"utter_{intent}")


def likely_request(turn: Turn, share: float) -> str | None:
    """The likeliest intent that asks for something the bot can answer, if it is likely enough."""
    for intent in turn.ranking:
        if intent in TITLES and intent not in BY_HAND and turn.shares[intent] >= share:
            return intent
    return None
