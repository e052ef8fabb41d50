"""How far a shopper's cases are: refunds, RMAs and tickets."""

from __future__ import annotations

from typing import ClassVar

from actions.choose import OrderChoice, current_number, named_number
from actions.identity import OrderService
from actions.orders import say_not_found
from actions.refunds import (
    LOOK_BACK,
    NO_SUCH_RETURN,
    NOTHING,
    OFFERED,
    RETURN,
    Case,
    case_button,
    is_open,
    tell_cases,
)
from actions.reply import PERSON, Reply
from actions.return_cases import context_rma, rma_in, wants_withdrawal
from actions.return_draft import Eligibility
from actions.return_withdrawal import start_withdrawal
from actions.ticket_progress import asks_bare_progress, named_ticket, tell, tell_tickets
from actions.titles import intent_button
from actions.turn import Turn


class RefundProgress(OrderService):
    """The cases of the one order that has any open, or of the order meant, or a choice."""

    action_name: ClassVar[str] = "action_refund_progress"

    def serve(self, turn: Turn, reply: Reply) -> None:
        if wants_withdrawal(turn) and start_withdrawal(self.shop, turn, reply):
            return
        if (turn.tickets or named_ticket(turn)) and tell_tickets(turn, reply):
            return
        number = named_number(turn)
        rma = rma_in(turn)
        if rma and not (number and rma == context_rma(turn)):
            self.tell_return(turn, reply, rma.upper())
            return
        if number and OrderChoice(self.shop, turn).named() is None:
            say_not_found(reply)
            return
        by_order = self.cases(turn, looking_back=number is not None)
        wanted = number or current_number(turn)
        if by_order and turn.tickets and asks_bare_progress(turn.text):
            tell(turn, reply, turn.tickets)
        if wanted in by_order:
            tell_cases(self, turn, reply, by_order[wanted])
        elif number or not by_order:
            self.tell_nothing(turn, reply)
        elif len(by_order) == 1:
            tell_cases(self, turn, reply, next(iter(by_order.values())))
        else:
            buttons = [case_button(turn, cases[0]) for cases in by_order.values()]
            reply.say("您想查哪一笔退款？", buttons[:OFFERED])

    def tell_nothing(self, turn: Turn, reply: Reply) -> None:
        """No case; a return is offered only to who has something to send back."""
        if turn.tickets:
            tell(turn, reply, turn.tickets)
        elif Eligibility(self.shop, turn).orders():
            reply.say(f"{NOTHING}如果您还没申请，可以现在办理。", [RETURN, PERSON])
        else:
            reply.say(NOTHING, [intent_button("order_status"), PERSON])

    def tell_return(self, turn: Turn, reply: Reply, rma: str) -> None:
        """The return with this number and, once there is one, its refund."""
        returns = self.shop.returns(turn.viewer, limit=LOOK_BACK)
        refunds = self.shop.refunds(turn.viewer, limit=LOOK_BACK)
        cases: list[Case] = [each for each in returns if each.rma_number == rma]
        if cases:
            tell_cases(
                self, turn, reply, [*cases, *(one for one in refunds if one.rma_number == rma)]
            )
        else:
            reply.say(NO_SUCH_RETURN, [intent_button("refund_progress"), PERSON])

    def cases(self, turn: Turn, *, looking_back: bool) -> dict[str, list[Case]]:
        """Cases by order, the latest first: the open ones, else only the newest closed one.

        A return whose refund is on its way is told as that refund. ``looking_back`` takes all.
        """
        refunds = self.shop.refunds(turn.viewer, limit=LOOK_BACK)
        refunding = {each.rma_number for each in refunds}
        returns = self.shop.returns(turn.viewer, limit=LOOK_BACK)
        left: list[Case] = [each for each in returns if each.rma_number not in refunding]
        cases = sorted([*refunds, *left], key=lambda each: each.updated_at, reverse=True)
        if not looking_back:
            cases = [each for each in cases if is_open(each)] or cases[:1]
        by_order: dict[str, list[Case]] = {}
        for each in cases:
            by_order.setdefault(each.order_number, []).append(each)
        return by_order
