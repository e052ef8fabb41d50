"""Another phone for the signed-in shopper's account: the number, a yes, then two codes."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.addresses import address_in
from actions.base import SHOP_DOWN, KefuAction
from actions.code_request import request_code
from actions.forms import ask, gives_up, is_unread, lead_in, misunderstood, says_yes
from actions.reply import PERSON, Reply, button
from actions.turn import Turn
from kefu.notices.addresses import Address
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.people import ContactChannel

FORM = "phone_form"
LEFT = "好的，绑定手机没有改动。需要时随时叫我。"
ANOTHER = "another"
NEVER_MIND = button("先不换了", "deny")

_ANOTHER = re.compile(r"换[个一]?(号码|手机号)|号码?(不对|错)|(写|输|填)错")


def start_phone(turn: Turn, reply: Reply) -> None:
    if turn.active_form:
        reply.end_form()
    phone = phone_in(turn.text)
    reply.remember_all({"new_phone": phone, "phone_confirmed": None, "phone_outcome": None})
    reply.remember("form_lead", None)
    reply.go_on_with(FORM)


def phone_in(text: str) -> str | None:
    """The last mobile number in the words: 「不是138…，是139…」 means the second."""
    numbers = re.findall(r"(?<!\d)1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)", text)
    address = address_in(numbers[-1]) if numbers else None
    return address.value if address else None


def finish(reply: Reply) -> None:
    reply.remember("phone_outcome", "told")
    reply.remember("requested_slot", None)


class ValidatePhoneForm(KefuAction):
    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        asked = turn.requested_slot
        if asked is None or turn.is_back_from_digression(FORM):
            return
        phone = phone_in(turn.text)
        if phone:
            # Another number is another question, whatever was agreed to before.
            reply.remember_all({"new_phone": phone, "phone_confirmed": None})
        elif asks_for_another(turn):
            reply.remember_all({"new_phone": None, "phone_confirmed": None})
        elif gives_up(turn):
            reply.say(LEFT)
            finish(reply)
        elif asked == "phone_confirmed" and agrees(turn):
            reply.remember("phone_confirmed", "yes")
        elif asked == "new_phone" and re.search(r"\d{6}", turn.text):
            lead_in(reply, "这个手机号好像不完整，要 11 位数字。")
        elif is_unread(turn) and misunderstood(turn, reply):
            reply.remember("phone_outcome", "told")

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.say(f"{SHOP_DOWN}绑定手机没有改动。", [PERSON])
        finish(reply)


def agrees(turn: Turn) -> bool:
    """A yes to the number that was shown, not to one on an older button."""
    shown = turn.entity("phone")
    if not turn.text:
        return turn.intent == "affirm" and shown == turn.text_slot("new_phone")
    return says_yes(turn, "开始", "验证", "换", "发送")


def asks_for_another(turn: Turn) -> bool:
    pressed = not turn.text and turn.entity("purpose") == ANOTHER
    return pressed or bool(_ANOTHER.search(turn.text))


class AskNewPhone(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_new_phone"

    def answer(self, turn: Turn, reply: Reply) -> None:
        ask(turn, reply, "请发一下要换成的新手机号。", [NEVER_MIND])


class AskPhoneConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_phone_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        phone = str(turn.slots["new_phone"])
        account = self.shop.account(turn.viewer)
        before = f"从 {account.phone_masked} " if account and account.phone_masked else ""
        text = (
            f"要把绑定手机{before}换成 {Address(ContactChannel.SMS, phone).masked}。"
            "我会先发验证码到原来的手机或邮箱，再发到新手机，两次都通过才生效。现在开始吗？"
        )
        buttons = [
            button("开始验证", "affirm", phone=phone),
            button("换个号码", "inform", purpose=ANOTHER),
        ]
        ask(turn, reply, text, [*buttons, NEVER_MIND])


class PhoneDone(KefuAction):
    action_name: ClassVar[str] = "action_phone_done"

    def answer(self, turn: Turn, reply: Reply) -> None:
        phone, agreed = turn.text_slot("new_phone"), turn.text_slot("phone_confirmed") == "yes"
        told = turn.text_slot("phone_outcome") is not None
        reply.remember_all({"new_phone": None, "phone_confirmed": None, "phone_outcome": None})
        if phone and agreed and not told and not turn.is_guest:
            request_code(reply, "change_phone", phone=phone)
