"""A guest proves to own an order: its number and the last four digits of the phone."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import SHOP_DOWN, KefuAction
from actions.choose import named_number, named_rma
from actions.forms import ask, gives_up, is_unread, lead_in, misunderstood
from actions.identity import WANTED, OrderService
from actions.reply import Reply, button
from actions.turn import PROOF_SLOT, Turn, proof_of
from kefu.shop import wording
from kefu.shop.gateway import ShopUnavailable

FORM = "guest_form"
VERIFIED = "verified"
TRIES_LEFT = "guest_tries_left"
NEVER_MIND = button("先不查了", "deny")
DEFAULT_SERVICE = "order_status"

WHERE_NUMBERS_STAND = (
    "订单号在「我的订单」、付款记录和下单后的短信里都能找到。实在找不到，可以登录后直接查，"
    "也可以请人工客服帮忙。\n"
)

_HALF_A_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[A-Za-z]{1,4}\d{1,11}|\d{5,10})(?![0-9A-Za-z])")
_NO_NUMBER = re.compile(
    r"(?:不记得|记不得|忘了|忘记|没有|找不到|不知道|没存|丢了).{0,4}(?:订?单号|编号)"
    r"|(?:订?单号|编号).{0,6}(?:不记得|忘|没有|找不到|不知道|在哪|哪里?看|哪找|是多少|是啥|是什么|怎么查)"
)
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{5}(\d{4})(?!\d)")
_TAIL = re.compile(r"(?<![0-9A-Za-z])(\d{4})(?![0-9A-Za-z年])")


class ValidateGuestForm(KefuAction):
    """Takes number and digits, in one message or two, and checks them as soon as both are there."""

    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(FORM):
            return
        if gives_up(turn):
            reply.say("好的，需要的时候随时叫我。")
            finish(reply)
            return
        number = named_number(turn)
        tail = phone_tail(turn)
        starting = turn.requested_slot is None
        if not starting and number is None and tail is None:
            if _NO_NUMBER.search(turn.text):
                lead_in(reply, WHERE_NUMBERS_STAND, person=True)
                return
            if _HALF_A_NUMBER.search(turn.text):
                lead_in(reply, "这个订单号好像不完整。", person=True)
                return
            if is_unread(turn) and not named_rma(turn) and misunderstood(turn, reply):
                reply.remember("guest_outcome", "told")
            return
        order_number = number or turn.text_slot("guest_order")
        if tail and order_number is None:
            lead_in(reply, "只有手机号还核对不了，还需要订单号。")
        reply.remember("guest_order", order_number)
        reply.remember("guest_phone_tail", None)
        reply.remember(TRIES_LEFT, None)
        if order_number and tail:
            self.check(turn, reply, order_number, tail)

    def check(self, turn: Turn, reply: Reply, order_number: str, tail: str) -> None:
        result = self.shop.check_guest(turn.claims.profile, order_number, tail, turn.ref)
        if result.order:
            number = result.order.order_number
            reply.remember("guest_order", number)
            reply.remember("guest_phone_tail", VERIFIED)
            reply.remember("guest_outcome", VERIFIED)
            reply.remember(PROOF_SLOT, proof_of(turn, number, self.services.key))
        elif result.blocked_until:
            when = wording.moment_text(result.blocked_until, turn.now)
            reply.offer_person(f"核对次数太多，为了保护订单信息，请在{when}之后再试。")
            finish(reply)
        else:
            reply.remember(TRIES_LEFT, result.tries_left)

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.apologise(SHOP_DOWN)
        finish(reply)


def phone_tail(turn: Turn) -> str | None:
    """The four digits, out of a whole phone number too."""
    found = _PHONE.search(turn.text) or _TAIL.search(turn.text)
    if found:
        return found.group(1)
    named = turn.entity("phone_tail") or turn.entity("phone")
    digits = re.sub(r"\D", "", named or "")
    return digits[-4:] if len(digits) in (4, 11) else None


def finish(reply: Reply) -> None:
    reply.remember("guest_outcome", "told")
    reply.remember("requested_slot", None)


class AskGuestOrder(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_guest_order"

    def answer(self, turn: Turn, reply: Reply) -> None:
        text = "您还没有登录。为了保护订单信息，请把订单号和收货手机号的后四位发给我。"
        ask(turn, reply, text, [NEVER_MIND])


class AskGuestPhoneTail(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_guest_phone_tail"

    def answer(self, turn: Turn, reply: Reply) -> None:
        left = turn.slots.get(TRIES_LEFT)
        if left is None:
            text = "好的，请再发一下收货手机号的后四位，核对后就能帮您查。"
        else:
            # The same for a number that does not exist and for digits that do not fit.
            text = f"订单号和手机号后四位对不上，请核对后再发给我，还可以试{left}次。"
        ask(turn, reply, text, [NEVER_MIND])


class GuestDone(KefuAction):
    """Has the desk keep the proved order, and gives at once what the guest came for."""

    action_name: ClassVar[str] = "action_guest_done"
    offered: ClassVar[dict[str, type[OrderService]]] = {}

    def answer(self, turn: Turn, reply: Reply) -> None:
        number = turn.text_slot("guest_order")
        proved = turn.text_slot("guest_outcome") == VERIFIED
        clear_form(reply)
        if not proved or number not in turn.viewer.verified_orders:
            return
        reply.command("verify_order", order_number=number)
        wanted = turn.text_slot(WANTED) or DEFAULT_SERVICE
        service = self.offered.get(wanted, self.offered[DEFAULT_SERVICE])(self.services)
        service.serve(turn.wants(wanted, order_number=number), reply)


def clear_form(reply: Reply) -> None:
    """Forget what was entered. The proof itself stays: it is worthless after this turn."""
    for slot in ("guest_order", "guest_phone_tail", "guest_outcome", TRIES_LEFT, WANTED):
        reply.remember(slot, None)
