"""Sending goods back: where to, who pays, and the way to tell the parcel's number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.cards import return_card
from actions.choose import OrderChoice, named_number, named_rma, remember_order
from actions.couriers import told_courier, told_number
from actions.identity import OrderService, must_prove_order
from actions.knowledge import find, quote
from actions.refunds import NO_SUCH_RETURN, next_step
from actions.reply import PERSON, Reply, button
from actions.return_cases import (
    AWAITED,
    ON_THE_WAY,
    case_buttons,
    meant_among,
    returns_in,
    rma_in,
    word_of,
)
from actions.return_draft import Eligibility
from actions.return_parcel import FORM, SLOTS, open_form
from actions.return_reasons import is_question
from actions.short_form import empty
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import freight_rules
from kefu.shop.model import Order, Return

NONE_YET = "您还没有需要寄回的售后申请。申请通过后，我会把寄回地址给您。"

_NUMBER = re.compile(r"单号|运单|快递号|填.{0,4}号|已经?寄(?:出|走|了|回)|寄(?:出去|走)了|寄好了")
_FREIGHT = re.compile(
    r"运费|邮费|快递费|到付|运费险|谁(?:出|付|掏|承担)|报销?[吗不么]|垫付|给报|退.{0,3}邮"
)
_PICK_UP = re.compile(
    r"上门|取件|来取|来拿|小哥|包装|箱子|盒子|怎么寄|用什么快递|哪家快递|取件码|预约"
)
_ADDRESS = re.compile(r"地址|寄到?哪|往哪|寄给谁|收件人")


class ReturnShipping(OrderService):
    """Answers what is asked; an RMA that waits for its parcel is the default subject."""

    action_name: ClassVar[str] = "action_return_shipping"

    def answer(self, turn: Turn, reply: Reply) -> None:
        """The rules on freight and sending are told to anybody."""
        general = turn.text and (_FREIGHT.search(turn.text) or asks_how(turn))
        if general and must_prove_order(turn) and named_number(turn) is None:
            self.quote_article(turn, reply, [])
        else:
            super().answer(turn, reply)

    def serve(self, turn: Turn, reply: Reply) -> None:
        cases = returns_in(self.shop, turn)
        open_cases = [each for each in cases if each.state in AWAITED | ON_THE_WAY]
        if named_rma(turn) and rma_in(turn) not in {each.rma_number for each in cases}:
            reply.say(NO_SUCH_RETURN, [intent_button("refund_progress"), PERSON])
        elif turn.active_form == FORM and (self.tells_number(turn) or not asks(turn)):
            reply.go_on_with(FORM)
        elif self.tells_number(turn):
            self.take_number(turn, reply, open_cases)
        elif turn.text and _FREIGHT.search(turn.text):
            self.explain_freight(turn, reply, meant_among(turn, cases))
        elif asks_how(turn):
            self.quote_article(turn, reply, open_cases)
        else:
            self.show_addresses(turn, reply, open_cases)

    def tells_number(self, turn: Turn) -> bool:
        """Whether a number is told or shall be; a button always means that."""
        if not turn.text:
            return bool(turn.entity("rma_number") or turn.entity("order_number"))
        if _FREIGHT.search(turn.text):
            return False
        number = told_number(turn, self.services.profiles[turn.claims.profile])
        if number and (told_courier(turn) or not is_question(turn.text)):
            return True
        return bool(_NUMBER.search(turn.text))

    def take_number(self, turn: Turn, reply: Reply, cases: Sequence[Return]) -> None:
        waiting = [each for each in cases if each.state in ON_THE_WAY]
        if waiting:
            open_form(turn, reply, waiting)
        elif cases:
            reply.say("售后申请还在审核，通过后再寄出，到时候我帮您填单号。", [progress(cases[0])])
        else:
            self.say_none(turn, reply)

    def show_addresses(self, turn: Turn, reply: Reply, cases: Sequence[Return]) -> None:
        meant = meant_among(turn, cases)
        shown = [meant] if meant else list(cases)
        if not shown:
            self.say_none(turn, reply)
            return
        for case in shown[:3]:
            remember_order(reply, turn, case.order_number)
            told = case.state in ON_THE_WAY
            fill = button("填写寄回单号", "return_shipping", rma_number=case.rma_number)
            text = f"「{case.item_name}」的{word_of(case)}：{next_step(case)}"
            reply.say(text, [*([fill] if told else []), PERSON], [return_card(case)])

    def explain_freight(self, turn: Turn, reply: Reply, case: Return | None) -> None:
        """By the RMA's own word, else by the order's insurance, else by the rule."""
        if case is not None:
            order = self.shop.order(turn.viewer, case.order_number)
            payer = freight_rules.freight_sentence(case.freight_payer)
            text = f"「{case.item_name}」的{word_of(case)}：{payer}"
            remember_order(reply, turn, case.order_number)
            reply.say(f"{text}{insurance_sentence(order)}", [progress(case), PERSON])
            return
        choice = OrderChoice(self.shop, turn)
        order = choice.named() or choice.in_mind()
        policy = self.services.profiles[turn.claims.profile].policies
        rule = "商品有问题（破损、发错、少件、与描述不符）或保修期内送修，寄回的运费由商家承担；"
        at_will = (
            "个人原因退换，运费由您承担，订单有运费险的按规则赔付。"
            if policy.freight_by_shopper_on_no_reason
            else "个人原因退换，运费也由商家承担。"
        )
        reply.say(f"{rule}{at_will}{insurance_sentence(order)}", [intent_button("return_request")])

    def quote_article(self, turn: Turn, reply: Reply, cases: Sequence[Return]) -> None:
        passage = find(turn, self.services, turn.intent)
        if passage:
            quote(reply, passage, case_buttons(cases, "return_shipping"))
        else:
            self.show_addresses(turn, reply, cases)

    def say_none(self, turn: Turn, reply: Reply) -> None:
        """Nothing to send back; an application is offered to who has something."""
        apply = (
            [intent_button("return_request"), intent_button("exchange_request")]
            if Eligibility(self.shop, turn).orders()
            else [intent_button("refund_progress")]
        )
        reply.say(NONE_YET, [*apply, PERSON])
        reply.remember_all(empty("parcel", SLOTS))


def asks_how(turn: Turn) -> bool:
    """Whether it is about packing or fetching, and not about the address."""
    return bool(_PICK_UP.search(turn.text)) and not _ADDRESS.search(turn.text)


def asks(turn: Turn) -> bool:
    """Whether freight, fetching or the address is asked about."""
    return any(words.search(turn.text) for words in (_FREIGHT, _PICK_UP, _ADDRESS))


def progress(case: Return) -> dict[str, str]:
    return button("查看进度", "refund_progress", rma_number=case.rma_number)


def insurance_sentence(order: Order | None) -> str:
    """What the order's own data say of freight insurance."""
    if order is None:
        return ""
    if order.freight_insured:
        return "这笔订单有运费险，寄回并填好单号、退货完成后理赔，通常不用另外申请。"
    return "这笔订单没有运费险。"
