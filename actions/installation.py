"""Installation at home: which goods it is for, what is booked, and the way to book or move it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from actions.cards import shorten
from actions.choose import OrderChoice, mention_length, named_number, remember_order
from actions.identity import OrderService
from actions.knowledge import find, quote
from actions.offers import ordinal_in
from actions.orders import names_some_order, say_not_found
from actions.reply import PERSON, Button, Reply, button
from actions.short_form import empty
from actions.turn import Turn
from actions.visit_days import told_day, told_part, visit_text
from kefu.shop.changes import Installation, InstallationState
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderItem, OrderState
from kefu.shop.rules import BEIJING

FORM = "visit_form"
PREFIX = "visit"
SLOTS = ("visit_item", "visit_action", "visit_day", "visit_part")
INTENT = "install_service"
BOOK, CANCEL = "book", "cancel"
RECEIVED = (OrderState.SIGNED, OrderState.COMPLETED)
COMING = (OrderState.PAID, OrderState.SHIPPED)
OFFERED = 5
LIKELY_MENTION = 2

_CANCEL = re.compile(r"取消|撤销|不装了|不用(?:来|装|安装)|别来|退掉预约")
_MOVE = re.compile(r"改(?:到|成|期|约|个|一?下|时间|天|预约)|换(?:个|到|成|一?天)|推迟|提前|重新约")
_ASKS_WHEN = re.compile(
    r"(?:什么时候|啥时候|几点|哪天|几号|多久).{0,6}(?:来|装|到|上门)|还没(?:来|装|人)|没人联系|没来"
)
_ASKS_RULES = re.compile(
    r"收费|多少钱|要钱|免费|费用|怎么装|自己装|说明|视频|教程|包安装|包不包|含安装|打孔|支架|高空|加长|拆旧|移机|调试"
)


@dataclass(frozen=True, slots=True)
class Goods:
    """An item to be installed, with the visit that is booked for it, if any."""

    order: Order
    item: OrderItem
    visit: Installation | None

    @property
    def title(self) -> str:
        booked = "，已预约" if self.visit else ""
        return f"{shorten(self.item.name)}（{self.item.variant}{booked}）"


def installable(shop: ShopGateway, turn: Turn, order: Order) -> list[Goods]:
    """The goods of an order that somebody comes to install, with what is booked for each."""
    known: dict[str, bool] = {}
    for item in order.items:
        if item.sku not in known:
            product = shop.product(turn.claims.profile, item.sku)
            known[item.sku] = product is not None and product.installable
    items = [item for item in order.items if known[item.sku]]
    visits = shop.installations(turn.viewer, order.order_number) if items else ()
    by_item: Mapping[str, Installation] = {
        visit.item_id: visit for visit in visits if visit.state is InstallationState.BOOKED
    }
    return [Goods(order, item, by_item.get(item.item_id)) for item in items]


def goods_in(
    shop: ShopGateway, turn: Turn, states: tuple[OrderState, ...] = RECEIVED
) -> list[Goods]:
    """All goods of the shopper's to be installed, the newest order first."""
    orders = shop.orders(turn.viewer, states=states, limit=50).orders
    return [goods for order in orders for goods in installable(shop, turn, order)]


def goods_meant(turn: Turn, candidates: list[Goods]) -> Goods | None:
    """The one on a button, of the order named or in mind, named by its name, or the only one."""
    pressed = turn.entity("item_id")
    if pressed:
        return next((each for each in candidates if each.item.item_id == pressed), None)
    number = named_number(turn)
    if number:
        candidates = [each for each in candidates if each.order.order_number == number]
    if turn.requested_slot == "visit_item":
        index = ordinal_in(turn.text, min(len(candidates), OFFERED))
        if index is not None:
            return candidates[index]
    named = [each for each in candidates if mention_length(turn, each.item.name) >= LIKELY_MENTION]
    if len(named) == 1:
        return named[0]
    return candidates[0] if len(candidates) == 1 else None


def today_of(turn: Turn) -> date:
    return turn.now.astimezone(BEIJING).date()


class InstallService(OrderService):
    """Tells what is booked, explains what is asked, and leads into booking, moving, calling off."""

    action_name: ClassVar[str] = "action_install_service"

    def answer(self, turn: Turn, reply: Reply) -> None:
        """A question about the rules is answered to anybody."""
        if turn.text and _ASKS_RULES.search(turn.text):
            self.explain(turn, reply)
        else:
            super().answer(turn, reply)

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form == FORM:
            reply.go_on_with(FORM)
            return
        choice = OrderChoice(self.shop, turn)
        if names_some_order(turn) and choice.named() is None:
            say_not_found(reply)
        else:
            self.lead_on(turn, reply, goods_in(self.shop, turn))

    def explain(self, turn: Turn, reply: Reply) -> None:
        passage = find(turn, self.services, INTENT)
        book = [button("预约安装", INTENT, visit_action=BOOK)]
        if passage:
            quote(reply, passage, book)
        else:
            reply.offer_person("安装怎么收费、包含什么，请以商品页为准。", buttons=book)

    def lead_on(self, turn: Turn, reply: Reply, goods: list[Goods]) -> None:
        meant = goods_meant(turn, goods)
        wish = wish_of(turn)
        booked = [each for each in goods if each.visit]
        if not goods:
            self.tell_none(turn, reply)
        elif wish == CANCEL and not booked:
            reply.say("您没有预约中的上门安装，不需要取消。", [book_button(), PERSON])
        elif wish is None and booked and (meant is None or meant.visit):
            self.tell_booked(turn, reply, [meant] if meant else booked)
        else:
            begin(turn, reply, wish or BOOK, meant or (booked[0] if len(booked) == 1 else None))

    def tell_booked(self, turn: Turn, reply: Reply, booked: list[Goods]) -> None:
        for each in booked[:3]:
            assert each.visit is not None
            when = visit_text(each.visit.day, each.visit.part, today_of(turn))
            remember_order(reply, turn, each.order.order_number)
            reply.say(
                f"「{each.item.name}」的安装约在{when}，预约号{each.visit.booking_id}。"
                "师傅上门前一般会先打电话。",
                [
                    book_button("改时间", item_id=each.item.item_id),
                    button("取消预约", INTENT, visit_action=CANCEL, item_id=each.item.item_id),
                    PERSON,
                ],
            )

    def tell_none(self, turn: Turn, reply: Reply) -> None:
        coming = goods_in(self.shop, turn, COMING)
        if coming:
            reply.say(
                f"「{coming[0].item.name}」还没有签收。收到之后，就可以预约师傅上门安装。",
                [button("查物流", "track_logistics", order_number=coming[0].order.order_number)],
            )
        else:
            reply.say("您的订单里没有需要上门安装的商品。", [PERSON])


def wish_of(turn: Turn) -> str | None:
    """To book (or move) or to call off; ``None`` where the message only asks."""
    pressed = turn.entity("visit_action")
    if pressed in (BOOK, CANCEL):
        return pressed
    if not turn.text:
        return None
    if _CANCEL.search(turn.text):
        return CANCEL
    if _ASKS_WHEN.search(turn.text):
        return None
    names_time = told_day(turn.text, today_of(turn)) or told_part(turn.text)
    return BOOK if _MOVE.search(turn.text) or names_time else None


def begin(turn: Turn, reply: Reply, action: str, goods: Goods | None) -> None:
    """Into the form; it reads day and part of the day out of the same message."""
    reply.remember_all(empty(PREFIX, SLOTS))
    reply.remember("requested_slot", None)
    reply.remember("visit_action", action)
    if goods:
        reply.remember("visit_item", goods.item.item_id)
        remember_order(reply, turn, goods.order.order_number)
    reply.go_on_with(FORM)


def book_button(title: str = "预约安装", **entities: str) -> Button:
    return button(title, INTENT, visit_action=BOOK, **entities)
