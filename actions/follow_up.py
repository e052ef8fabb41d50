"""Scraps that only the talk before them gives a meaning: 「再催一下」, 「还要多久」, 「怎么办」."""

from __future__ import annotations

import re

from actions.ticket_progress import asks_bare_progress
from actions.turn import Turn

LOOK_BACK = 3
"""So many messages before this one may be what it goes on about."""

_UNREAD = frozenset({"nlu_fallback", "", "inform", "out_of_scope", "urge_reply"})
_PARCELS = frozenset({"track_logistics", "delivery_problem"})
_GOES_ON = frozenset(
    {
        *_PARCELS, "refund_progress", "order_status", "urge_shipping", "invoice",
        "install_service", "payment_failure", "payment_charged", "return_shipping",
    }
)  # fmt: skip

_FILLERS = (
    r"(?:那|就|你们?|您|快|再|还|又|赶紧|麻烦|帮我?|给我?"
    r"|请|继续|多|都|到底|大概|一般|我|要|得|现在)*"
)
_END = r"[了吧啊呀呢呗嘛吗哈。.!！?？~ ]*$"
_PRESSES = re.compile(
    rf"^(?:[两二三四五几]个?[家个笔单]|全部?|所有的?)?{_FILLERS}催+(?:催|促|一?下|一催)*{_END}"
)
_HOW_LONG = re.compile(
    rf"^{_FILLERS}(?:需要?|等)*(?:多久|几天|多长时间|什么时候|啥时候?|何时)"
    rf"(?:才|能|会|可以|就)*(?:到账?|好|完|下来|收到|送到|处理完?|解决|退)?{_END}"
)
_WHAT_NOW = re.compile(
    rf"^{_FILLERS}(?:怎么办|咋办|咋整|怎么弄|咋弄|怎么整|然后呢|接下来呢)(?:才好)?{_END}"
)
_SLOW = re.compile(
    rf"^{_FILLERS}(?:为[啥什]么?|怎么|咋)(?:这么|那么|还|要)*(?:慢|久|没到|不到|没好){_END}"
)
_SENT_YET = re.compile(
    r"发货?了(?:吗|没|么|不)|发没发货"
    r"|(?:还没有?|怎么不|怎么没|咋不|咋没|为[啥什]么?[不没]|迟迟不|一直不|没)发货"
    r"|没发货.{0,2}(?:为[啥什]么?|咋|怎么)"
)
_QUITS = re.compile(
    r"^(?:那|我|就|算了|还是|直接|给我|快|赶紧|，|,|。| )*"
    r"(?:不等了|退钱|退款|不要了|不想要了|不买了|取消)"
    r"(?:退钱|退款|不要了|不等了|取消|订单|吧|，|,| )*[了啊呀。.!！~ ]*$"
)
_PAYS_AGAIN = re.compile(
    r"(?:再|重新|重复|又)(?:付|支付|交|转).{0,4}(?:一次|一遍|行|可以|吗|么|不)"
)
_VISIT = re.compile(
    r"(?:取消|撤销|不用|改|换|推迟|提前).{0,4}(?:上门)?安装|安装.{0,6}(?:取消|改|推迟|提前|不要了)"
)
_MOVES = re.compile(r"改(?:到|成|约|期|个|一?下)|换(?:到|成|个)|推迟|提前|晚[一几]?点|早[一几]?点")
_MISTAKEN_FOR_VISITS = _UNREAD | {"delivery_schedule", "change_order", "cancel_order"}
_NOT_THE_SHOP = re.compile(r"票|退|换|装|账号|补发")


def follow_up(turn: Turn) -> str | None:
    """The intent that such words stand for here; ``None``: they are none of the kind."""
    text = turn.text
    if turn.active_form or not text:
        return None
    if turn.intent in _MISTAKEN_FOR_VISITS and _speaks_of_a_visit(turn):
        return "install_service"
    if _QUITS.match(text) and any("/cancel_order" in each for each in turn.buttons_before()):
        return "cancel_order" if turn.intent != "cancel_order" else None
    if _PRESSES.match(text):
        return _pressed_for(turn)
    return _read_at_last(turn) if turn.intent in _UNREAD else None


def _read_at_last(turn: Turn) -> str | None:
    """What the classifier could make nothing of."""
    text = turn.text
    if turn.tickets and asks_bare_progress(text):
        return "refund_progress"
    if _HOW_LONG.match(text) or _WHAT_NOW.match(text) or _SLOW.match(text):
        return _talked_about(turn)
    if _PAYS_AGAIN.search(text):
        return "payment_failure"
    sent = _SENT_YET.search(text) and not _NOT_THE_SHOP.search(text)
    return "urge_shipping" if sent else None


def _pressed_for(turn: Turn) -> str | None:
    """Whether the courier or the seller is to hurry."""
    if _talked_about(turn) in _PARCELS:
        return "delivery_problem"
    return "urge_shipping" if turn.intent in _UNREAD else None


def _speaks_of_a_visit(turn: Turn) -> bool:
    """「取消安装」, or 「改到后天」 where a visit was talked about last."""
    moves = _MOVES.search(turn.text) and _talked_about(turn) == "install_service"
    return bool(_VISIT.search(turn.text) or moves)


def _talked_about(turn: Turn) -> str | None:
    before = list(turn.previous_intents())[:LOOK_BACK]
    return next((intent for intent in before if intent in _GOES_ON), None)
