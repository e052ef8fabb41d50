"""One message's way into a return application, and what the rules say to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.base import KefuAction
from actions.cards import shorten
from actions.choose import (
    OFFERED,
    SURE_MENTION,
    mention_length,
    mentions_goods,
    named_number,
)
from actions.forms import (
    lead_in,
)
from actions.offers import ordinal_in
from actions.orders import NOT_FOUND
from actions.reply import PERSON, Reply, button
from actions.return_draft import (
    ANOTHER_REASON,
    RETURNABLE,
    Eligibility,
    ReturnDraft,
    item_of,
    read_draft,
    with_reason,
)
from actions.return_reasons import is_question, told_reason
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import rules, wording
from kefu.shop.model import Order, OrderItem, ReturnReason

LIKELY_MENTION = 2
NOTHING_TO_RETURN = (
    "您目前没有可以申请退货的商品（已签收且在7天退货期内）。如有质量问题，人工客服可以帮您处理。"
)

_YES = re.compile(r"^(确认|确定|提交|对|是的?|可以|好的?|嗯+)(提交|退货|退)?[吧的了。.!！~]*$")
_DATA_INTENTS = frozenset({"inform", "return_request", "nlu_fallback", ""})


def gives_data(turn: Turn) -> bool:
    """Whether the message only names an order or goods, whatever else it was taken for."""
    number = named_number(turn)
    bare = number is not None and 0 < len(turn.text) <= len(number) + 4
    return bare or turn.intent in _DATA_INTENTS


def finish(reply: Reply) -> None:
    """End the form; what there was to say has been said."""
    reply.remember("return_outcome", "told")
    reply.remember("requested_slot", None)


class Filling:
    """One message's way into the draft."""

    def __init__(self, action: KefuAction, turn: Turn, reply: Reply) -> None:
        self.shop = action.shop
        self.turn = turn
        self.reply = reply
        self.eligibility = Eligibility(action.shop, turn)
        self.draft = read_draft(turn.slots)
        self.confirmed: bool | None = None
        self.starting = turn.requested_slot is None

    def read(self) -> bool:
        """Whether the message belongs to the form; the draft then holds what it said."""
        before = self.draft
        self.read_entities()
        self.read_reason()
        match self.turn.requested_slot:
            case "return_order":
                self.read_order()
            case "return_item":
                self.read_item()
            case "return_confirmed":
                self.read_confirmation()
            case _:
                pass
        return self.starting or self.draft != before or self.confirmed is not None

    def read_entities(self) -> None:
        if self.turn.requested_slot is not None and not gives_data(self.turn):
            return
        number = named_number(self.turn)
        if number:
            self.draft = self.draft.for_order(number)
        item_id = self.turn.entity("item_id")
        if item_id and number:
            self.draft = replace(self.draft, item_id=item_id)
        reason = self.turn.entity("return_reason")
        if reason == ANOTHER_REASON:
            self.draft = replace(self.draft, reason=None, note="")
        if reason in set(ReturnReason):
            self.draft = replace(self.draft, reason=ReturnReason(reason), note="")

    def read_order(self) -> None:
        orders = self.eligibility.orders()
        index = ordinal_in(self.turn.text, min(len(orders), OFFERED))
        meant = [each for each in orders if mentions_goods(self.turn, each)]
        if index is not None:
            self.draft = self.draft.for_order(orders[index].order_number)
        elif len(meant) == 1:
            self.draft = self.draft.for_order(meant[0].order_number)

    def read_item(self) -> None:
        order = self.order()
        items = self.eligibility.items(order) if order else []
        index = ordinal_in(self.turn.text, len(items))
        if index is not None:
            self.draft = self.draft.for_item(items[index].item_id)
            return
        if not is_question(self.turn.text):
            self.choose_named(items, LIKELY_MENTION)

    def choose_named(self, items: Sequence[OrderItem], enough: int) -> None:
        """Take the one item whose name, or else whose kind, the message holds."""
        lengths = {each.item_id: mention_length(self.turn, each.name) for each in items}
        best = max(lengths.values(), default=0)
        meant = [item_id for item_id, length in lengths.items() if length == best]
        if best < enough:
            meant = [
                each.item_id
                for each in items
                if wording.category_text(each.category) in self.turn.text
            ]
        if len(meant) == 1:
            self.draft = self.draft.for_item(meant[0])

    def read_reason(self) -> None:
        """Reasons are taken whenever they are told."""
        if self.draft.reason or not self.turn.text:
            return
        asked = self.turn.requested_slot == "return_reason"
        offered = self.offered_reasons() if asked else []
        index = ordinal_in(self.turn.text, len(offered))
        told = offered[index] if index is not None else told_reason(self.turn, asked=asked)
        if told:
            own_words = asked and index is None
            self.draft = with_reason(self.draft, told, self.turn.own_words if own_words else "")

    def offered_reasons(self) -> list[ReturnReason]:
        order = self.order()
        item = item_of(order, self.draft.item_id or "") if order else None
        return self.eligibility.reasons(order, item) if order and item else []

    def read_confirmation(self) -> None:
        """A yes counts for what is on the table now, not for what an older button showed."""
        if self.turn.intent != "affirm" and not _YES.match(self.turn.text):
            return
        if is_question(self.turn.text):
            return
        shown = self.turn.entity("item_id")
        self.confirmed = shown is None or shown == self.draft.item_id

    def order(self) -> Order | None:
        number = self.draft.order_number
        return self.shop.order(self.turn.viewer, number) if number else None

    def settle(self) -> None:
        """Fill in what leaves no choice, refuse what the rules forbid, keep the rest as slots."""
        order = self.settle_order()
        if order is None:
            self.drop_early_reason()
            return
        if not self.settle_item(order) or not self.settle_reason(order):
            finish(self.reply)
            return
        self.drop_early_reason()
        self.reply.remember_all(self.draft.as_slots())
        complete = self.draft.item_id and self.draft.reason and self.confirmed
        self.reply.remember("return_confirmed", "yes" if complete else None)

    def drop_early_reason(self) -> None:
        """A reason told before it is clear for what is acknowledged, and asked for later."""
        ended = any(each.get("name") == "return_outcome" for each in self.reply.events)
        if ended or self.draft.item_id or not self.draft.reason:
            return
        told = wording.return_reason_text(self.draft.reason)
        self.draft = replace(self.draft, reason=None, note="")
        self.reply.remember_all(self.draft.as_slots())
        lead_in(self.reply, f"明白，是「{told}」，稍后填原因时再请您确认。")

    def settle_order(self) -> Order | None:
        """The order, if it is named or leaves no choice; ``None`` after having asked or ended."""
        order = self.order()
        if order:
            return order
        unknown = self.draft.order_number is not None
        if unknown:
            self.reply.say(NOT_FOUND)
            self.draft = ReturnDraft()
        orders = self.eligibility.orders()
        if not orders:
            self.refuse_all()
            finish(self.reply)
            return None
        meant = [each for each in orders if mentions_goods(self.turn, each)]
        candidates = meant if len(meant) == 1 else orders
        if unknown or len(candidates) > 1:
            self.reply.remember_all(self.draft.as_slots())
            return None
        self.draft = self.draft.for_order(candidates[0].order_number)
        return candidates[0]

    def refuse_all(self) -> None:
        """Nothing can be returned: with a single order received its own reasons, else the rule."""
        received = self.shop.orders(self.turn.viewer, states=RETURNABLE, limit=2).orders
        if len(received) == 1 and received[0].items:
            self.refuse(received[0], received[0].items, None)
        else:
            self.reply.say(NOTHING_TO_RETURN, [intent_button("refund_progress"), PERSON])

    def settle_item(self, order: Order) -> bool:
        """Whether something of the order can be returned; tells why if not."""
        items = self.eligibility.items(order)
        chosen = self.draft.item_id
        if chosen and all(item.item_id != chosen for item in items):
            item = item_of(order, chosen)
            self.refuse(order, [item] if item else order.items, None)
            return False
        if not items:
            self.refuse(order, order.items, None)
            return False
        if len(items) == 1:
            self.draft = replace(self.draft, item_id=items[0].item_id)
        elif chosen is None and self.starting and not is_question(self.turn.text):
            self.choose_named(items, SURE_MENTION)
        return True

    def settle_reason(self, order: Order) -> bool:
        """Whether the item can be returned for this reason; tells why if not."""
        if not self.draft.item_id or not self.draft.reason:
            return True
        verdict = self.eligibility.verdict(order, self.draft.item_id, self.draft.reason)
        if verdict.allowed:
            return True
        if verdict.code == "category_excluded" and self.draft.reason not in rules.QUALITY_REASONS:
            lead_in(self.reply, "这种情况退不了，请看看有没有符合的：\n")
            self.draft = replace(self.draft, reason=None, note="")
            return True
        item = item_of(order, self.draft.item_id)
        self.refuse(order, [item] if item else order.items, self.draft.reason)
        return False

    def refuse(self, order: Order, items: Sequence[OrderItem], reason: ReturnReason | None) -> None:
        """Say of each item why it cannot go back, and offer only what can be done."""
        names: dict[str, str] = {}
        for item in items:
            sentence = self.eligibility.verdict(order, item.item_id, reason).sentence
            names[sentence] = f"{names.get(sentence, '')}「{shorten(item.name)}」"
        lines = [f"{name}：{sentence}" for sentence, name in names.items()]
        cases = [intent_button("refund_progress", order_number=order.order_number)]
        others = [button("退别的订单", "return_request")]
        self.reply.say(
            "\n".join(lines),
            [
                *(cases if order.returns or order.refunds else []),
                *(others if self.eligibility.orders() else []),
                PERSON,
            ],
        )
