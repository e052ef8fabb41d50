"""Which product a shopper means: on a button, on the page, named, or talked about just now.

Who is asked for a product answers with its bare name: the question before stays the question.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from actions.choose import CURRENT_FOR, SURE_MENTION, OrderChoice, mention_length
from actions.reply import Reply
from actions.turn import Turn
from kefu.shop.catalogue import Product
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import OrderItem

CURRENT_PRODUCT = "current_product"
ASKED_PRODUCT = "asked_product"
QUESTION = "product_question"
LIKELY_MENTION = 2
OFFERED = 5
_SEARCHED = 20
# Words of any question that many names hold too, and amounts.
_BESIDE_A_NAME = re.compile(
    r"我|想|要|问|咨询|就|是|的|[这那]?一?[个件条款双台]|你们家?|[吧呢啊呀哦]|\W"
    r"|[\d.]+(?:码|米|寸|cm)?|[黑白红蓝绿灰粉黄紫]色?|[大小中]号"
)
_COMMON = re.compile(r"\d+|商品|东西|产品|价格|多少|什么|怎么|有没有|可以|这个|这款|那款|新款|适合")


class ProductChoice:
    """Finds the product a message is about in the catalogue of its profile."""

    def __init__(self, shop: ShopGateway, turn: Turn) -> None:
        self.shop = shop
        self.turn = turn
        self.profile = turn.claims.profile

    def meant(self) -> Product | None:
        """The one product that is clear; ``named`` gives those to choose from."""
        pressed = self.by_id(self.turn.entity("item_id"))
        if pressed:
            return pressed
        named = self.named()
        if named:
            return named[0] if len(named) == 1 else None
        return self.by_id(self.turn.claims.context.get("item_id")) or self.in_mind()

    def by_id(self, number: str | None) -> Product | None:
        """By its number in the catalogue, or by that of a piece of it in an order."""
        if not number:
            return None
        found = self.shop.product(self.profile, number)
        if found:
            return found
        item = self._item(number)
        return self.shop.product(self.profile, item.sku) if item else None

    def _item(self, item_id: str) -> OrderItem | None:
        orders = OrderChoice(self.shop, self.turn).recent(None)
        items = (item for order in orders for item in order.items)
        return next((item for item in items if item.item_id == item_id), None)

    def named(self) -> list[Product]:
        """The products whose names the message holds most of."""
        telling = replace(self.turn, text=_COMMON.sub(" ", self.turn.text))
        asked = " ".join((telling.text, *self.turn.entities.get("product", ())))
        found = self.shop.products(self.profile, asked, limit=_SEARCHED) if asked.strip() else ()
        lengths = {each.sku: mention_length(telling, each.name) for each in found}
        best = max(lengths.values(), default=0)
        if best < LIKELY_MENTION:
            return []
        return [each for each in found if lengths[each.sku] == best][:OFFERED]

    def in_mind(self) -> Product | None:
        """The product talked about in the last half hour."""
        match self.turn.slots.get(CURRENT_PRODUCT):
            case {"sku": str(sku), "at": str(at)}:
                fresh = self.turn.now - datetime.fromisoformat(at) < CURRENT_FOR
                return self.shop.product(self.profile, sku) if fresh else None
            case _:
                return None


def remember_product(reply: Reply, turn: Turn, product: Product) -> None:
    reply.remember(CURRENT_PRODUCT, {"sku": product.sku, "at": turn.now.isoformat()})


def ask_for_product(turn: Turn, reply: Reply, intent: str, question: str) -> None:
    """Keep in mind what is to be told once the product is named."""
    reply.remember(ASKED_PRODUCT, {"intent": intent, "question": question})


def product_asked_for(turn: Turn) -> dict[str, str] | None:
    """The ``intent`` and ``question`` for which the bot's last answer asked for a product."""
    kept: Any = turn.set_before(ASKED_PRODUCT)
    return kept


def names_only(turn: Turn, product: Product) -> bool:
    """Whether the message is the product's name, nearly so: 「百褶裙」 for 「百褶半身裙」."""
    words = _BESIDE_A_NAME.sub("", turn.text)
    name = _BESIDE_A_NAME.sub("", product.name)
    blocks = SequenceMatcher(None, words, name, autojunk=False).get_matching_blocks()
    shared = sum(each.size for each in blocks)
    return shared >= min(SURE_MENTION, len(name)) and len(words) - shared <= 1


def goods_asked_about(shop: ShopGateway, turn: Turn) -> str | None:
    """What a message without a clear request asks of a product that it names, as an intent."""
    if not turn.text or turn.active_form:
        return None
    asked = product_asked_for(turn)
    named = ProductChoice(shop, turn).named()
    if asked and named:
        return asked["intent"]
    return QUESTION if any(names_only(turn, each) for each in named) else None
