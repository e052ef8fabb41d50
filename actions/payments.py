"""Why a payment failed and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from actions.cards import payment_card
from actions.choose import OrderChoice, current_number, named_number, remember_order
from actions.identity import OrderService
from actions.orders import say_not_found
from actions.reply import Reply, button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Order, OrderState, Payment, PaymentState

ADVICE = (
    "我没有查到失败的付款记录。如果页面上仍然提示失败，请检查网络和余额，或换一种支付方式再试。"
)


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
        meant = [each for each in newest if each.order_number == current_number(turn)]
        if len(meant or newest) == 1:
            tell_failure(turn, reply, (meant or newest)[0])
        elif newest:
            buttons = [
                button(payment_title(each, turn), "payment_failure", order_number=each.order_number)
                for each in newest
            ]
            reply.say("查到几笔没有成功的付款，您想看哪一笔？", buttons)
        else:
            reply.offer_person(ADVICE)

    def tell_order(self, turn: Turn, reply: Reply, order: Order) -> None:
        remember_order(reply, turn, order.order_number)
        failed = [each for each in order.payments if each.state is PaymentState.FAILED]
        paid = any(each.state is PaymentState.SUCCEEDED for each in order.payments)
        if paid and order.state not in (OrderState.UNPAID, OrderState.CLOSED):
            reply.say("这笔订单已经付款成功，不用再付了。", [intent_button("order_status")])
        elif failed:
            tell_failure(turn, reply, max(failed, key=lambda each: each.created_at))
        else:
            reply.offer_person(ADVICE)


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


def tell_failure(turn: Turn, reply: Reply, payment: Payment) -> None:
    remember_order(reply, turn, payment.order_number)
    failure = wording.payment_failure(payment.failure_code)
    reply.say(
        f"付款没有成功，原因是：{failure.reason}。{failure.advice}",
        [button("还是付不了，转人工", "human_agent")],
        [payment_card(payment)],
    )
