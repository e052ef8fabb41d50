"""Reminding the seller to ship: once a day, told with the promised time and the answer's."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.cards import order_title
from actions.choose import OFFERED, OrderChoice, paged_buttons, remember_order
from actions.identity import OrderService, must_prove_order
from actions.offers import offered_before
from actions.orders import (
    OrderStatus,
    meant_among,
    names_some_order,
    say_not_found,
    services_of,
    show_order,
)
from actions.registering import register_request
from actions.reply import PERSON, Reply, button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import order_rules, wording
from kefu.shop.changes import Urge
from kefu.shop.gateway import RuleRefused, ShopReadOnly
from kefu.shop.model import Order, OrderState

INTENT = "urge_shipping"
_URGES = re.compile(
    r"催|快[点些发]|[赶][紧快]|尽快|抓紧|加急|着?急|提醒|早[点些]|马上|立[刻即]|还不|怎么还|咋还|怎么不|迟迟|再不"
    r"|太慢|这么[慢久]|一直|[几好多半一二两三四五六七八九十\d]+天了|等不及|能不能|(?:麻烦|帮|请).{0,8}(?:安排|催)"
)
_ASKS_STATE = re.compile(
    r"发(?:货|出|走)?了?[没吗不么]|发没发|(?:有没有|是否|是不是).{0,4}发|(?:[什哪几][么时天号点]|啥时).{0,6}发|多久.{0,4}发|何时.{0,4}发"
    r"|发货?(?:状态|情况)|备货"
)
_EVERY = re.compile(
    r"(?:都|全部?|一起|分别)(?:帮我|给我)?催|催.{0,2}(?:全部|所有)|[两二三四五几]个?[家个笔单]都"
)
NOTHING_WAITS = "您没有等待发货的订单。已发货的，可以查查物流到哪了。"


class UrgeShipping(OrderService):
    """Reminds at once where it is clear which order; who only asks how far it is hears that."""

    action_name: ClassVar[str] = "action_urge_shipping"

    def answer(self, turn: Turn, reply: Reply) -> None:
        """What a guest wants once an order is proved: to be told, or to have it urged."""
        if only_asks(turn) and must_prove_order(turn):
            OrderStatus(self.services).answer(turn.as_request("order_status"), reply)
        else:
            super().answer(turn, reply)

    def serve(self, turn: Turn, reply: Reply) -> None:
        choice = OrderChoice(self.shop, turn)
        order = choice.named()
        if order is None and names_some_order(turn):
            say_not_found(reply)
            return
        every = _EVERY.search(turn.text)
        if order is None and not turn.entity("page") and not every:
            order = meant_among(turn, choice, (OrderState.PAID,))
        if order is None:
            self.ask(turn, reply, choice)
        elif only_asks(turn):
            show_order(self.shop, turn, reply, order)
            offer_urging(reply, order)
        else:
            remember_order(reply, turn, order.order_number)
            self.urge(turn, reply, order)

    def ask(self, turn: Turn, reply: Reply, choice: OrderChoice) -> None:
        waiting = choice.recent((OrderState.PAID,))
        if waiting and _EVERY.search(turn.text):
            for order in waiting[:OFFERED]:
                self.urge(turn, reply, order)
            return
        if waiting:
            asks = only_asks(turn)
            buttons, hint = paged_buttons(waiting, turn, "order_status" if asks else INTENT)
            reply.say(f"您{'问的是' if asks else '想催'}哪一笔？{hint}", buttons)
            return
        meant = choice.with_goods(choice.recent(None))
        if meant:
            show_order(self.shop, turn, reply, meant[0])
            return
        unpaid = choice.recent((OrderState.UNPAID,), 1)
        lead = "您有一笔订单还没有付款，付款后商家才会发货。" if unpaid else NOTHING_WAITS
        reply.say(lead, [intent_button("track_logistics"), intent_button("order_status"), PERSON])

    def urge(self, turn: Turn, reply: Reply, order: Order) -> None:
        verdict = order_rules.urge_verdict(order)
        number = order.order_number
        if not verdict.allowed and not self.shop.operation(turn.ref, "urge_shipping", number):
            buttons = [*services_of(self.shop, turn, order), PERSON]
            reply.say(f"{order_title(order, turn.now)}：{verdict.sentence}", buttons)
            reply.refused(verdict)
            return
        try:
            sent = self.shop.urge_shipping(turn.viewer, turn.ref, order_number=number)
        except RuleRefused as refusal:
            reply.say(refusal.sentence, [PERSON])
            reply.refused(refusal.verdict)
        except ShopReadOnly:
            due = promise(turn, order)
            register_request(turn, reply, "催发货", f"顾客催发货，订单 {number}。{due}", number)
        else:
            self.tell(turn, reply, order, sent)

    def tell(self, turn: Turn, reply: Reply, order: Order, sent: Urge) -> None:
        title, due = order_title(order, turn.now), promise(turn, order)
        hours = self.services.profiles[turn.claims.profile].policies.urge_answer_hours
        late = order.promised_ship_at is not None and order.promised_ship_at < turn.now
        if sent.repeated:
            when = wording.moment_text(sent.at, turn.now)
            text = f"{title}：今天已经催过（{when}），商家会在{hours}小时内处理。{due}"
            if late:
                reply.offer_person(text, buttons=[cancel_button(order)])
            else:
                reply.say(text, [PERSON])
            return
        text = f"{title}：已提醒商家尽快发货，商家会在{hours}小时内处理。{due}"
        if late:
            reply.offer_person(text, buttons=[cancel_button(order)])
        else:
            reply.say(text)


def offer_urging(reply: Reply, order: Order) -> None:
    """The reminder as an offer, where there is anything to remind of."""
    if order_rules.urge_verdict(order).allowed:
        service = intent_button(INTENT, order_number=order.order_number)
        reply.offer("需要我提醒商家尽快发货吗？", service)


def only_asks(turn: Turn) -> bool:
    """Whether the words ask for the state, and neither press for it nor answer which order."""
    if not turn.text or _URGES.search(turn.text) or not _ASKS_STATE.search(turn.text):
        return False
    return all(each.intent != INTENT for each in offered_before(turn))


def promise(turn: Turn, order: Order) -> str:
    """Until when it was promised to leave."""
    due = order.promised_ship_at
    if due is None:
        return "这笔订单商家没有给出发货时间。"
    when = wording.moment_text(due, turn.now)
    if due < turn.now:
        return f"原定{when}前发货，已经超时了，非常抱歉。"
    return f"承诺{when}前发货，还在时限内。"


def cancel_button(order: Order) -> dict[str, str]:
    return button("不等了，取消订单", "cancel_order", order_number=order.order_number)
