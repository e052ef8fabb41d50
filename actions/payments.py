"""Why a payment failed and what to do about it, step by step, down to a person who knows all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.cards import payment_card
from actions.choose import OrderChoice, current_number, named_number, remember_order
from actions.handoff import hand_off
from actions.identity import OrderService
from actions.orders import say_not_found
from actions.reply import PERSON, Button, Reply, button
from actions.technical import technical_button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.charge_rules import charge_finding
from kefu.shop.model import Order, OrderState, Payment, PaymentState
from kefu.shop.money import Charge

INTENT = "payment_failure"
STEPS = "steps"
TO_PERSON = "person"
UNSURE_CODES = frozenset({"TIMEOUT", "BANK_SYSTEM_ERROR"})
"""Failures after which money may have been taken all the same."""
_TAKEN = frozenset({Charge.NOT_BOOKED, Charge.PENDING})
STEPS_TEXT = (
    "可以按这几步再试一次：\n"
    "1. 核对卡号、有效期、预留手机号和付款密码，确认余额和限额够用；\n"
    "2. 换一个网络，退出应用重新进入后再付；\n"
    "3. 换一种支付方式，比如另一张银行卡、支付宝或微信支付。\n"
    "还是不行的话，我把失败的情况一起转给人工客服。请不要把卡号、密码、验证码发给我。"
)
_STILL = re.compile(r"还是|仍然|依然|照样|[换试].{0,8}(?:不行|没用|失败|付不了|不成功|一样)")
OTHERS = 2
"""So many other failures are offered beside the one that is told."""
UNPAID = (OrderState.UNPAID,)
NO_RECORD = "我没有查到失败的付款记录。"


class PaymentFailure(OrderService):
    """The newest failed payment of the order that is meant; asked where several orders have one."""

    action_name: ClassVar[str] = "action_payment_failure"

    def serve(self, turn: Turn, reply: Reply) -> None:
        number = named_number(turn)
        if number:
            order = OrderChoice(self.shop, turn).named()
            if order:
                self.tell_order(turn, reply, order)
            else:
                say_not_found(reply)
            return
        newest = newest_per_order(self.shop.failed_payments(turn.viewer))
        meant = self.meant(turn, newest) or self.still_unpaid(turn, newest)
        buttons = [
            button(payment_title(each, turn), INTENT, order_number=each.order_number)
            for each in newest
        ]
        if len(meant or newest) == 1:
            (payment,) = meant or newest
            others = [
                {**one, "title": f"另一笔：{one['title']}"}
                for each, one in zip(newest, buttons, strict=True)
                if each != payment
            ]
            self.tell_known(turn, reply, payment, others)
        elif newest:
            again = f"{STEPS_TEXT}\n" if turn.repeats(self.action_name) else ""
            person = [PERSON] if again else []
            reply.say(f"{again}查到几笔没有成功的付款，您想看哪一笔？", [*buttons, *person])
        elif not self.tell_taken_unnoticed(turn, reply):
            self.tell_no_record(reply)

    def meant(self, turn: Turn, failed: Sequence[Payment]) -> list[Payment]:
        """Those of the order whose goods are named, else of the order talked about."""
        orders = [self.shop.order(turn.viewer, each.order_number) for each in failed]
        known = [each for each in orders if each]
        named = OrderChoice(self.shop, turn).pointed_at(known) if len(known) > 1 else None
        number = named.order_number if named else current_number(turn)
        return [each for each in failed if each.order_number == number]

    def still_unpaid(self, turn: Turn, failed: Sequence[Payment]) -> list[Payment]:
        """Those of orders that can still be paid: a closed one is no trouble any more."""
        unpaid = {each.order_number for each in OrderChoice(self.shop, turn).recent(UNPAID)}
        return [each for each in failed if each.order_number in unpaid]

    def tell_taken_unnoticed(self, turn: Turn, reply: Reply) -> bool:
        """What looks like a failure may be a payment that the order knows nothing of."""
        unpaid = OrderChoice(self.shop, turn).recent(UNPAID)
        taken = [each for each in unpaid if charge_finding(each).charge in _TAKEN]
        return bool(taken) and self.tell_taken(turn, reply, taken[0])

    def tell_known(
        self, turn: Turn, reply: Reply, payment: Payment, others: Sequence[Button]
    ) -> None:
        """The failure that is meant; ``others`` lead to the rest."""
        order = self.shop.order(turn.viewer, payment.order_number)
        if order and self.tell_taken(turn, reply, order):
            return
        told = current_number(turn) == payment.order_number and turn.repeats(self.action_name)
        if told and _STILL.search(turn.text):
            reply.say(
                STEPS_TEXT,
                [intent_button("payment_method"), person_with_facts(payment.order_number)],
            )
            return
        tell_failure(turn, reply, payment, others)

    def tell_order(self, turn: Turn, reply: Reply, order: Order) -> None:
        number = order.order_number
        remember_order(reply, turn, number)
        failed = [each for each in order.payments if each.state is PaymentState.FAILED]
        newest = max(failed, key=lambda each: each.created_at, default=None)
        if turn.entity("choice") == TO_PERSON:
            hand_off(turn, reply, "requested", failure_facts(turn, order, newest))
        elif turn.entity("choice") == STEPS:
            reply.say(STEPS_TEXT, [intent_button("payment_method"), person_with_facts(number)])
        elif self.tell_taken(turn, reply, order):
            return
        elif newest and order.state in (OrderState.UNPAID, OrderState.CLOSED):
            tell_failure(turn, reply, newest)
        else:
            self.tell_no_record(reply, order)

    def tell_taken(self, turn: Turn, reply: Reply, order: Order) -> bool:
        """Money that was taken must not be paid again."""
        finding, number = charge_finding(order).charge, order.order_number
        check = button("核对扣款", "payment_charged", order_number=number)
        if finding is Charge.NOT_BOOKED:
            reply.offer("这笔订单其实已经扣款了，请不要再付。我来帮您核对处理，好吗？", check)
        elif finding is Charge.DUPLICATE:
            reply.offer("这笔订单已经付款成功，而且多扣了一次。我来帮您核对处理，好吗？", check)
        elif finding is Charge.PENDING:
            reply.say("这笔付款银行还在处理，结果没有回来，请先不要重复付款。", [check, PERSON])
        elif order.state not in (OrderState.UNPAID, OrderState.CLOSED, OrderState.CANCELLED):
            status = intent_button("order_status", order_number=number)
            reply.say("这笔订单已经付款成功，不用再付了。", [status])
        else:
            return False
        remember_order(reply, turn, number)
        return True

    @staticmethod
    def tell_no_record(reply: Reply, order: Order | None = None) -> None:
        """The steps help all the same; the technical team may know what the shop does not."""
        technical = technical_button(order.order_number if order else None)
        reply.offer_person(
            f"{NO_RECORD}{STEPS_TEXT}",
            ask="需要现在转人工吗？",
            buttons=[intent_button("payment_method"), technical],
        )


def newest_per_order(payments: Sequence[Payment]) -> list[Payment]:
    """The newest failure of each order; ``payments`` come newest first."""
    seen: dict[str, Payment] = {}
    for payment in payments:
        seen.setdefault(payment.order_number, payment)
    return list(seen.values())


def payment_title(payment: Payment, turn: Turn) -> str:
    day = wording.day_text(payment.created_at, turn.now)
    method = wording.payment_method_text(payment.method)
    return f"{day} {method} {wording.yuan(payment.amount)}"


def tell_failure(turn: Turn, reply: Reply, payment: Payment, others: Sequence[Button] = ()) -> None:
    """The reason and its own advice; the second time the steps, then a person."""
    number = payment.order_number
    failure = wording.payment_failure(payment.failure_code)
    again = turn.repeats(PaymentFailure.action_name) and current_number(turn) == number
    remember_order(reply, turn, number)
    checks: list[Button] = []
    code = (payment.failure_code or "").upper()
    if code in UNSURE_CODES:
        checks.append(button("核对有没有扣款", "payment_charged", order_number=number))
    if code not in wording.PAYMENT_FAILURES:
        checks.append(technical_button(number))
    steps = button("还是付不了", INTENT, order_number=number, choice=STEPS)
    reply.say(
        f"付款没有成功，原因是：{failure.reason}。{failure.advice}",
        [*checks, *([] if again else [steps]), person_with_facts(number), *others[:OTHERS]],
        [payment_card(payment)],
    )


def person_with_facts(number: str) -> Button:
    """A call for a person who is told why the payment failed."""
    return button("转人工处理", INTENT, order_number=number, choice=TO_PERSON)


def failure_facts(turn: Turn, order: Order, payment: Payment | None) -> str:
    """What the agent reads: order, amount, way, time, reason."""
    if payment is None:
        return f"顾客付款失败，订单 {order.order_number}，系统里没有失败记录"
    failure = wording.payment_failure(payment.failure_code)
    tries = sum(each.state is PaymentState.FAILED for each in order.payments)
    card = f"{payment.bank or ''}尾号{payment.card_tail}" if payment.card_tail else ""
    return (
        f"顾客付款失败{tries}次，订单 {order.order_number}，"
        f"{wording.payment_method_text(payment.method)}{card} {wording.yuan(payment.amount)}，"
        f"{wording.moment_text(payment.created_at, turn.now)}，"
        f"原因：{failure.reason}（{payment.failure_code}）"
    )
