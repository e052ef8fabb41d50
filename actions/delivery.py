"""When and where a parcel shall be brought: the wish is written down for people to pass on."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.cards import goods_of, logistics_card
from actions.choose import remember_order
from actions.logistics import trace_sentence
from actions.order_form import StartOrderRequest
from actions.order_request import Draft, OrderRequest, Question, option
from actions.registering import open_service_ticket, register_request, tell_registered
from actions.reply import PERSON, Reply
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop.carriers import CarrierUnavailable
from kefu.shop.model import Order, OrderState, Verdict

INTENT = "delivery_schedule"
SUBJECT = "配送要求"
WISHES = {
    "door": "放家门口",
    "station": "放驿站或快递柜，我自己去取",
    "call": "送货前先打电话",
    "home": "送货上门，不要放驿站",
}
WISH_LENGTH = 200
NOTHING_COMES = "您没有待发货或在路上的包裹，不需要约送货时间。"

_TELLS = re.compile(
    r"门口|前台|门卫|保安|驿站|快递柜|柜子|自提|自取|自己[去来]?[拿取]|上门|送到家|打个?电话|消防|管理室|物业"
    r"|[今明后]天|[早中下上晚]午|早上|晚上|周[一二三四五六日末]|\d+[点号]|[一二三四五六七八九十]+点|工作日|周末|推迟|晚[点几]|缓"
    r"|提前|先别送|下[个周月]|出差|不在家|超商"
)
_ONLY_ASKS = re.compile(r"怎么|哪里|在哪|能不能自己选|能自己选|可以选|怎样")


class DeliveryRequest(OrderRequest):
    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = None
    question: ClassVar[str] = "您想约哪一笔订单的送货？"
    leave: ClassVar[str] = "不用约了"
    farewell: ClassVar[str] = "好的，按原来的安排配送。"
    confirm: ClassVar[str] = "确认登记"
    verbs: ClassVar[tuple[str, ...]] = ("登记", "约")
    states: ClassVar[tuple[OrderState, ...] | None] = (OrderState.SHIPPED, OrderState.PAID)

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        match order.state:
            case OrderState.PAID | OrderState.SHIPPED:
                return Verdict(True)
            case OrderState.SIGNED | OrderState.COMPLETED:
                return Verdict(False, "already_signed", "这笔订单已经签收，不能再约送货时间了。")
            case OrderState.UNPAID:
                return Verdict(False, "not_paid", "这笔订单还没有付款，付款发货后才能约送货。")
            case OrderState.CANCELLED | OrderState.CLOSED:
                return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不会再配送了。")

    def nothing_to_do(self, turn: Turn, reply: Reply) -> None:
        reply.say(NOTHING_COMES, [intent_button("order_status"), PERSON])

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        pressed = self.chosen(turn, order, draft)
        if pressed in WISHES:
            return {**draft, "wish": WISHES[pressed]}
        text = turn.own_words.strip()
        tells = _TELLS.search(turn.text) and not _ONLY_ASKS.search(turn.text)
        own = turn.intent in (INTENT, "inform", "nlu_fallback", "change_order", "")
        if (tells and own) or self.takes_words(turn, "change_order", "delivery_problem"):
            return {**draft, "wish": text[:WISH_LENGTH]} if len(text) > 1 else draft
        return draft

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        if draft.get("wish"):
            return None
        buttons = [option(title, code) for code, title in WISHES.items()]
        goods = f"「{goods_of(order)}」" if order else ""
        return Question(f"{goods}您希望怎么送、什么时候送？可以点下面的，也可以直接写。", buttons)

    def show(self, turn: Turn, reply: Reply, order: Order | None) -> None:
        """Where the parcel is; without an answer of the courier the wish matters more."""
        for shipment in order.shipments if order else ():
            try:
                trace = self.services.logistics.trace(shipment)
            except CarrierUnavailable:
                continue
            assert order is not None
            card = logistics_card(shipment, trace)
            reply.say(trace_sentence(order, shipment, trace, turn.now), cards=[card])

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        assert order is not None
        return (
            f"请您核对：\n订单：{order.order_number}（{goods_of(order)}）\n"
            f"配送要求：{draft['wish']}\n我会登记给客服转告快递，能不能照办以快递员的答复为准。确认登记吗？"
        )

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        assert order is not None
        number = order.order_number
        remember_order(reply, turn, number)
        subject, details = self.request(turn, order, draft)
        said = "好的，我这就登记。快递员可能会先打电话给您，请保持电话畅通。"
        register_request(turn, reply, subject, details, number, said=said)

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        parcels = "、".join(
            f"{each.carrier_name} {each.tracking_number}"
            for each in (order.shipments if order else ())
        )
        number = order.order_number if order else ""
        where = f"，包裹：{parcels}" if parcels else "，还没有发货"
        return SUBJECT, f"订单 {number}{where}。顾客的配送要求：{draft['wish']}"


class DeliverySchedule(StartOrderRequest):
    action_name: ClassVar[str] = "action_delivery_schedule"
    request: ClassVar[type[OrderRequest]] = DeliveryRequest

    def answers(self, turn: Turn, reply: Reply) -> bool:
        order = DeliveryRequest(self.services).order_in(turn)
        ticket = open_service_ticket(turn, order.order_number if order else None, SUBJECT)
        if ticket is None:
            return False
        tell_registered(turn, reply, ticket)
        return True
