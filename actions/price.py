"""Price protection: the computation for one item, and the difference paid back once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.cards import order_title, shorten
from actions.choose import OrderChoice, mention_length, remember_order
from actions.knowledge import find, quote
from actions.order_form import StartOrderRequest
from actions.order_request import Draft, OrderRequest, Question, option
from actions.refund_words import channel_of, opened_refund, way_back
from actions.reply import PERSON, Reply, button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Order, OrderState, Verdict
from kefu.shop.money import PriceClaim

INTENT = "price_protection"
LIKELY_MENTION = 2
LOOKED_THROUGH = 10
_RULES = re.compile(
    r"几天|多久|多少天|规则|怎么申请|怎么算|从.{1,6}算|券后|用券|领券|直播间|百亿|别家|其他平台|运费|算不算.{0,4}[券红]"
)
_OWN = re.compile(r"我[这那]?[单笔]|我的|订单|退我|给我|补我|帮我|申请价保$|这个")


class PriceRequest(OrderRequest):
    """The draft holds the item."""

    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = "claim_price"
    question: ClassVar[str] = "您想看哪一笔订单的价格保护？"
    leave: ClassVar[str] = "不申请了"
    farewell: ClassVar[str] = "好的，这次先不申请价保。"
    confirm: ClassVar[str] = "确认申请"
    verbs: ClassVar[tuple[str, ...]] = ("申请", "退差价", "退")
    states: ClassVar[tuple[OrderState, ...] | None] = (
        OrderState.PAID,
        OrderState.SHIPPED,
        OrderState.SIGNED,
        OrderState.COMPLETED,
    )

    def meant(self, turn: Turn) -> Order | None:
        """Where nothing is named, the one order with goods that became cheaper."""
        found = super().meant(turn)
        if found:
            return found
        recent = OrderChoice(self.shop, turn).recent(self.states, LOOKED_THROUGH)
        cheaper = [each for each in recent if self.open_claims(turn, each)]
        return cheaper[0] if len(cheaper) == 1 else None

    def claims(self, turn: Turn, order: Order) -> list[PriceClaim]:
        found = (
            self.shop.price_claim(
                turn.viewer, turn.ref, order_number=order.order_number, item_id=item.item_id
            )
            for item in order.items
        )
        return [each for each in found if each]

    def open_claims(self, turn: Turn, order: Order) -> list[PriceClaim]:
        return [each for each in self.claims(turn, order) if each.verdict.allowed]

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        if order is None:
            return {}
        ids = [item.item_id for item in order.items]
        pressed = turn.entity("item_id") or self.chosen(turn, order, draft)
        if pressed in ids:
            return {"item_id": pressed}
        if draft.get("item_id") in ids:
            return draft
        context = turn.claims.context.get("item_id")
        named = [each for each in order.items if mention_length(turn, each.name) >= LIKELY_MENTION]
        if context in ids and turn.requested_slot is None:
            return {"item_id": context}
        if len(named) == 1 and turn.text:
            return {"item_id": named[0].item_id}
        claims = self.open_claims(turn, order)
        return {"item_id": claims[0].item_id} if len(claims) == 1 else {}

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        """Of the item chosen; of all items where none of them has anything to give back."""
        claims = self.claims(turn, order)
        chosen = [each for each in claims if each.item_id == draft.get("item_id")]
        if chosen:
            return chosen[0].verdict
        if not claims or any(each.verdict.allowed for each in claims):
            return Verdict(True)
        return _all_refused(claims)

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        if order is None or draft.get("item_id"):
            return None
        buttons = [
            option(
                f"{shorten(each.item_name)}（可退{wording.yuan(each.difference)}）", each.item_id
            )
            for each in self.open_claims(turn, order)
        ]
        return Question("这笔订单有几件商品降价了，先申请哪一件？", buttons)

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        assert order is not None
        claim = self.claim(turn, order, draft)
        way = way_back(self.services, turn, channel_of(order))
        return (
            f"「{claim.item_name}」{claim.verdict.sentence}\n"
            f"差价{wording.yuan(claim.difference)}会{way}，每件商品只能申请一次。确认申请吗？"
        )

    def claim(self, turn: Turn, order: Order, draft: Draft) -> PriceClaim:
        found = self.shop.price_claim(
            turn.viewer, turn.ref, order_number=order.order_number, item_id=draft["item_id"]
        )
        if found is None:
            raise LookupError("the order has lost its item")
        return found

    def target(self, order: Order, draft: Draft) -> str:
        return f"{order.order_number}/{draft.get('item_id')}"

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        assert order is not None
        number = order.order_number
        refund = self.shop.claim_price(
            turn.viewer, turn.ref, order_number=number, item_id=draft["item_id"]
        )
        remember_order(reply, turn, number)
        reply.say(
            f"价保申请成功。{opened_refund(self.services, turn, refund)}",
            [intent_button("refund_progress", order_number=number)],
        )

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        assert order is not None
        claim = self.claim(turn, order, draft)
        return (
            "价格保护",
            f"订单 {order.order_number}，商品「{claim.item_name}」，{claim.verdict.sentence}",
        )

    def refuse(self, turn: Turn, reply: Reply, order: Order, verdict: Verdict) -> None:
        reply.refused(verdict)
        other = button("看看别的订单", INTENT, page="1")
        reply.say(f"{order_title(order, turn.now)}：{verdict.sentence}", [other, PERSON])


class PriceProtection(StartOrderRequest):
    action_name: ClassVar[str] = "action_price_protection"
    request: ClassVar[type[OrderRequest]] = PriceRequest

    def answers(self, turn: Turn, reply: Reply) -> bool:
        """A question about the rules is answered out of the help articles."""
        if not _RULES.search(turn.text) or _OWN.search(turn.text):
            return False
        passage = find(turn, self.services, INTENT)
        if passage is None:
            return False
        days = self.services.profiles[turn.claims.profile].policies.price_protection_days
        if days > 0:
            reply.say(f"价格保护期是付款后{days}天，每件商品可以申请一次。")
        quote(reply, passage, [button("看看我的订单能不能价保", INTENT, page="1")])
        return True


def _all_refused(claims: Sequence[PriceClaim]) -> Verdict:
    sentences = dict.fromkeys(each.verdict.sentence for each in claims)
    first = claims[0].verdict
    if len(sentences) == 1:
        return first
    lines = [f"「{shorten(each.item_name)}」{each.verdict.sentence}" for each in claims]
    return Verdict(False, first.code, "\n" + "\n".join(lines))
