"""What the shop sells: its specs, its stock, how it is sent. Only what the page says is said."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import ClassVar

from actions.base import KefuAction
from actions.calls import person_button
from actions.cards import shorten
from actions.knowledge import answer_from_library, find, quote
from actions.products import (
    LIKELY_MENTION,
    ProductChoice,
    ask_for_product,
    names_only,
    product_asked_for,
    remember_product,
)
from actions.reply import PERSON, Button, Reply, button
from actions.specs import asked_specs, asks_for_point
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.catalogue import Product

FEW_LEFT = 10
ASKED_LENGTH = 40
RULES = "rules"
_PRICE = re.compile(r"多少钱|价格|什么价|几块|售价|怎么卖")
_POLICY = re.compile(
    r"西藏|新疆|内蒙|偏远|国外|海外|香港|澳门|台湾|港澳|乡镇|村|农村|指定快递|顺丰|ems|中通|韵达|圆通",
    re.I,
)


class ProductAnswer(KefuAction):
    """Answers about one product. Subclasses name the ``intent`` and tell what it asks."""

    intent: ClassVar[str]

    def answer(self, turn: Turn, reply: Reply) -> None:
        choice = ProductChoice(self.shop, turn)
        product = choice.meant()
        if product:
            remember_product(reply, turn, product)
            self.tell(turn, reply, product, question_of(turn, [product]))
            return
        named = choice.named()
        if named:
            self.ask_which(turn, reply, named)
        else:
            self.answer_without(turn, reply)

    @abstractmethod
    def tell(self, turn: Turn, reply: Reply, product: Product, asked: str) -> None:
        """``asked``: the question, also where only its product was chosen now."""

    @abstractmethod
    def answer_without(self, turn: Turn, reply: Reply) -> None:
        """No product is in question."""

    def ask_for(self, turn: Turn, reply: Reply, text: str) -> None:
        """Ask for the product; the question is answered once it is named."""
        asked = product_asked_for(turn) or {"question": ""}
        question = question_of(turn) or asked["question"]
        ask_for_product(turn, reply, self.intent, question[:ASKED_LENGTH])
        reply.say(text, [PERSON])

    def ask_which(self, turn: Turn, reply: Reply, products: Sequence[Product]) -> None:
        """The question travels with the button: it need not be asked again."""
        buttons = [
            button(
                shorten(each.name, 20),
                self.intent,
                item_id=each.sku,
                choice=question_of(turn, products)[:ASKED_LENGTH],
            )
            for each in products
        ]
        reply.say("您问的是哪一件？", [*buttons, PERSON])

    def seller_button(self, turn: Turn, product: Product) -> Button:
        """The way to the people who know the product: in a mall those of its shop."""
        profile = self.services.profiles[turn.claims.profile]
        seller = profile.seller(product.seller_id)
        return person_button(f"问{seller.name}客服", seller.group) if seller else PERSON


def question_of(turn: Turn, products: Sequence[Product] = ()) -> str:
    """The question, or the one for which the bot has just asked for the product now named."""
    asked = product_asked_for(turn)
    if asked and any(names_only(turn, each) for each in products):
        return asked["question"]
    return turn.text or turn.entity("choice") or ""


class ProductQuestion(ProductAnswer):
    action_name: ClassVar[str] = "action_product_question"
    intent: ClassVar[str] = "product_question"

    def tell(self, turn: Turn, reply: Reply, product: Product, asked: str) -> None:
        seller = self.seller_button(turn, product)
        name = f"「{product.name}」"
        if _PRICE.search(asked):
            price = f"{name}现在的售价是{wording.yuan(product.price)}，以下单页面为准。"
            reply.say(price, [self.stock_button(product), seller])
            return
        known = product_specs(product)
        found = asked_specs(without_name(asked, product.name), known)
        if found:
            listed = "，".join(f"{key}：{value}" for key, value in found.items())
            reply.say(f"{name}的商品页上写着：{listed}。", [self.stock_button(product), seller])
        elif known:
            lead = "这一点商品页上没有写，我不敢乱说。" if asks_for_point(asked) else ""
            listed = "；".join(f"{key}：{value}" for key, value in known.items())
            reply.say(f"{name}：{lead}页面上有这些信息：\n{listed}。\n其他的可以问客服。", [seller])
        else:
            text = f"{name}的商品页上没有写这一点，我不敢乱说，可以请客服帮您确认。"
            reply.say(text, [seller])

    @staticmethod
    def stock_button(product: Product) -> Button:
        return intent_button("stock_availability", item_id=product.sku)

    def answer_without(self, turn: Turn, reply: Reply) -> None:
        passage = find(turn, self.services)
        if passage:
            quote(reply, passage)
        else:
            self.ask_for(
                turn,
                reply,
                "请告诉我是哪一件商品，发商品名称就可以。我会按商品页上的信息回答，页面上没写的可以请客服确认。",
            )


class StockAvailability(ProductAnswer):
    action_name: ClassVar[str] = "action_stock_availability"
    intent: ClassVar[str] = "stock_availability"

    def tell(self, turn: Turn, reply: Reply, product: Product, asked: str) -> None:
        seller = self.seller_button(turn, product)
        name = f"「{product.name}」"
        if product.stock > 0:
            few = f"，只剩{product.stock}件了" if product.stock <= FEW_LEFT else ""
            reply.say(
                f"{name}现在有货{few}。具体颜色、尺码有没有，以商品页能不能选为准。",
                [intent_button("shipping_policy", item_id=product.sku), seller],
            )
        elif product.restock_at and product.restock_at > turn.now:
            day = wording.day_text(product.restock_at, turn.now)
            reply.say(f"{name}暂时缺货，预计{day}补货，到货时间可能有变化。", [seller])
        else:
            reply.say(f"{name}暂时缺货，还没有确定补货时间，可以请客服帮您问问。", [seller])

    def answer_without(self, turn: Turn, reply: Reply) -> None:
        self.ask_for(turn, reply, "请告诉我是哪一件商品，发商品名称就可以，我帮您查库存。")


class ShippingPolicy(ProductAnswer):
    """Of a product: freight, from where, within what time. Else the rules of the library."""

    action_name: ClassVar[str] = "action_shipping_policy"
    intent: ClassVar[str] = "shipping_policy"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if _POLICY.search(turn.text) or turn.entity("choice") == RULES:
            self.answer_without(turn, reply)
        else:
            super().answer(turn, reply)

    def tell(self, turn: Turn, reply: Reply, product: Product, asked: str) -> None:
        parts = [f"「{product.name}」{freight_text(product)}"]
        place = f"从{product.ships_from}发货，" if product.ships_from else ""
        parts.append(f"{place}付款后{product.ships_within_hours}小时内发出")
        more = button("看看配送说明", self.intent, choice=RULES)
        reply.say(f"{'；'.join(parts)}。", [more, self.seller_button(turn, product)])

    def answer_without(self, turn: Turn, reply: Reply) -> None:
        answer_from_library(turn, reply, self.services, intent=self.intent)


def without_name(asked: str, name: str) -> str:
    """The question without its product: 「蓝牙耳机防水吗」 asks nothing about 蓝牙."""
    match = SequenceMatcher(None, asked, name, autojunk=False).find_longest_match()
    if match.size < LIKELY_MENTION:
        return asked
    return f"{asked[: match.a]} {asked[match.a + match.size :]}"


def freight_text(product: Product) -> str:
    if product.freight == 0 or product.free_freight_from == 0:
        return "包邮"
    freight = f"运费{wording.yuan(product.freight)}"
    if product.free_freight_from is None:
        return freight
    return f"{freight}，订单满{wording.yuan(product.free_freight_from)}包邮"


def product_specs(product: Product) -> dict[str, str]:
    """What is known of it, the warranty among it."""
    known = dict(product.specs)
    if product.warranty_months > 0:
        known.setdefault("保修", f"{product.warranty_months}个月")
    return known
