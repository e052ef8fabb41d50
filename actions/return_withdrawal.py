"""The form that withdraws an RMA before the goods were sent back."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import return_card
from actions.choose import remember_order
from actions.forms import ask, says_yes
from actions.reply import PERSON, Reply, button
from actions.return_cases import (
    AWAITED,
    case_buttons,
    meant_among,
    returns_in,
    rma_in,
    wants_withdrawal,
    word_of,
)
from actions.short_form import ShortFormDone, ValidateShortForm, empty
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import rma_rules
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Return

FORM = "withdraw_form"
PREFIX = "withdraw"
SLOTS = ("withdraw_rma",)
NEVER_MIND = button("不撤销了", "deny")


def start_withdrawal(shop: ShopGateway, turn: Turn, reply: Reply) -> bool:
    """Begin the form, or say why it cannot be; ``False`` where there is nothing to withdraw."""
    cases = returns_in(shop, turn)
    awaited = [each for each in cases if each.state in AWAITED]
    named = next((each for each in cases if each.rma_number == rma_in(turn)), None)
    meant = named or meant_among(turn, awaited)
    standing = meant or next((each for each in cases if not is_over(each)), None)
    if standing is None and named is None:
        return False
    reply.remember_all(empty(PREFIX, SLOTS))
    reply.remember("requested_slot", None)
    if standing is not None and not (awaited and meant is None):
        verdict = rma_rules.withdraw_verdict(standing)
        if not verdict.allowed:
            reply.say(verdict.sentence, [intent_button("refund_progress"), PERSON])
            reply.refused(verdict)
            return True
        reply.remember("withdraw_rma", standing.rma_number)
    reply.go_on_with(FORM)
    return True


def is_over(case: Return) -> bool:
    return rma_rules.withdraw_verdict(case).code == "return_ended"


class ValidateWithdrawForm(ValidateShortForm):
    action_name: ClassVar[str] = f"validate_{FORM}"
    form: ClassVar[str] = FORM
    prefix: ClassVar[str] = PREFIX
    farewell: ClassVar[str] = "好的，申请保留着，会继续处理。"

    def answer(self, turn: Turn, reply: Reply) -> None:
        # 「不退了」 is what is asked for here, and no change of mind.
        if turn.requested_slot and wants_withdrawal(turn):
            if turn.requested_slot == "withdraw_confirmed":
                self.confirm(reply)
            return
        super().answer(turn, reply)

    def take(self, turn: Turn, reply: Reply) -> bool:
        if turn.requested_slot is None:
            reply.remember("withdraw_outcome", None)
            return True
        if turn.requested_slot == "withdraw_rma":
            cases = returns_in(self.shop, turn, lambda each: each.state in AWAITED)
            case = meant_among(turn, cases)
            if case:
                reply.remember("withdraw_rma", case.rma_number)
            return case is not None
        shown = turn.entity("rma_number")
        if says_yes(turn, "撤销") and shown in (None, turn.text_slot("withdraw_rma")):
            self.confirm(reply)
            return True
        return False

    @staticmethod
    def confirm(reply: Reply) -> None:
        reply.remember("withdraw_confirmed", "yes")


class AskWithdrawRma(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_withdraw_rma"

    def answer(self, turn: Turn, reply: Reply) -> None:
        cases = returns_in(self.shop, turn, lambda each: each.state in AWAITED)
        buttons = case_buttons(cases, "inform")
        ask(turn, reply, "您想撤销哪一个申请？", [*buttons, NEVER_MIND])


class AskWithdrawConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_withdraw_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        rma = turn.text_slot("withdraw_rma") or ""
        case = self.shop.return_by_number(turn.viewer, rma)
        if case is None:
            raise LookupError("the withdrawal lacks its RMA")
        ask(
            turn,
            reply,
            f"确认撤销「{case.item_name}」的{word_of(case)}申请（{rma}）吗？"
            "撤销后还在期限内的话，可以重新申请。",
            [button("确认撤销", "affirm", rma_number=rma), NEVER_MIND],
        )


class WithdrawDone(ShortFormDone):
    action_name: ClassVar[str] = "action_withdraw_done"
    prefix: ClassVar[str] = PREFIX
    slots: ClassVar[tuple[str, ...]] = SLOTS

    def carry_out(self, turn: Turn, reply: Reply) -> None:
        rma = turn.text_slot("withdraw_rma")
        if rma is None:
            raise LookupError("the withdrawal lacks its RMA")
        made = self.shop.cancel_return(turn.viewer, turn.ref, rma_number=rma)
        remember_order(reply, turn, made.order_number)
        reply.say(
            f"「{made.item_name}」的{word_of(made)}申请（{rma}）已经撤销，商品不用寄回。",
            cards=[return_card(made)],
        )

    def request(self, turn: Turn) -> tuple[str, str]:
        return "撤销售后申请", f"顾客要求撤销售后申请 {turn.text_slot('withdraw_rma')}。"
