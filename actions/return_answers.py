"""Short answers to questions that come up while a return is filled in."""

from __future__ import annotations

import re

from actions.return_draft import ReturnDraft, item_of
from actions.return_reasons import is_question
from actions.turn import Turn
from kefu.shop import rules, wording
from kefu.shop.model import Order

# These have an answer of their own, with its buttons, outside the form.
_ANSWERED_ELSEWHERE = frozenset({"return_shipping", "exchange_request", "human_agent"})
_AMOUNT = re.compile(r"多少钱|退多少|金额|退给我多少")
_ANSWERS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"运费|邮费|快递费"),
        "寄回的运费由谁承担，以退货单上的说明为准，有疑问可以问人工客服。",
    ),
    (
        re.compile(r"换货|换[一个件双成]"),
        "换货目前由人工客服办理；您也可以继续退货，再重新下单。",
    ),
    (re.compile(r"寄到?哪|往哪寄|地址"), "寄回地址在申请通过后可以看到。"),
    (
        re.compile(r"多久|几天|什么时候|何时"),
        "提交后商家先审核，收到寄回的商品、检查通过后就会退款，进度随时可以问我。",
    ),
)


def answer_within(turn: Turn, draft: ReturnDraft, order: Order | None) -> str | None:
    """The answer to a question about the return being filled in, if there is one."""
    text = turn.text
    if not is_question(text) or turn.intent in _ANSWERED_ELSEWHERE:
        return None
    if _AMOUNT.search(text) and "运费" not in text:
        return _amount(draft, order)
    return next((answer for words, answer in _ANSWERS if words.search(text)), None)


def _amount(draft: ReturnDraft, order: Order | None) -> str:
    item = item_of(order, draft.item_id or "") if order else None
    if order is None or item is None:
        return "选好要退的商品后，我会把预计退款金额列给您核对。"
    amount = wording.yuan(rules.refund_amount(order, item.item_id))
    return f"「{item.name}」预计退款{amount}。"
