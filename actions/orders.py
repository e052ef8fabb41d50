"""What became of an order: the list of all, and the state of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from actions.cards import order_card, order_services
from actions.choose import (
    OFFERED,
    OrderChoice,
    asks_for_all,
    named_number,
    remember_order,
)
from actions.identity import OrderService
from actions.reply import PERSON, Button, Card, Reply, button
from actions.return_draft import Eligibility
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderPage, OrderState, Verdict

NOT_FOUND = "没有查到这笔订单。请核对订单号，或确认下单的是不是当前登录的账号。"
NO_ORDERS = "您名下暂时没有订单。如果是用别的账号下的单，请换那个账号登录后再试。"
PAGES_AT_MOST = 20


class OrderStatus(OrderService):
    """One order where the message makes clear which, else the newest five."""

    action_name: ClassVar[str] = "action_order_status"

    def serve(self, turn: Turn, reply: Reply) -> None:
        page = turn.entity("page")
        if page and page.isdigit():
            self.show_list(turn, reply, min(int(page), PAGES_AT_MOST))
            return
        choice = OrderChoice(self.shop, turn)
        order = choice.named()
        if order:
            show_order(self.shop, turn, reply, order)
        elif names_some_order(turn):
            say_not_found(reply)
        else:
            self.show_meant(turn, reply, choice)

    def show_meant(self, turn: Turn, reply: Reply, choice: OrderChoice) -> None:
        order = None
        if not asks_for_all(turn):
            pointed = choice.points_back() or "order_id" in turn.claims.context
            order = choice.in_mind() if pointed else None
            order = order or choice.pointed_at(choice.recent(None))
        if order:
            show_order(self.shop, turn, reply, order)
        else:
            self.show_list(turn, reply, 1)

    def show_list(self, turn: Turn, reply: Reply, page: int) -> None:
        offset = (page - 1) * OFFERED
        found = self.shop.orders(turn.viewer, limit=OFFERED, offset=offset)
        if found.total == 0:
            reply.say(NO_ORDERS, [PERSON])
        elif not found.orders:
            reply.say("后面没有更多订单了。", [intent_button("order_status")])
        elif found.total == 1:
            show_order(self.shop, turn, reply, found.orders[0])
        else:
            say_list(self.shop, turn, reply, found, page)


def names_some_order(turn: Turn) -> bool:
    """Whether the message holds a number that was meant to name an order or a parcel."""
    return named_number(turn) is not None or turn.entity("tracking_number") is not None


def say_not_found(reply: Reply) -> None:
    """One answer for a number that does not exist and for someone else's."""
    reply.say(NOT_FOUND, [intent_button("order_status"), PERSON])
    reply.refused(Verdict(False, "order_not_found", NOT_FOUND))


def meant_among(turn: Turn, choice: OrderChoice, states: Sequence[OrderState]) -> Order | None:
    """The order singled out or in mind, if it is in one of ``states``; else the only such one."""
    if names_some_order(turn) or asks_for_all(turn) or turn.entity("page"):
        return None
    candidates = choice.recent(states)
    pointed = choice.pointed_at(candidates)
    if pointed:
        return pointed
    in_mind = choice.in_mind()
    if in_mind and (in_mind.state in states or choice.points_back()):
        return in_mind
    return candidates[0] if len(candidates) == 1 else None


def services_of(shop: ShopGateway, turn: Turn, order: Order) -> list[Button]:
    """What can be done next with the order; a return only where something may go back."""
    return order_services(order, returnable=Eligibility(shop, turn).offers_return(order))


def card_of(shop: ShopGateway, turn: Turn, order: Order) -> Card:
    return order_card(order, returnable=Eligibility(shop, turn).offers_return(order))


def show_order(shop: ShopGateway, turn: Turn, reply: Reply, order: Order) -> None:
    remember_order(reply, turn, order.order_number)
    reply.say(state_sentence(turn, order), cards=[card_of(shop, turn, order)])


def state_sentence(turn: Turn, order: Order) -> str:
    """What the state means for the shopper, in one sentence."""
    match order.state:
        case OrderState.UNPAID:
            text = f"还没有付款，应付{wording.yuan(order.total)}"
        case OrderState.PAID:
            text = f"已付款，正在备货{_shipping_promise(turn, order)}"
        case OrderState.SHIPPED:
            text = f"已经发货，{_arrival(turn, order)}"
        case OrderState.SIGNED | OrderState.COMPLETED:
            signed = order.signed_at
            when = f"（{wording.moment_text(signed, turn.now)}）" if signed else ""
            text = f"已经签收{when}"
        case OrderState.CANCELLED:
            text = "已经取消"
        case OrderState.CLOSED:
            text = "已经关闭"
    return f"这笔订单{text}。"


def _shipping_promise(turn: Turn, order: Order) -> str:
    due = order.promised_ship_at
    if due is None:
        return ""
    if due < turn.now:
        return "，已超过承诺的发货时间，非常抱歉"
    return f"，预计{wording.moment_text(due, turn.now)}前发出"


def _arrival(turn: Turn, order: Order) -> str:
    expected = next((each.expected_at for each in order.shipments), None)
    if expected and expected > turn.now:
        return f"预计{wording.day_text(expected, turn.now)}送达"
    return "正在路上"


def say_list(shop: ShopGateway, turn: Turn, reply: Reply, found: OrderPage, page: int) -> None:
    more = found.total > page * OFFERED
    buttons = [button("查看更多", "order_status", page=str(page + 1))] if more else []
    text = f"您共有{found.total}笔订单，最近的在这里：" if page == 1 else f"第{page}页："
    reply.say(text, buttons, [card_of(shop, turn, order) for order in found.orders])
