"""What one service asks about an order and does with it; the order form does the rest."""

from __future__ import annotations

import hashlib
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from actions.base import Services
from actions.cards import order_title
from actions.choose import OrderChoice
from actions.offers import ordinal_in
from actions.orders import NO_ORDERS, meant_among, names_some_order, services_of
from actions.reply import PERSON, Button, Reply, button, read_payload
from actions.return_reasons import is_plain_question
from actions.small_talk import is_without_words
from actions.titles import services
from actions.turn import Turn
from kefu.shop.model import Order, OrderState, Verdict
from kefu.shop.order_rules import SIGN_IN_FIRST

NO_ORDER = "none"
"""Stands for an order where the matter belongs to none."""
SEEN = "seen"
"""In a draft: the first question, with what it told, has been answered."""
SURE_OF_ANOTHER = 0.5
Draft = dict[str, str]
"""What has been told so far, by name; the service alone knows the names."""

_ASKS = re.compile(r"怎么|为什么|多少|几[天点]|哪[里儿个]|能不能|可不可以|可以.{0,6}吗")
_ELSEWHERE = frozenset(
    {"human_agent", "greet", "thanks", "bot_challenge", "urge_reply", "goodbye", "not_solved"}
)


@dataclass(frozen=True, slots=True)
class Question:
    """``buttons`` answer it; the way out is added by the form."""

    text: str
    buttons: Sequence[Button] = ()


class OrderRequest(ABC):
    """One service. ``operation`` is its effect in the shop, ``None`` where it ends in a ticket.

    ``states``: the orders that it is offered for (``None``: all). ``verbs``: 「确认取消」 agrees
    where 取消 is among them. ``leave``: the button that leaves. ``order`` is ``None`` where
    ``needs_order`` does not hold and the matter belongs to no order.
    """

    intent: ClassVar[str]
    operation: ClassVar[str | None]
    question: ClassVar[str]
    leave: ClassVar[str]
    farewell: ClassVar[str]
    confirm: ClassVar[str]
    verbs: ClassVar[tuple[str, ...]] = ()
    states: ClassVar[tuple[OrderState, ...] | None] = None
    needs_order: ClassVar[bool] = True

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shop = services.shop

    @abstractmethod
    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        """``draft`` with what the message adds; unchanged where it says nothing to the matter."""

    @abstractmethod
    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        """What is still to be asked; ``None``: the draft is complete."""

    @abstractmethod
    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        """What will happen, with its amounts and places, for the shopper to confirm."""

    @abstractmethod
    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        """The effect, told with its number. May raise ``RuleRefused`` or ``ShopReadOnly``."""

    @abstractmethod
    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        """Subject and details for the people who do it where the shop lets nothing be written."""

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        """Whether it may be done at all; what was typed is judged by ``problem``."""
        return Verdict(True)

    def problem(
        self, turn: Turn, order: Order | None, draft: Draft
    ) -> tuple[Draft, Verdict | None]:
        """The draft without what cannot be taken as typed, and why."""
        return draft, None

    def target(self, order: Order, draft: Draft) -> str:
        """What the operation is recorded under."""
        return order.order_number

    def candidates(self, turn: Turn) -> Sequence[Order]:
        """The orders to choose from, the likeliest first."""
        choice = OrderChoice(self.shop, turn)
        return choice.recent(self.states) or choice.recent(None)

    def order_in(self, turn: Turn) -> Order | None:
        """The order that a first message names, else the one that is meant."""
        if names_some_order(turn):
            return OrderChoice(self.shop, turn).named()
        return None if turn.entity("page") else self.meant(turn)

    def meant(self, turn: Turn) -> Order | None:
        """The order that a message without a number is about, as far as that is clear."""
        return meant_among(turn, OrderChoice(self.shop, turn), self.states or tuple(OrderState))

    def title(self, turn: Turn, order: Order) -> str:
        """The order on a button."""
        return order_title(order, turn.now)

    def keeps(self, turn: Turn) -> bool:
        """Whether words that sound like giving up are an answer here."""
        return False

    def awaits_number(self, turn: Turn) -> bool:
        """Whether a long number answers the question asked, and names no order."""
        return False

    def confirm_title(self, order: Order | None, draft: Draft) -> str:
        """The button that agrees to the summary."""
        return self.confirm

    def show(self, turn: Turn, reply: Reply, order: Order | None) -> None:
        """Put something before the shopper ahead of the confirmation, where there is anything."""
        del turn, reply, order

    def refuse(self, turn: Turn, reply: Reply, order: Order, verdict: Verdict) -> None:
        """Say why not, and what can be done instead."""
        if verdict.code == SIGN_IN_FIRST:
            turn_away(reply, verdict)
            return
        buttons = [*services_of(self.shop, turn, order), PERSON]
        reply.say(f"{order_title(order, turn.now)}：{verdict.sentence}", buttons)
        reply.refused(verdict)

    def nothing_to_do(self, turn: Turn, reply: Reply) -> None:
        """There is no order to choose from."""
        reply.say(NO_ORDERS, [PERSON])

    def chosen(self, turn: Turn, order: Order | None, draft: Draft) -> str | None:
        """The choice pressed, or pointed at in words (「第二个」) among those offered."""
        pressed = turn.entity("choice")
        if pressed or turn.requested_slot != "order_details":
            return pressed
        question = self.next_question(turn, order, draft)
        payloads = [read_payload(each["payload"]) for each in question.buttons] if question else []
        choices = [each[1]["choice"] for each in payloads if each and "choice" in each[1]]
        index = ordinal_in(turn.text, len(choices)) if choices else None
        return choices[index] if index is not None else None

    def takes_words(self, turn: Turn, *also: str) -> bool:
        """Whether free words may answer the question asked: no question, no other request.

        ``also``: intents of others whose messages sound like an answer.
        """
        if turn.requested_slot != "order_details" or not turn.text:
            return False
        if is_plain_question(turn.text) or _ASKS.search(turn.text) or is_without_words(turn.text):
            return False
        another = turn.intent in services() and turn.intent not in (self.intent, *also)
        sure = turn.shares.get(turn.intent, 0) >= SURE_OF_ANOTHER
        return turn.intent not in _ELSEWHERE and not (another and sure)


def turn_away(reply: Reply, verdict: Verdict) -> None:
    """What a guest may not do, with the way to people who can check whose order it is."""
    reply.offer_person(f"{verdict.sentence}您可以登录后再来，也可以请人工客服核实后帮您办理。")
    reply.refused(verdict)


def option(title: str, choice: str) -> Button:
    """A button that answers the form's question."""
    return button(title, "inform", choice=choice)


def mark_of(intent: str, number: str | None, draft: Draft) -> str:
    """Names what was summed up: a yes pressed later must not agree to something else."""
    summed = json.dumps([intent, number, draft], sort_keys=True)
    return hashlib.sha256(summed.encode()).hexdigest()[:12]
