"""Warranty and repair: how long an item is covered, and who repairs it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar

from actions.cards import goods_of, shorten
from actions.choose import (
    OFFERED,
    OrderChoice,
    asks_for_all,
    mention_length,
    order_buttons,
    remember_order,
)
from actions.orders import NO_ORDERS, names_some_order, say_not_found
from actions.remedies import Remedy
from actions.reply import PERSON, Reply, button
from actions.return_draft import (
    FORM,
    NOTE_LENGTH,
    RETURNABLE,
    Eligibility,
    ReturnDraft,
    item_of,
)
from actions.return_reasons import is_question
from actions.return_start import StartApplication
from actions.turn import Turn
from kefu.profiles import Group
from kefu.shop import return_rules, wording
from kefu.shop.model import Order, OrderItem, ReturnReason

INTENT = "repair_warranty"
BY_BRAND = "brand"
"""The value of ``return_kind`` on a button that calls the brand's own after-sale service."""
LIKELY_MENTION = 2
WORDS_THAT_TELL = 8

_WISH = re.compile(
    r"报修|送修|维修|返修|修一?下|给我修|要修|想修|去哪修|怎么修|坏|不[能会]?[动转亮响开制]|没反应|故障|失灵"
)
_ONLY_ASKS = re.compile(
    r"多久|几年|多长|在保|过保|保修期|质保期|保几|到期|到什么时候|到啥时候|几个月|还保|有保修|有没有保修"
)


class RepairWarranty(StartApplication):
    """Tells the warranty of the item meant; who wants it repaired goes on to the application."""

    action_name: ClassVar[str] = "action_repair_warranty"

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form == FORM or turn.entity("return_kind") == Remedy.REPAIR:
            super().serve(turn, reply)
            return
        order = self.order_or_question(turn, reply)
        if order is None:
            return
        remember_order(reply, turn, order.order_number)
        item = self.item_meant(turn, order)
        if item is None:
            self.ask_item(reply, order)
        elif turn.entity("return_kind") == BY_BRAND:
            self.call_brand(turn, reply, order, item)
        else:
            self.tell(turn, reply, order, item)

    def draft(self, turn: Turn) -> ReturnDraft:
        return ReturnDraft(remedy=Remedy.REPAIR, reason=ReturnReason.DAMAGED)

    def order_or_question(self, turn: Turn, reply: Reply) -> Order | None:
        """The order of the goods meant, or ``None`` after having asked."""
        choice = OrderChoice(self.shop, turn)
        order = choice.named()
        if order or names_some_order(turn):
            if order is None:
                say_not_found(reply)
            return order
        received = choice.recent(RETURNABLE)
        meant = choice.pointed_at(received) or (
            choice.in_mind() if choice.points_back() or not asks_for_all(turn) else None
        )
        if meant and meant.state in RETURNABLE:
            return meant
        with_goods = choice.with_goods(received) or list(received)
        if len(with_goods) == 1:
            return with_goods[0]
        if with_goods:
            buttons = order_buttons(with_goods, INTENT, turn.now)
            more = "不在下面的话，请直接发订单号。" if len(with_goods) > OFFERED else ""
            reply.say(f"请问是哪一笔订单的商品？{more}", [*buttons, PERSON])
        else:
            reply.say(NO_ORDERS if not choice.recent(None, 1) else NOT_RECEIVED, [PERSON])
        return None

    @staticmethod
    def item_meant(turn: Turn, order: Order) -> OrderItem | None:
        pressed = turn.entity("item_id") or turn.claims.context.get("item_id")
        chosen = item_of(order, pressed or "")
        if chosen or len(order.items) == 1:
            return chosen or order.items[0]
        named = [each for each in order.items if mention_length(turn, each.name) >= LIKELY_MENTION]
        return named[0] if len(named) == 1 else None

    @staticmethod
    def ask_item(reply: Reply, order: Order) -> None:
        buttons = [
            button(
                shorten(f"{item.name} {item.variant}".strip(), 20),
                INTENT,
                order_number=order.order_number,
                item_id=item.item_id,
            )
            for item in order.items
        ]
        reply.say(f"{goods_of(order)}，您想问哪一件的保修？", [*buttons, PERSON])

    def tell(self, turn: Turn, reply: Reply, order: Order, item: OrderItem) -> None:
        """Until when it is covered; beyond that, honestly, that repair costs."""
        remedy = Eligibility(self.shop, turn, Remedy.REPAIR)
        verdict = remedy.verdict(order, item.item_id, ReturnReason.DAMAGED)
        name = f"「{shorten(item.name, 20)}」"
        until = self.covered_until(turn, order, item)
        if not verdict.allowed:
            reply.refused(verdict)
            past = f"{name}的免费保修到{until}为止。" if until else name
            reply.offer_person(f"{past}{verdict.sentence}", ask="需要转接过去吗？")
            return
        told = f"{name}有免费保修，到{until}为止。" if until else f"{name}：{verdict.sentence}"
        brand = self.brand_service(turn, item)
        if brand:
            self.offer_brand(turn, reply, (order, item), told, brand)
        elif wants_repair(turn):
            self.begin(turn, reply, order, item)
        else:
            reply.say(
                f"{told}商品有故障的话，可以现在申请维修。", [self.apply(order, item), PERSON]
            )

    def begin(self, turn: Turn, reply: Reply, order: Order, item: OrderItem) -> None:
        """Into the application, with what was told of the fault."""
        super().serve(turn, reply)
        reply.remember_all(
            {
                "return_order": order.order_number,
                "return_item": item.item_id,
                "return_note": fault_in(turn),
            }
        )

    def covered_until(self, turn: Turn, order: Order, item: OrderItem) -> str | None:
        """The last day under warranty, in words."""
        product = self.shop.product(turn.claims.profile, item.sku)
        if product is None or product.warranty_months <= 0 or order.signed_at is None:
            return None
        end = return_rules.end_of_warranty(order.signed_at, product.warranty_months)
        return wording.day_text(end - timedelta(seconds=1), turn.now)

    def brand_service(self, turn: Turn, item: OrderItem) -> Group | None:
        """The brand's own after-sale group, where the seller leaves repairs to it."""
        profile = self.services.profiles[turn.claims.profile]
        seller = profile.seller(item.seller_id)
        name = seller.intents.get(INTENT) if seller else None
        return profile.group(name) if name else None

    def offer_brand(
        self, turn: Turn, reply: Reply, goods: tuple[Order, OrderItem], told: str, brand: Group
    ) -> None:
        order, item = goods
        profile = self.services.profiles[turn.claims.profile]
        hours = profile.hours_of(brand).text()
        call = button(
            f"联系{brand.name}",
            INTENT,
            order_number=order.order_number,
            item_id=item.item_id,
            return_kind=BY_BRAND,
        )
        text = f"{told}维修由{brand.name}负责（{hours}），也可以在这里登记维修申请。"
        reply.say(text, [call, self.apply(order, item)])

    def call_brand(self, turn: Turn, reply: Reply, order: Order, item: OrderItem) -> None:
        brand = self.brand_service(turn, item)
        note = f"顾客咨询维修：{item.name}（{item.variant}），订单 {order.order_number}。"
        reply.hand_off("requested", note, group=brand.group if brand else None)

    @staticmethod
    def apply(order: Order, item: OrderItem) -> dict[str, str]:
        return button(
            "申请维修",
            INTENT,
            order_number=order.order_number,
            item_id=item.item_id,
            return_kind=Remedy.REPAIR.value,
        )


NOT_RECEIVED = "您还没有已签收的商品，保修从签收那天算起。收到后有问题，随时告诉我。"


def wants_repair(turn: Turn) -> bool:
    """「我要报修」, 「洗衣机不转了」; 「还在保吗」 only asks."""
    if not turn.text or _ONLY_ASKS.search(turn.text):
        return False
    return bool(_WISH.search(turn.text)) and not re.search(r"收费|要钱|多少钱", turn.text)


def fault_in(turn: Turn) -> str | None:
    """What the message tells of the fault, if it tells any."""
    told = re.search(r"坏|不[能会]?[动转亮响开制]|没反应|故障|失灵|没声|漏|裂|碎", turn.text)
    enough = told and len(turn.text) >= WORDS_THAT_TELL and not is_question(turn.text)
    return turn.own_words[:NOTE_LENGTH] if enough else None
