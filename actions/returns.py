"""Opening a return: the way into the form, and what is done once it is filled in."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import return_card
from actions.choose import OrderChoice, asks_for_all, named_number, remember_order
from actions.identity import OrderService
from actions.refunds import next_step
from actions.reply import PERSON, Reply
from actions.return_draft import EMPTY_SLOTS, FORM, RETURNABLE, Eligibility, ReturnDraft, read_draft
from actions.turn import Turn
from kefu.shop.gateway import RuleRefused
from kefu.shop.model import Order, Return


class StartReturn(OrderService):
    """Clears what an earlier application left, takes over what the message says, opens the form."""

    action_name: ClassVar[str] = "action_return_request"

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form != FORM:
            reply.remember_all(EMPTY_SLOTS)
            reply.remember("requested_slot", None)
            order = self.order_meant(turn)
            if order:
                reply.remember("return_order", order.order_number)
        reply.go_on_with(FORM)

    def order_meant(self, turn: Turn) -> Order | None:
        """The order in mind, if anything of it can still be returned."""
        if named_number(turn) or asks_for_all(turn):
            return None
        choice = OrderChoice(self.shop, turn)
        order = choice.pointed_at(choice.recent(RETURNABLE)) or choice.in_mind()
        return order if order and Eligibility(self.shop, turn).items(order) else None


class ReturnDone(KefuAction):
    """Opens the RMA once the form is complete; an ended form has already said why."""

    action_name: ClassVar[str] = "action_return_done"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        if turn.text_slot("return_outcome") is None and turn.text_slot("return_confirmed"):
            self.submit(turn, reply, draft)
        reply.remember_all(EMPTY_SLOTS)

    def submit(self, turn: Turn, reply: Reply, draft: ReturnDraft) -> None:
        if not (draft.order_number and draft.item_id and draft.reason):
            raise LookupError("the return form ended confirmed but incomplete")
        try:
            made = self.shop.request_return(
                turn.viewer,
                turn.ref,
                order_number=draft.order_number,
                item_id=draft.item_id,
                reason=draft.reason,
                note=draft.note,
            )
        except RuleRefused as refusal:
            reply.say(refusal.sentence, [PERSON])
            return
        remember_order(reply, turn, made.order_number)
        reply.say(submitted_sentence(made), cards=[return_card(made)])


def submitted_sentence(made: Return) -> str:
    return f"退货申请已提交，退货编号{made.rma_number}。{next_step(made)}"
