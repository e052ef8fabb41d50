"""The ticket form: what a message adds to the draft, and what it means for it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from actions.addresses import address_in, own_address_in
from actions.base import SHOP_DOWN, KefuAction
from actions.choose import OFFERED, OrderChoice, mentions_goods, named_number
from actions.forms import LEAD, gives_up, is_unread, lead_in, misunderstood, says_yes
from actions.offers import ordinal_in
from actions.orders import NOT_FOUND
from actions.reply import PERSON, Reply
from actions.return_reasons import is_plain_question
from actions.small_talk import gives_up_in_words, is_without_words
from actions.ticket_draft import FORM, NOTHING, TicketDraft, knows_orders, read_draft
from actions.turn import Turn
from kefu.shop.gateway import ShopUnavailable

LEFT = "好的，那就先不登记了，什么都没有提交。需要时随时叫我。"
NO_ORDER, NO_CONTACT, OWN_CONTACT, EDIT, OTHER_ORDER = (
    "no_order", "no_contact", "own_contact", "edit", "other_order",
)  # fmt: skip

_NOT_ABOUT_ORDERS = re.compile(r"[跟与和]?订单(没|无)关|没有订单|不[涉关]?及?订单|都不是|没有关系")
_THIS_ONE = re.compile(
    r"^(?:嗯+|对|没错|就)*(?:是的?|对的?|就?是?[这那][个笔单件条]?(?:订?单)?)[的吧啊呀。.!！~ ]*$"
)
_WRONG_ORDER = re.compile(
    r"不是这[个一]?[个笔单]?订?单|换[个一]?[个笔]?订单|订单[选弄]?错了|选错了"
)
_WRONG_WORDS = re.compile(
    r"^(改一?下?|重新?写|修改)(内容|描述|说明)?[吧。！!]*$|内容(不对|写错|错了)"
)
_WRONG = re.compile(r"^(不对|错了|有误|不是这样)[的了吧。.!！~]*$")
_NO_CONTACT = re.compile(r"不[想愿]?留|不方便|没有?(手机|邮箱|电话)|就在这")
_HOW_LONG = re.compile(r"多久|几天|多长时间|什么时候|何时")
# Whatever is wanted from the form, these are wanted from somebody else.
_ELSEWHERE = frozenset(
    {"human_agent", "greet", "thanks", "bot_challenge", "urge_reply", "goodbye", "code_verified"}
)
_ADDS = frozenset(
    {
        "complaint", "dispute_appeal", "feedback", "fraud_report", "not_solved",
        "quality_problem", "wrong_or_missing_item", "delivery_problem", "abuse",
    }
)  # fmt: skip
# Words that nobody else would understand tell more of the story once they are that long.
_TELLS_UNREAD = 5
_NOTED = "好的，已经记下来了。\n"


def finish(reply: Reply) -> None:
    reply.remember("ticket_outcome", "told")
    reply.remember("requested_slot", None)


class ValidateTicketForm(KefuAction):
    """Adds the message to the draft; one about something else gets its own answer meanwhile."""

    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(FORM):
            return
        if turn.requested_slot is None:
            self.check_order(turn, reply)
            return
        if gives_up(turn) and (gives_up_in_words(turn.text) or not _corrects(turn)):
            reply.say(LEFT)
            finish(reply)
            return
        filling = TicketFilling(self, turn, reply)
        if filling.read():
            reply.remember_all(filling.draft.as_slots())
            reply.remember("ticket_confirmed", "yes" if filling.confirmed else None)
        elif is_unread(turn) and misunderstood(turn, reply):
            reply.remember("ticket_outcome", "told")

    def check_order(self, turn: Turn, reply: Reply) -> None:
        """The form starts with what was said before: its number may be somebody else's."""
        draft = read_draft(turn.slots)
        number = draft.order_number
        if number in (None, NOTHING) or draft.supplements or not knows_orders(turn):
            return
        if self.shop.order(turn.viewer, number) is None:
            asked = draft.matter.about_order
            reply.remember("ticket_order", None if asked else NOTHING)
            if asked:
                lead_in(reply, NOT_FOUND)

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.say(f"{SHOP_DOWN}这次没有提交任何内容。", [PERSON])
        finish(reply)


def _corrects(turn: Turn) -> bool:
    """「不对，是139…」, 「不是这个订单」: a no that gives something instead of leaving."""
    if not turn.text:
        return False
    told = named_number(turn) or address_in(turn.text) or _WRONG_ORDER.search(turn.text)
    asked = turn.requested_slot
    declined = (
        (asked == "ticket_order" and _NOT_ABOUT_ORDERS.search(turn.text))
        or (asked == "ticket_contact" and _NO_CONTACT.search(turn.text))
        or (asked == "ticket_confirmed" and _WRONG.match(turn.text))
    )
    return bool(told or declined or _WRONG_WORDS.search(turn.text))


class TicketFilling:
    """One message's way into the draft."""

    def __init__(self, action: KefuAction, turn: Turn, reply: Reply) -> None:
        self.shop = action.shop
        self.profile = action.services.profiles[turn.claims.profile]
        self.turn = turn
        self.reply = reply
        self.draft: TicketDraft = read_draft(turn.slots)
        self.confirmed = False

    def read(self) -> bool:
        """Whether the message belongs to the form; the draft then holds what it said."""
        text, intent = self.turn.text, self.turn.intent
        pressed = self.turn.entity("ticket")
        if not text:
            return self.read_press(pressed)
        if intent in _ELSEWHERE:
            return False
        if self.is_question:
            return self.answer_question()
        before = self.draft
        self.read_corrections()
        self.read_address()
        asked = self.turn.requested_slot
        if asked == "ticket_details":
            self.read_details()
        else:
            self.read_order(asked == "ticket_order")
        if self.draft == before and asked != "ticket_details":
            self.read_confirmation(asked == "ticket_confirmed")
        return self.draft != before or self.confirmed or self.has_lead

    @property
    def is_question(self) -> bool:
        """A complaint put as a question (「这就是你们的态度吗」) is a complaint.

        What is left for people to read is a question more often than not.
        """
        if self.draft.matter.needs_contact and self.turn.requested_slot == "ticket_details":
            return False
        return is_plain_question(self.turn.text) and self.turn.intent not in _ADDS

    def answer_question(self) -> bool:
        """Only what is asked about this very ticket is answered here."""
        unread = self.turn.intent in ("inform", "nlu_fallback", "")
        if not (unread and _HOW_LONG.search(self.turn.text)):
            return False
        hours = self.profile.hours_for(self.draft.matter.kind)
        lead_in(self.reply, f"提交后会在 {hours} 小时内答复您。")
        return True

    @property
    def has_lead(self) -> bool:
        """Whether the form has something to say before it asks again."""
        return any(each.get("name") == LEAD for each in self.reply.events)

    def read_press(self, pressed: str | None) -> bool:
        """A button of another service is not for the form, whatever order it carries."""
        if self.turn.intent not in ("inform", "affirm"):
            return False
        number = self.turn.entity("order_number")
        if pressed:
            return self.read_button(pressed)
        if number and self.turn.intent == "inform" and self.draft.matter.about_order:
            self.take_order(number)
            return True
        return False

    def read_button(self, pressed: str) -> bool:
        match pressed:
            case "no_order":
                self.draft = replace(self.draft, order_number=NOTHING)
            case "other_order":
                self.draft = replace(self.draft, order_number=None)
            case "no_contact" if not self.draft.matter.needs_contact:
                self.draft = replace(self.draft, contact=NOTHING)
            case "own_contact" if not self.turn.is_guest:
                self.draft = replace(self.draft, contact=NOTHING)
            case "edit":
                self.draft = replace(self.draft, details="")
            case _:
                # A yes counts for what is on the table, not for what an older button showed.
                self.confirmed = (
                    self.turn.intent == "affirm"
                    and pressed == self.draft.matter.kind
                    and self.draft.is_complete
                )
                return self.confirmed
        return True

    def read_corrections(self) -> None:
        if _WRONG_ORDER.search(self.turn.text):
            self.draft = replace(self.draft, order_number=None)
        elif _WRONG_WORDS.search(self.turn.text) and self.turn.requested_slot != "ticket_details":
            self.draft = replace(self.draft, details="")

    def read_address(self) -> None:
        """Taken whenever it is told; what was told later wins."""
        found = own_address_in(self.turn.text)
        if found is None and address_in(self.turn.text):
            self.note_more()
        elif found and (self.turn.is_guest or self.draft.matter.needs_contact):
            self.draft = replace(self.draft, contact=found.value)
        elif self.turn.requested_slot == "ticket_contact" and re.search(r"\d{6}|@", self.turn.text):
            lead_in(self.reply, "这个号码或邮箱好像不完整。")

    def read_details(self) -> None:
        """Nearly any words tell what happened."""
        number = named_number(self.turn)
        if number and self.draft.matter.about_order:
            self.take_order(number)
        bare = re.sub(r"\W", "", self.turn.text) in (number, self.draft.contact)
        if not bare and self.turn.own_words not in self.draft.details:
            self.draft = self.draft.with_more(self.turn.own_words)

    def read_order(self, asked: bool) -> None:
        if not self.draft.matter.about_order:
            return
        number = named_number(self.turn)
        if number:
            self.take_order(number)
        elif asked and _NOT_ABOUT_ORDERS.search(self.turn.text):
            self.draft = replace(self.draft, order_number=NOTHING)
        elif asked and knows_orders(self.turn):
            self.choose_order()

    def take_order(self, number: str) -> None:
        """A number of the shopper's own. A guest's is written down as typed, and unchecked."""
        if knows_orders(self.turn) and self.shop.order(self.turn.viewer, number) is None:
            lead_in(self.reply, NOT_FOUND)
            self.draft = replace(self.draft, order_number=None)
        else:
            self.draft = replace(self.draft, order_number=number)

    def choose_order(self) -> None:
        """「第二个」, or the one order with such goods."""
        orders = OrderChoice(self.shop, self.turn).recent(None)
        index = ordinal_in(self.turn.text, min(len(orders), OFFERED))
        meant = [each for each in orders if mentions_goods(self.turn, each)]
        if index is not None:
            self.draft = replace(self.draft, order_number=orders[index].order_number)
        elif len(meant) == 1:
            self.draft = replace(self.draft, order_number=meant[0].order_number)
        elif len(orders) == 1 and _THIS_ONE.match(self.turn.text):
            self.draft = replace(self.draft, order_number=orders[0].order_number)

    def read_confirmation(self, asked: bool) -> None:
        """A yes, a no that asks for a correction, or more about the same matter."""
        text = self.turn.text
        if asked and says_yes(self.turn, "登记"):
            self.confirmed = self.draft.is_complete
        elif asked and _WRONG.match(text):
            lead_in(self.reply, "哪里要改呢？可以点下面的按钮，也可以直接发给我。\n")
        elif self.turn.requested_slot == "ticket_contact" and _NO_CONTACT.search(text):
            self.decline_contact()
        elif not self.has_lead and self.tells_more():
            self.note_more()

    def tells_more(self) -> bool:
        """Whether words that answer no question belong to the story."""
        unread = is_unread(self.turn) or self.turn.intent == "out_of_scope"
        story = (
            unread and len(self.turn.text) >= _TELLS_UNREAD and not is_without_words(self.turn.text)
        )
        return self.turn.intent in _ADDS or story

    def note_more(self) -> None:
        self.draft = self.draft.with_more(self.turn.own_words)
        lead_in(self.reply, _NOTED)

    def decline_contact(self) -> None:
        if self.draft.matter.needs_contact:
            lead_in(self.reply, "没有联系方式，客服就没法联系您了。")
        else:
            self.draft = replace(self.draft, contact=NOTHING)
