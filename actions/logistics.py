"""Where a parcel is, and what to do when its delivery went wrong."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import ClassVar

from actions.cards import goods_of, logistics_card
from actions.choose import OrderChoice, order_buttons, paged_buttons, remember_order
from actions.identity import OrderService
from actions.orders import (
    NO_ORDERS,
    meant_among,
    names_some_order,
    say_not_found,
    services_of,
    state_sentence,
)
from actions.registering import open_service_ticket, register_request, tell_registered
from actions.reply import PERSON, Button, Reply, button
from actions.serving import serve_intent
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.carriers import CarrierUnavailable, Trace
from kefu.shop.model import Order, OrderState, Shipment, ShipmentState

STUCK_AFTER = timedelta(hours=48)
ON_THE_WAY = (OrderState.SHIPPED,)
ARRIVED = (OrderState.SIGNED, OrderState.COMPLETED)
COURIER = "urge_courier"
SUBJECT = "催促快递"
_WOULD_ARRIVE = re.compile(r"(?:什么时候|啥时候?|几天|多久|何时|多长时间).{0,4}(?:到|收到|送到)")


class TrackLogistics(OrderService):
    """The latest events of the parcel; which one is asked where several are on their way."""

    action_name: ClassVar[str] = "action_track_logistics"
    question: ClassVar[str] = "您想查哪一笔订单的物流？"

    def answer(self, turn: Turn, reply: Reply) -> None:
        """On a product's page a guest asks when it would arrive, and not where a parcel is."""
        if turn.is_guest and asks_before_buying(turn):
            serve_intent(self.services, "shipping_policy", turn, reply)
        else:
            super().answer(turn, reply)

    def serve(self, turn: Turn, reply: Reply) -> None:
        order = self.find(turn, reply)
        if order is None:
            return
        remember_order(reply, turn, order.order_number)
        if not order.shipments:
            reply.say(
                f"{state_sentence(turn, order)}还没有物流信息。",
                [*services_of(self.shop, turn, order), PERSON],
            )
            return
        for shipment in order.shipments:
            self.tell(turn, reply, order, shipment)

    def find(self, turn: Turn, reply: Reply) -> Order | None:
        """The parcel's order, or ``None`` after having asked or explained."""
        choice = OrderChoice(self.shop, turn)
        order = choice.named()
        if order is None and names_some_order(turn):
            say_not_found(reply)
            return None
        if order is None and (with_goods := self.by_goods(choice)):
            if len(with_goods) > 1:
                reply.say(self.question, order_buttons(with_goods, turn.intent, turn.now))
                return None
            order = with_goods[0]
        order = order or meant_among(turn, choice, ON_THE_WAY)
        if order is None and not choice.recent(ON_THE_WAY, 1):
            order = meant_among(turn, choice, (OrderState.PAID,)) or meant_among(
                turn, choice, ARRIVED
            )
        if order is None:
            self.ask(turn, reply, choice)
        return order

    def by_goods(self, choice: OrderChoice) -> list[Order]:
        """The orders with the goods that the message names: those on their way, else any sent."""
        found = choice.with_goods(choice.recent((*ON_THE_WAY, OrderState.PAID, *ARRIVED)))
        return [each for each in found if each.state in ON_THE_WAY] or found

    def ask(self, turn: Turn, reply: Reply, choice: OrderChoice) -> None:
        candidates = choice.recent(ON_THE_WAY) or choice.recent((OrderState.PAID, *ARRIVED))
        if candidates:
            buttons, hint = paged_buttons(candidates, turn, turn.intent)
            reply.say(f"{self.question}{hint}", buttons)
        else:
            reply.say(NO_ORDERS, [PERSON])

    def tell(self, turn: Turn, reply: Reply, order: Order, shipment: Shipment) -> None:
        try:
            trace = self.services.logistics.trace(shipment)
        except CarrierUnavailable:
            reply.apologise(
                f"抱歉，{shipment.carrier_name}暂时查不到这个包裹"
                f"（运单号{shipment.tracking_number}）的轨迹，您可以稍后再试。"
            )
            return
        text = trace_sentence(order, shipment, trace, turn.now)
        card = logistics_card(shipment, trace)
        if is_stuck(shipment, trace, turn.now) or trace.state is ShipmentState.EXCEPTION:
            courier = urge_courier(order.order_number)
            reply.say(f"{text}我可以登记下来，由客服催促快递核实。", [courier, PERSON], [card])
        else:
            reply.say(text, cards=[card])


class DeliveryProblem(TrackLogistics):
    """The parcel's last events, and the way to have the courier asked: a ticket, or a person."""

    action_name: ClassVar[str] = "action_delivery_problem"
    question: ClassVar[str] = "很抱歉给您带来不便。是哪一笔订单的包裹？"

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.entity("choice") == COURIER:
            self.urge(turn, reply)
        else:
            super().serve(turn, reply)

    def urge(self, turn: Turn, reply: Reply) -> None:
        """Have people ask the courier; once for each order while it is worked on."""
        order = OrderChoice(self.shop, turn).named()
        if order is None:
            say_not_found(reply)
            return
        number = order.order_number
        remember_order(reply, turn, number)
        known = open_service_ticket(turn, number, SUBJECT)
        if known:
            tell_registered(turn, reply, known)
            return
        lines = [self.parcel_facts(turn, each) for each in order.shipments]
        said = (
            "好的，我这就登记，由客服催促快递核实。请保留外包装、取件通知或签收截图，核实时会用到。"
        )
        details = "\n".join([f"订单 {number} 的包裹异常，请联系快递核实。", *lines])
        register_request(turn, reply, SUBJECT, details, number, said=said)

    def parcel_facts(self, turn: Turn, shipment: Shipment) -> str:
        name = f"{shipment.carrier_name} {shipment.tracking_number}"
        try:
            trace = self.services.logistics.trace(shipment)
        except CarrierUnavailable:
            return f"{name}，快递公司暂时没有轨迹"
        last = trace.events[0] if trace.events else None
        late = "，已超过预计送达时间" if is_late(shipment, trace, turn.now) else ""
        when = f"，最后一条 {wording.moment_text(last.at, turn.now)} {last.text}" if last else ""
        return f"{name}，{wording.shipment_state_text(trace.state)}{late}{when}"

    def find(self, turn: Turn, reply: Reply) -> Order | None:
        choice = OrderChoice(self.shop, turn)
        order = choice.named()
        if order is None and names_some_order(turn):
            say_not_found(reply)
            return None
        order = order or meant_among(turn, choice, (*ON_THE_WAY, OrderState.SIGNED))
        if order is None:
            self.ask(turn, reply, choice)
        return order

    def ask(self, turn: Turn, reply: Reply, choice: OrderChoice) -> None:
        candidates = choice.recent((*ON_THE_WAY, *ARRIVED))
        if candidates:
            buttons, hint = paged_buttons(candidates, turn, turn.intent)
            reply.say(f"{self.question}{hint}", [*buttons, PERSON])
        else:
            reply.offer_person("很抱歉给您带来不便。我没有查到您已发货的订单。")

    def tell(self, turn: Turn, reply: Reply, order: Order, shipment: Shipment) -> None:
        try:
            trace = self.services.logistics.trace(shipment)
        except CarrierUnavailable:
            reply.apologise("很抱歉给您带来不便，快递公司的系统暂时没有响应。")
            return
        reply.say(
            problem_sentence(shipment, trace, turn.now), cards=[logistics_card(shipment, trace)]
        )
        known = open_service_ticket(turn, order.order_number, SUBJECT)
        if known:
            tell_registered(turn, reply, known)
            return
        reply.offer_person(
            "我可以登记下来，由客服催促快递核实，有结果会通知您；着急的话也可以直接找人工客服。",
            buttons=[
                urge_courier(order.order_number),
                intent_button("complaint", order_number=order.order_number),
            ],
        )


def asks_before_buying(turn: Turn) -> bool:
    """「什么时候能到」 in a chat that was opened from a product, by who has named no order."""
    if "item_id" not in turn.claims.context or turn.viewer.verified_orders:
        return False
    return bool(_WOULD_ARRIVE.search(turn.text)) and not names_some_order(turn)


def urge_courier(order_number: str) -> Button:
    return button("登记催快递", "delivery_problem", order_number=order_number, choice=COURIER)


def is_stuck(shipment: Shipment, trace: Trace, now: datetime) -> bool:
    """No event for two days, or past its expected day, while still on its way."""
    if trace.state in (ShipmentState.SIGNED, ShipmentState.RETURNED):
        return False
    last = trace.events[0].at if trace.events else shipment.shipped_at
    return now - last > STUCK_AFTER or is_late(shipment, trace, now)


def is_late(shipment: Shipment, trace: Trace, now: datetime) -> bool:
    if trace.state in (ShipmentState.SIGNED, ShipmentState.RETURNED):
        return False
    return shipment.expected_at is not None and shipment.expected_at < now


def trace_sentence(order: Order, shipment: Shipment, trace: Trace, now: datetime) -> str:
    """Where the parcel is and when it comes, or why that is unclear."""
    stale = "" if trace.fresh else "（快递公司暂时没有响应，以下是之前的记录）"
    return f"{goods_of(order)}{_whereabouts(shipment, trace, now)}。{stale}"


def _whereabouts(shipment: Shipment, trace: Trace, now: datetime) -> str:
    state = wording.shipment_state_text(trace.state)
    if trace.state in (ShipmentState.SIGNED, ShipmentState.RETURNED):
        return f"的包裹{state}"
    if trace.state is ShipmentState.EXCEPTION:
        return "的包裹运输异常，非常抱歉"
    if is_late(shipment, trace, now):
        return "比预计送达时间晚了，非常抱歉"
    if is_stuck(shipment, trace, now):
        return "的物流超过两天没有更新，非常抱歉"
    if shipment.expected_at:
        return f"{state}，预计{wording.day_text(shipment.expected_at, now)}送达"
    return state


def problem_sentence(shipment: Shipment, trace: Trace, now: datetime) -> str:
    if trace.state is ShipmentState.SIGNED:
        return (
            "很抱歉给您带来不便。物流显示已经签收，麻烦先看看家人、物业、快递柜或驿站有没有代收。"
        )
    if is_stuck(shipment, trace, now):
        return "很抱歉，这个包裹确实不太正常，最近的物流在这里。"
    return "很抱歉给您带来不便。包裹还在路上，最近的物流在这里。"
