"""Trouble with the app or the page itself: reported to the technical team."""

from __future__ import annotations

import re
from typing import Any

from actions.matters import MATTERS, PENDING
from actions.reply import Button, Reply, button
from actions.ticket_draft import draft_of, start_ticket
from actions.tickets import asked_before, offer_ticket, said_before
from actions.turn import Turn

_READ_FROM = frozenset(
    {"payment_failure", "login_register", "feedback", "complaint", "nlu_fallback", "inform", ""}
)
_OWN_WORDS = re.compile(
    r"闪退|白屏|\bbug\b|程序崩溃|系统(错误|异常|出错)|服务器(错误|异常|出错)|错误(代?码|编号)"
    r"|(app|应用|软件|客户端|网页|网站|页面|小程序|系统).{0,6}(打不开|报错|卡死|卡住|崩|黑屏|没反应|加载不|出错)"
    r"|技术问题",
    re.IGNORECASE,
)
# A payment that fails has a record, which says more than any report.
_PAYING = re.compile(r"付款|支付|付不了|绑卡|银行卡|扣款")


def technical_button(order_number: str | None = None) -> Button:
    """The way to the technical team, with the order whose payment has no explanation."""
    more: dict[str, Any] = {"order_number": order_number} if order_number else {}
    return button(MATTERS["technical"].submit, "open_ticket", ticket="technical", **more)


def is_technical(turn: Turn) -> bool:
    """Whether the words tell of trouble with the app or the page, and not with a payment."""
    return bool(_OWN_WORDS.search(turn.text)) and not _PAYING.search(turn.text)


def offer_technical(turn: Turn, reply: Reply) -> bool:
    """Offer to report what the words tell, if it is trouble with the app itself."""
    if turn.intent not in _READ_FROM or not is_technical(turn):
        return False
    if asked_before(turn) == "technical":
        meant = MATTERS["technical"]
        reply.remember(PENDING, None)
        # More about it is no yes yet: the summary is still confirmed.
        told = f"{said_before(turn, meant)}\n{turn.own_words}"
        start_ticket(turn, reply, draft_of(meant, told))
    else:
        offer_ticket(turn, reply, MATTERS["technical"])
    return True
