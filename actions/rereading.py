"""What a message means that reads like something else to the classifier.

A yes that repeats a verb (「发吧」), a parcel that was sent back (「换货的鞋寄走了 圆通…」), an
address that an order shall go to, 「这个到哪一步了」 in a chat that was opened from a case, and
scraps that go on about what was talked about.
"""

from __future__ import annotations

import re

from actions.agreeing import accepts_offer
from actions.base import Services
from actions.choose import current_number, named_number
from actions.couriers import told_number
from actions.follow_up import follow_up
from actions.recipient_words import tells_new_address
from actions.return_cases import ON_THE_WAY, context_rma, returns_in
from actions.return_reasons import is_question
from actions.ticket_progress import context_ticket
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway

_SENT = re.compile(r"寄(?:出|回|走|了|去|好)|已寄|(?:退|发|送)(?:回|走|出)去?了")
_HOW_FAR = re.compile(
    r"哪一?步|进度|进展|怎么?样了|[啥什]么?情况|到哪了?[呀啊呢?。]*$|处理|结果|好了没|完了没|多久|什么时候"
)
_UNSURE = frozenset(
    {
        "inform", "nlu_fallback", "", "order_status", "track_logistics",
        "delivery_problem", "delivery_schedule", "urge_shipping",
    }
)  # fmt: skip
_ELSEWHERE = re.compile(r"票|退|装|账号")
_ABOUT_ORDERS = re.compile(r"快递|物流|包裹|发货|订单")


def reread(services: Services, turn: Turn) -> str | None:
    """The intent that the words mean after all, if they are such words."""
    if turn.settled or not turn.text:
        return None
    if turn.intent != "affirm" and accepts_offer(turn):
        return "affirm"
    if tells_sent(services, turn):
        return "return_shipping"
    if turn.intent in _UNSURE and tells_new_address(turn.text) and not _ELSEWHERE.search(turn.text):
        return "change_order"
    meant = case_asked_about(services.shop, turn) or follow_up(turn)
    off = services.profiles[turn.claims.profile].services_off
    return None if meant in off else meant


def tells_sent(services: Services, turn: Turn) -> bool:
    """Whether goods that may go back have been sent, with the parcel's number."""
    if not _SENT.search(turn.text) or is_question(turn.text):
        return False
    number = told_number(turn, services.profiles[turn.claims.profile])
    return bool(number and returns_in(services.shop, turn, lambda each: each.state in ON_THE_WAY))


def case_asked_about(shop: ShopGateway, turn: Turn) -> str | None:
    """How far the case is that the chat was opened from, unless an order was talked about since."""
    rma, ticket = context_rma(turn), context_ticket(turn)
    if turn.active_form or not (rma or ticket):
        return None
    if not _HOW_FAR.search(turn.text) or _ABOUT_ORDERS.search(turn.text):
        return None
    if named_number(turn) or turn.entity("tracking_number"):
        return None
    case = shop.return_by_number(turn.viewer, rma.upper()) if rma else None
    if case and current_number(turn) not in (None, case.order_number):
        return None
    return "refund_progress" if rma else "ticket_progress"
