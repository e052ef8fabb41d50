"""Where a parcel is, and what to do when its delivery went wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from actions.cards import goods_of, logistics_card
from actions.choose import OFFERED, OrderChoice, order_buttons, remember_order
from actions.identity import OrderService
from actions.orders import (
    NO_ORDERS,
    meant_among,
    names_some_order,
    say_not_found,
    services_of,
    state_sentence,
)
from actions.reply import PERSON, Reply
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.carriers import CarrierUnavailable, Trace
from kefu.shop.model import Order, OrderState, Shipment, ShipmentState

STUCK_AFTER = timedelta(hours=48)
ON_THE_WAY = (OrderState.SHIPPED,)
ARRIVED = (OrderState.SIGNED, OrderState.COMPLETED)


class TrackLogistics(OrderService):
    """The latest events of the parcel; which one is asked where several are on their way."""

    action_name: ClassVar[str] = "action_track_logistics"
    question: ClassVar[str] = "您想查哪一笔订单的物流？"

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
        candidates = choice.recent(ON_THE_WAY) or choice.recent(
            (OrderState.PAID, *ARRIVED), OFFERED
        )
        if candidates:
            reply.say(self.question, order_buttons(candidates, turn.intent, turn.now))
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
            reply.say(f"{text}人工客服可以帮您联系快递核实。", [PERSON], [card])
        else:
            reply.say(text, cards=[card])


class DeliveryProblem(TrackLogistics):
    """The parcel's last events beside the offer of a person who can ask the courier."""

    action_name: ClassVar[str] = "action_delivery_problem"
    question: ClassVar[str] = "很抱歉给您带来不便。是哪一笔订单的包裹？"

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
        candidates = choice.recent((*ON_THE_WAY, *ARRIVED), OFFERED)
        if candidates:
            buttons = order_buttons(candidates, turn.intent, turn.now)
            reply.say(self.question, [*buttons, PERSON])
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
        reply.offer_person(
            "包裹异常要由人工客服联系快递核实。", buttons=[intent_button("complaint")]
        )


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
