"""Messages that name what they are about: the request beside the name is served.

A number makes a sentence look like bare data to the classifier, or like nothing it knows. What it
is about is clear all the same, so a fair share of the ranking is enough for what is wanted.
"""

from __future__ import annotations

import re

from actions.base import KefuAction
from actions.choose import OrderChoice, named_number, named_rma
from actions.identity import OrderService
from actions.offers import picked, wish_for, wish_in
from actions.orders import names_some_order
from actions.products import goods_asked_about, product_asked_for
from actions.reply import Reply
from actions.rereading import reread
from actions.return_cases import after_sale_request
from actions.serving import ANSWERS, serve_intent
from actions.ticket_progress import tell_tickets
from actions.tickets import adds_to_open
from actions.titles import services
from actions.turn import Turn

FAIR_SHARE = 0.15
SHARE_WITH_GOODS = 0.25
BY_HAND = frozenset({"complaint", "dispute_appeal", "feedback", "account_locked"})
BARE_ORDER = "order_status"
BARE_PARCEL = "track_logistics"

_NUMBER = re.compile(r"[A-Za-z]{0,4}\d[\d -]{8,24}")
_POINTING = re.compile(r"[这那]|[个笔单条]|订单|交易|帮我|一?下|怎么样|情况|[的是呢啊吧吗看查]|\W")


class Referring(KefuAction):
    """An action for messages without a clear request; ``serve_reference`` goes first."""

    def serve_reference(self, turn: Turn, reply: Reply) -> bool:
        """Answer about the return, the order or the goods that the message names, if any."""
        if tell_tickets(turn, reply) or adds_to_open(turn, reply):
            return True
        meant = reread(self.services, turn)
        if meant:
            serve_intent(self.services, meant, turn, reply)
            return True
        choice = picked(turn)
        if named_rma(turn):
            serve_intent(self.services, "refund_progress", turn, reply)
        elif choice:
            wanted = turn.wants(wish_for(turn, choice), **choice.entities)
            serve_intent(self.services, wanted.intent, wanted, reply)
        elif after_sale := after_sale_request(self.shop, turn):
            serve_intent(self.services, after_sale, turn, reply)
        elif names_some_order(turn):
            bare = BARE_ORDER if named_number(turn) else BARE_PARCEL
            asked = None if is_bare(turn) else likely_request(turn, FAIR_SHARE)
            serve_intent(self.services, asked or wish_in(turn) or bare, turn, reply)
        else:
            return self.serve_goods(turn, reply)
        return True

    def serve_goods(self, turn: Turn, reply: Reply) -> bool:
        """Goods of the shopper's own orders are as good as a number; else what the shop sells."""
        sold = goods_asked_about(self.shop, turn)
        intent = sold if product_asked_for(turn) else None
        intent = intent or self.asked_of_own_goods(turn) or sold
        if intent:
            serve_intent(self.services, intent, turn, reply)
        return intent is not None

    def asked_of_own_goods(self, turn: Turn) -> str | None:
        """「蓝牙耳机的物流」, as an intent."""
        intent = likely_request(turn, SHARE_WITH_GOODS)
        if intent is None or not issubclass(ANSWERS.get(intent, KefuAction), OrderService):
            return None
        if turn.active_form or turn.is_guest:
            return None
        choice = OrderChoice(self.shop, turn)
        return intent if choice.with_goods(choice.recent(None)) else None


def is_bare(turn: Turn) -> bool:
    """「KF… 这笔呢」: beside the number the message only points at it."""
    return not _POINTING.sub("", _NUMBER.sub("", turn.text))


def likely_request(turn: Turn, share: float) -> str | None:
    """The likeliest intent that asks for something the bot can answer, if it is likely enough."""
    # What a rule of the trainers' answers has no action here.
    known = ANSWERS.keys() & services().keys() - BY_HAND
    return next((one for one in turn.ranking if one in known and turn.shares[one] >= share), None)
