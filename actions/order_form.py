"""The form that all requests about an order share: which order, what else, is it confirmed."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.choose import paged_buttons, remember_order
from actions.forms import ask, gives_up, is_unread, misunderstood
from actions.identity import OrderService
from actions.knowledge import find, quote
from actions.order_filling import WRONG, Filling, draft_of, drops, request_of
from actions.order_request import NO_ORDER, OrderRequest, mark_of
from actions.orders import names_some_order, say_not_found
from actions.reply import Reply, button
from actions.return_reasons import is_plain_question
from actions.short_form import ShortFormDone, ValidateShortForm, empty
from actions.small_talk import gives_up_in_words
from actions.turn import Turn
from kefu.shop.model import Order

FORM = "order_form"
PREFIX = "order"
_NOT_WANTED = re.compile(r"^(?:那|我|就|还是|算了|先|，|,| )*不(?:想)?要了?[吧啦呢。.!！~ ]*$")
SLOTS = ("order_service", "order_chosen", "order_draft", "order_details")


class StartOrderRequest(OrderService):
    """Opens the form for one service, unless the message can be answered without it."""

    request: ClassVar[type[OrderRequest]]

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form == FORM and turn.text_slot("order_service") == self.request.intent:
            self.explain(turn, reply)
        elif not self.answers(turn, reply):
            self.begin(turn, reply)

    def answers(self, turn: Turn, reply: Reply) -> bool:
        """Whether it is no request after all, and has been answered."""
        return False

    def begin(self, turn: Turn, reply: Reply) -> None:
        """Into the form, which reads the rest of the message."""
        request = self.request(self.services)
        order = request.order_in(turn)
        if order is None and names_some_order(turn):
            say_not_found(reply)
            return
        verdict = request.verdict(turn, order, {}) if order else None
        if order and verdict and not verdict.allowed:
            remember_order(reply, turn, order.order_number)
            request.refuse(turn, reply, order, verdict)
            return
        if turn.active_form:
            reply.end_form()
        reply.remember_all(empty(PREFIX, SLOTS))
        reply.remember("requested_slot", None)
        reply.remember("order_service", request.intent)
        if order:
            reply.remember("order_chosen", order.order_number)
            remember_order(reply, turn, order.order_number)
        elif request.needs_order and not request.candidates(turn):
            request.nothing_to_do(turn, reply)
            return
        reply.go_on_with(FORM)

    def explain(self, turn: Turn, reply: Reply) -> None:
        """A question about the very service that is being filled in; the form then goes on."""
        passage = find(turn, self.services, self.request.intent)
        if passage and is_plain_question(turn.text):
            quote(reply, passage)
        else:
            reply.go_on_with(FORM)


class ValidateOrderForm(ValidateShortForm):
    action_name: ClassVar[str] = f"validate_{FORM}"
    form: ClassVar[str] = FORM
    prefix: ClassVar[str] = PREFIX

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.requested_slot is not None and turn.is_back_from_digression(FORM):
            return
        filling = Filling(self, turn, reply)
        if self.leaves(turn, filling):
            reply.say(filling.request.farewell)
            self.finish(reply)
        elif not filling.read() and self.is_lost(turn) and misunderstood(turn, reply):
            self.finish(reply)

    def take(self, turn: Turn, reply: Reply) -> bool:
        return Filling(self, turn, reply).read()

    @staticmethod
    def leaves(turn: Turn, filling: Filling) -> bool:
        """「算了」, 「不改了」 leaves; a no that corrects something does not."""
        if turn.requested_slot and drops(turn, filling.request.verbs):
            return True
        if filling.request.keeps(turn):
            return False
        if turn.requested_slot and _NOT_WANTED.match(turn.text):
            return True
        if not gives_up(turn):
            return False
        if gives_up_in_words(turn.text) or not turn.text or turn.intent == "goodbye":
            return True
        return not (filling.corrects or WRONG.match(turn.text))

    def is_lost(self, turn: Turn) -> bool:
        return turn.requested_slot is not None and is_unread(turn)


class AskOrderChosen(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_order_chosen"

    def answer(self, turn: Turn, reply: Reply) -> None:
        request = request_of(self.services, turn)
        orders = request.candidates(turn)
        buttons, hint = paged_buttons(
            orders, turn, request.intent, lambda order: request.title(turn, order)
        )
        if not request.needs_order:
            buttons.append(button("都不是", "inform", choice=NO_ORDER))
        ask(turn, reply, f"{request.question}{hint}", [*buttons, button(request.leave, "deny")])


class AskOrderDetails(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_order_details"

    def answer(self, turn: Turn, reply: Reply) -> None:
        request = request_of(self.services, turn)
        question = request.next_question(turn, chosen_order(self, turn), draft_of(turn))
        if question is None:
            raise LookupError("the order form asks for what it has")
        ask(turn, reply, question.text, [*question.buttons, button(request.leave, "deny")])


class AskOrderConfirmed(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_order_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        request, order, draft = (
            request_of(self.services, turn),
            chosen_order(self, turn),
            draft_of(turn),
        )
        if not turn.repeats(self.action_name):
            request.show(turn, reply, order)
        number = turn.text_slot("order_chosen")
        mark = mark_of(request.intent, number, draft)
        named = {"order_number": number} if number and number != NO_ORDER else {}
        yes = button(request.confirm_title(order, draft), "affirm", choice=mark, **named)
        ask(turn, reply, request.summary(turn, order, draft), [yes, button(request.leave, "deny")])


class OrderDone(ShortFormDone):
    """Does what was confirmed."""

    action_name: ClassVar[str] = "action_order_done"
    prefix: ClassVar[str] = PREFIX
    slots: ClassVar[tuple[str, ...]] = SLOTS

    def carry_out(self, turn: Turn, reply: Reply) -> None:
        order = chosen_order(self, turn)
        request_of(self.services, turn).carry_out(turn, reply, order, draft_of(turn))

    def request(self, turn: Turn) -> tuple[str, str]:
        order = chosen_order(self, turn)
        return request_of(self.services, turn).request(turn, order, draft_of(turn))


def chosen_order(action: KefuAction, turn: Turn) -> Order | None:
    """``None`` where the matter belongs to no order. Raises ``LookupError``."""
    number = turn.text_slot("order_chosen")
    if number == NO_ORDER:
        return None
    order = action.shop.order(turn.viewer, number or "")
    if order is None:
        raise LookupError("the order form lacks its order")
    return order
