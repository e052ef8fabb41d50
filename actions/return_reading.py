"""What one message adds to an after-sale application; the rules have no say here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.agreeing import agrees
from actions.base import KefuAction
from actions.choose import OFFERED, mention_length, mentions_goods, named_number
from actions.claims import offered_remedies
from actions.exchange import told_variant, variants
from actions.forms import NOTHING_MORE, lead_in, says_yes
from actions.offers import ordinal_in
from actions.remedies import BY_INTENT, CLAIM_INTENTS, INTENTS, Remedy, told_remedy
from actions.reply import Reply
from actions.return_draft import (
    ANOTHER_REASON,
    NOTE_LENGTH,
    Eligibility,
    ReturnDraft,
    item_of,
    read_draft,
    with_reason,
)
from actions.return_reasons import is_question, reason_in, told_reason
from actions.return_restart import rejects_order, restarted
from actions.small_talk import is_without_words
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Order, OrderItem, ReturnReason
from kefu.shop.rules import QUALITY_REASONS

LIKELY_MENTION = 2
SHORT_NAME = 2
WORDS_THAT_TELL = 6
PICK_ANOTHER = "好的，请从下面选一笔，或者直接发订单号。\n"
NOT_AMONG = "目前没有您说的这一种，可以换的都在下面了。"

_LIKE_A_VARIANT = re.compile(
    r"[色码号款寸升装版]|\d|[A-Za-z]|[大小长短]|[黑白红橙黄绿青蓝紫粉灰棕米杏咖]"
)
_UNCLEAR = frozenset({"inform", "nlu_fallback", ""})
_DATA_INTENTS = frozenset({"inform", "nlu_fallback", "", *INTENTS.values(), *CLAIM_INTENTS})


def gives_data(turn: Turn) -> bool:
    """Whether the message only names an order or goods, whatever else it was taken for."""
    number = named_number(turn)
    bare = number is not None and 0 < len(turn.text) <= len(number) + 4
    return bare or turn.intent in _DATA_INTENTS


class Reading:
    """One message's way into the draft."""

    def __init__(self, action: KefuAction, turn: Turn, reply: Reply) -> None:
        self.action = action
        self.shop = action.shop
        self.turn = turn
        self.reply = reply
        self.draft = read_draft(turn.slots)
        self.confirmed: bool | None = None
        self.started_over = False
        self.told_again = False
        self.starting = turn.requested_slot is None

    @property
    def eligibility(self) -> Eligibility:
        """By what shall be done as far as it is known by now."""
        return Eligibility(self.shop, self.turn, self.draft.remedy)

    def read(self) -> bool:
        """Whether the message belongs to the form; the draft then holds what it said."""
        before = self.draft
        if self.starts_over():
            return True
        self.read_entities()
        self.read_remedy()
        self.read_reason()
        match self.turn.requested_slot:
            case "return_order":
                self.read_order()
            case "return_item":
                self.read_item()
            case "return_kind":
                self.read_offered_remedy()
            case "return_note":
                self.read_note(before)
            case "return_confirmed":
                self.read_confirmation(before)
            case _:
                pass
        self.read_wanted(before)
        changed = self.draft != before or self.confirmed is not None
        return self.starting or changed or self.told_again

    def starts_over(self) -> bool:
        """Something that was chosen is not what is meant."""
        if self.starting or not self.turn.text or named_number(self.turn):
            return False
        fresh = restarted(self.shop, self.turn, self.draft)
        if fresh is None:
            if self.turn.requested_slot == "return_order" and rejects_order(self.turn):
                lead_in(self.reply, PICK_ANOTHER)
                self.told_again = True
            return self.told_again
        self.draft = fresh
        self.started_over = True
        return True

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
            self.draft = self.draft.without_reason()
        if reason in set(ReturnReason):
            self.draft = replace(self.draft, reason=ReturnReason(reason))

    def read_remedy(self) -> None:
        """What shall be done may be changed at any time; it begins with what opened the form."""
        if self.starting:
            return
        told = told_remedy(self.turn)
        if told and told is not self.draft.remedy:
            if self.draft.remedy:
                lead_in(self.reply, f"好的，改为{told.word}。\n")
            self.draft = self.draft.for_remedy(told)

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
        """Take the one item whose name, or else what it is called for short, the message holds."""
        lengths = {each.item_id: mention_length(self.turn, each.name) for each in items}
        best = max(lengths.values(), default=0)
        meant = [item_id for item_id, length in lengths.items() if length == best]
        if best < enough:
            meant = [each.item_id for each in items if self.is_called(each)]
        if len(meant) == 1:
            self.draft = self.draft.for_item(meant[0])

    def is_called(self, item: OrderItem) -> bool:
        """「面膜」 for 「玻尿酸保湿面膜」, 「生鲜」 for grapes."""
        kind = wording.category_text(item.category)
        return item.name[-SHORT_NAME:] in self.turn.text or kind in self.turn.text

    def read_reason(self) -> None:
        """Reasons are taken whenever they are told, and corrected before they are confirmed."""
        corrected = "原因" in self.turn.text and not self.starting
        if not self.turn.text or (self.draft.reason and not corrected):
            self.correct_reason()
            return
        asked = corrected or self.turn.requested_slot == "return_reason"
        if asked and (self.names_goods() or self.only_wishes()):
            return
        offered = self.offered_reasons() if asked else []
        index = ordinal_in(self.turn.text, len(offered))
        told = offered[index] if index is not None else told_reason(self.turn, asked=asked)
        if told:
            tells = told in QUALITY_REASONS and len(self.turn.text) >= WORDS_THAT_TELL
            own_words = index is None and (asked or (tells and not self.starting))
            self.draft = with_reason(self.draft, told, self.turn.own_words if own_words else "")

    def correct_reason(self) -> None:
        """「不喜欢」 at the confirmation is another reason."""
        asked = self.turn.requested_slot == "return_confirmed"
        if not asked or self.draft.at_fault or self.draft.remedy is Remedy.REPAIR:
            return
        told = told_reason(self.turn, asked=False)
        if told and told is not self.draft.reason:
            self.draft = with_reason(self.draft, told, self.turn.own_words)

    def names_goods(self) -> bool:
        """Whether the words only repeat which goods are meant."""
        item = self.item()
        return item is not None and self.turn.text in item.name

    def only_wishes(self) -> bool:
        """「补发吧」 says what shall be done, and not why."""
        return told_remedy(self.turn) is not None and reason_in(self.turn.text) is None

    def offered_reasons(self) -> list[ReturnReason]:
        order, item = self.order(), self.item()
        return self.eligibility.reasons(order, item) if order and item else []

    def read_offered_remedy(self) -> None:
        """「第一个」 of what may be done."""
        order, item = self.order(), self.item()
        if order is None or item is None or self.draft.reason is None:
            return
        offered = offered_remedies(self.action, self.turn, order, item, self.draft.reason)
        index = ordinal_in(self.turn.text, len(offered))
        if index is not None:
            self.draft = self.draft.for_remedy(offered[index])

    def read_note(self, before: ReturnDraft) -> None:
        """Any words but a question tell more; what has changed something else tells nothing."""
        if self.draft != before:
            return
        text = self.turn.text
        bare = NOTHING_MORE.match(text) or agrees(text, ("提交", "申请"))
        if self.turn.entity("return_note") or bare:
            self.draft = replace(self.draft, note="")
        elif text and gives_note(self.turn):
            self.draft = replace(self.draft, note=self.turn.own_words[:NOTE_LENGTH])

    def add_to_note(self) -> None:
        """What is told of a fault before it is confirmed belongs to its description."""
        words = self.turn.own_words
        meant = self.turn.intent in _UNCLEAR or self.turn.intent in CLAIM_INTENTS
        tells = len(words) >= WORDS_THAT_TELL and gives_note(self.turn)
        if meant and tells and self.draft.at_fault and not is_without_words(self.turn.text):
            before = f"{self.draft.note}；" if self.draft.note else ""
            self.draft = replace(self.draft, note=f"{before}{words}"[:NOTE_LENGTH])

    def read_wanted(self, before: ReturnDraft) -> None:
        """The colour or size to have instead, once it is clear of which goods."""
        if self.draft.remedy is not Remedy.EXCHANGE or self.draft.item_id != before.item_id:
            return
        item = self.item()
        asked = self.turn.requested_slot == "return_wanted"
        if item is None or (asked and not answers(self.turn)):
            return
        options = variants(self.shop, self.turn, item)
        told = told_variant(self.turn, item, options, asked=asked and self.draft == before)
        if told is not None and not is_question_only(self.turn):
            self.draft = replace(self.draft, wanted=told)
        elif asked and options and self.draft == before and _LIKE_A_VARIANT.search(self.turn.text):
            lead_in(self.reply, NOT_AMONG)
            self.told_again = True

    def read_confirmation(self, before: ReturnDraft) -> None:
        """A yes counts for what is on the table now, not for what an older button showed."""
        if not says_yes(self.turn, *([self.draft.remedy.word] if self.draft.remedy else [])):
            if self.draft == before:
                self.add_to_note()
            return
        shown = self.turn.entity("item_id")
        self.confirmed = self.draft == before and shown in (None, self.draft.item_id)

    def order(self) -> Order | None:
        number = self.draft.order_number
        return self.shop.order(self.turn.viewer, number) if number else None

    def item(self) -> OrderItem | None:
        order = self.order()
        return item_of(order, self.draft.item_id or "") if order else None


_ELSEWHERE = frozenset(
    {"human_agent", "track_logistics", "order_status", "refund_progress", "complaint"}
)


def gives_note(turn: Turn) -> bool:
    """Whether words are a description, and not a question or a call for somebody."""
    begins = turn.intent in BY_INTENT and len(turn.text) < WORDS_THAT_TELL
    return not begins and turn.intent not in _ELSEWHERE and not is_question(turn.text)


def answers(turn: Turn) -> bool:
    """Whether a message may answer what colour or size is wanted."""
    if turn.intent in _ELSEWHERE or is_question_only(turn):
        return False
    return turn.intent in _DATA_INTENTS or bool(_LIKE_A_VARIANT.search(turn.text))


def is_question_only(turn: Turn) -> bool:
    """「有红色的吗」 asks, 「能换成红色吗」 wants."""
    return bool(turn.text) and is_question(turn.text) and "换" not in turn.text
