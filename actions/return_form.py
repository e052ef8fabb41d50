"""The return form: reads each message into the draft and lets the rules have their say."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from actions.base import SHOP_DOWN, KefuAction
from actions.cards import shorten
from actions.choose import OFFERED, chosen_index, mention_length, mentions_goods, named_number
from actions.forms import gives_up
from actions.orders import NOT_FOUND
from actions.reply import PERSON, Reply, button
from actions.return_draft import (
    FORM,
    RETURNABLE,
    Eligibility,
    ReturnDraft,
    item_of,
    read_draft,
    reason_in,
    reason_of_intent,
    with_reason,
)
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import rules
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Order, ReturnReason

LIKELY_MENTION = 2
CANCELLED = "好的，这次就先不退了。之后想退，随时告诉我。"
NOTHING_TO_RETURN = (
    "您目前没有可以申请退货的商品（已签收且在7天退货期内）。如有质量问题，人工客服可以帮您处理。"
)

_YES = re.compile(r"^(确认|确定|提交|对|是的?|可以|好的?|嗯+)(提交|退货|退)?[吧的了。.!！~]*$")
_QUESTION = re.compile(r"[吗呢?]$|谁|怎么|什么|多少|多久|哪|几[天时个]|能不能|可不可以|如何")
_REASON_INTENTS = frozenset(
    {
        "inform",
        "return_request",
        "quality_problem",
        "wrong_or_missing_item",
        "exchange_request",
        "product_question",
        "out_of_scope",
        "complaint",
        "nlu_fallback",
        "",
    }
)
_DATA_INTENTS = frozenset({"inform", "return_request", "nlu_fallback", ""})


class ValidateReturnForm(KefuAction):
    """Adds the message to the draft.

    A message about something else adds nothing: the form then steps back, that message gets its
    own answer, and the form asks again.
    """

    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(FORM):
            return
        if gives_up(turn):
            reply.say(CANCELLED)
            finish(reply)
            return
        filling = Filling(self, turn, reply)
        if filling.read():
            filling.settle()

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.apologise(f"{SHOP_DOWN}退货申请没有提交。")
        finish(reply)


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

    def read(self) -> bool:
        """Whether the message belongs to the form; the draft then holds what it said."""
        starting = self.turn.requested_slot is None
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
        return starting or self.draft != before or self.confirmed is not None

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
        if reason in set(ReturnReason):
            self.draft = replace(self.draft, reason=ReturnReason(reason), note="")

    def read_order(self) -> None:
        orders = self.eligibility.orders()
        index = chosen_index(self.turn.text, min(len(orders), OFFERED))
        meant = [each for each in orders if mentions_goods(self.turn, each)]
        if index is not None:
            self.draft = self.draft.for_order(orders[index].order_number)
        elif len(meant) == 1:
            self.draft = self.draft.for_order(meant[0].order_number)

    def read_item(self) -> None:
        order = self.order()
        items = self.eligibility.items(order) if order else []
        index = chosen_index(self.turn.text, len(items))
        if index is not None:
            self.draft = replace(self.draft, item_id=items[index].item_id)
            return
        lengths = {each.item_id: mention_length(self.turn, each.name) for each in items}
        best = max(lengths.values(), default=0)
        meant = [item_id for item_id, length in lengths.items() if length == best]
        if best >= LIKELY_MENTION and len(meant) == 1:
            self.draft = replace(self.draft, item_id=meant[0])

    def read_reason(self) -> None:
        """Reasons are taken whenever they are told; when asked for one, any words will do.

        A message that plainly asks for something else is never read as a reason.
        """
        asked = self.turn.requested_slot == "return_reason"
        if self.draft.reason or not self.turn.text or self.turn.intent not in _REASON_INTENTS:
            return
        offered = self.offered_reasons() if asked else []
        index = chosen_index(self.turn.text, len(offered))
        reason = offered[index] if index is not None else reason_in(self.turn.text)
        reason = reason or (reason_of_intent(self.turn.intent) if asked else None)
        unclear = self.turn.intent in ("nlu_fallback", "inform")
        if reason is None and asked and unclear and not _QUESTION.search(self.turn.text):
            reason = ReturnReason.OTHER
        if reason:
            self.draft = with_reason(self.draft, reason, self.turn.own_words if asked else "")

    def offered_reasons(self) -> list[ReturnReason]:
        order = self.order()
        item = item_of(order, self.draft.item_id or "") if order else None
        return self.eligibility.reasons(order, item) if order and item else []

    def read_confirmation(self) -> None:
        """A yes counts for what is on the table now, not for what an older button showed."""
        if self.turn.intent != "affirm" and not _YES.match(self.turn.text):
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
            return
        if not self.settle_item(order) or not self.settle_reason(order):
            finish(self.reply)
            return
        self.reply.remember_all(self.draft.as_slots())
        complete = self.draft.item_id and self.draft.reason and self.confirmed
        self.reply.remember("return_confirmed", "yes" if complete else None)

    def settle_order(self) -> Order | None:
        """The order, if it is named or leaves no choice; ``None`` after having asked or ended."""
        order = self.order()
        if order:
            return order
        unknown = self.draft.order_number is not None
        if unknown:
            self.reply.say(NOT_FOUND)
            self.draft = ReturnDraft(reason=self.draft.reason, note=self.draft.note)
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
        """Nothing can be returned: with a single order received its own reason, else the rule."""
        received = self.shop.orders(self.turn.viewer, states=RETURNABLE, limit=2).orders
        if len(received) == 1 and received[0].items:
            self.refuse(received[0], received[0].items[0].item_id, None)
        else:
            self.reply.say(NOTHING_TO_RETURN, [intent_button("refund_progress"), PERSON])

    def settle_item(self, order: Order) -> bool:
        """Whether something of the order can be returned; tells why if not."""
        items = self.eligibility.items(order)
        chosen = self.draft.item_id
        if chosen and all(item.item_id != chosen for item in items):
            self.refuse(order, chosen, None)
            return False
        if not items:
            self.refuse(order, order.items[0].item_id if order.items else "", None)
            return False
        if len(items) == 1:
            self.draft = replace(self.draft, item_id=items[0].item_id)
        return True

    def settle_reason(self, order: Order) -> bool:
        """Whether the item can be returned for this reason; tells why if not."""
        if not self.draft.item_id or not self.draft.reason:
            return True
        verdict = self.eligibility.verdict(order, self.draft.item_id, self.draft.reason)
        if verdict.allowed:
            return True
        if verdict.code == "category_excluded" and self.draft.reason not in rules.QUALITY_REASONS:
            self.draft = replace(self.draft, reason=None, note="")
            return True
        self.refuse(order, self.draft.item_id, self.draft.reason)
        return False

    def refuse(self, order: Order, item_id: str, reason: ReturnReason | None) -> None:
        verdict = self.eligibility.verdict(order, item_id, reason)
        item = item_of(order, item_id)
        title = f"「{shorten(item.name)}」：" if item else ""
        self.reply.say(
            f"{title}{verdict.sentence}",
            [intent_button("refund_progress"), button("退别的订单", "return_request"), PERSON],
        )
