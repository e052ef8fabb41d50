"""Short answers to questions that come up while an after-sale application is filled in."""

from __future__ import annotations

import re
from collections.abc import Callable

from actions.base import Services
from actions.refund_words import channel_of, way_back
from actions.remedies import Remedy, word_of
from actions.return_draft import ReturnDraft, item_of
from actions.return_reasons import is_question
from actions.turn import Turn
from kefu.shop import freight_rules, rules, wording
from kefu.shop.model import Order

# These have an answer of their own, with its buttons, outside the form.
_ANSWERED_ELSEWHERE = frozenset({"return_shipping", "human_agent"})
_AMOUNT = re.compile(r"多少钱|退多少|金额|退给我多少")
_FREIGHT = re.compile(r"运费|邮费|快递费")
_PICTURES = re.compile(r"照片|图片|拍照|截图|视频|凭证|发图")
_ADDRESS = re.compile(r"寄到?哪|往哪寄|地址")
_COST = re.compile(r"收费|要钱|花钱|多少钱|免费|费用")
REPAIR_COST = "保修期内维修免费；人为损坏等要收费的，会先报价，您同意之后才会修。"
_DURATION = re.compile(r"多久|几天|什么时候|何时|多长时间")
_ARRIVAL = re.compile(r"到账|退款|退钱|[退返]回|收到钱|拿到钱|钱.{0,6}[退到]")
_PAYS_BACK = (Remedy.RETURN, Remedy.PARTIAL, None)
_NEXT = {
    Remedy.RETURN: "收到寄回的商品、检查通过后就会退款",
    Remedy.EXCHANGE: "收到寄回的商品、检查通过后就把新的寄给您",
    Remedy.REPAIR: "收到寄回的商品、修好后再寄还给您",
}


def answer_within(
    services: Services, turn: Turn, draft: ReturnDraft, order: Order | None
) -> str | None:
    """The answer to a question about the application being filled in, if there is one."""
    text = turn.text
    if not is_question(text) or turn.intent in _ANSWERED_ELSEWHERE:
        return None
    if draft.remedy is Remedy.REPAIR and _COST.search(text) and not _FREIGHT.search(text):
        return REPAIR_COST
    answers: tuple[tuple[re.Pattern[str], Callable[[], str | None]], ...] = (
        (_FREIGHT, lambda: _freight(services, turn, draft, order)),
        (_AMOUNT, lambda: _amount(draft, order)),
        (_PICTURES, lambda: pictures(services, turn)),
        (_ADDRESS, lambda: "寄回地址在申请通过后可以看到。"),
        (_DURATION, lambda: _when(services, turn, draft, order)),
    )
    return next((answer() for asked, answer in answers if asked.search(text)), None)


def pictures(services: Services, turn: Turn) -> str:
    """Where pictures can be sent."""
    link = services.profiles[turn.claims.profile].links.get("return")
    page = f"售后页（{link}）" if link else "订单的售后页"
    return f"照片直接发在这里就可以，会作为凭证一起提交；之后也可以在{page}补充。请保留好原图。"


def _freight(services: Services, turn: Turn, draft: ReturnDraft, order: Order | None) -> str:
    if order is None or draft.reason is None:
        return "商品有问题的，寄回运费由商家承担；个人原因的由您承担，有运费险的按规则赔付。"
    policy = services.profiles[turn.claims.profile].policies
    kind = (draft.remedy or Remedy.RETURN).kind
    if kind is None:
        return "这种处理方式不需要寄回商品，没有运费。"
    return freight_rules.freight_sentence(
        freight_rules.freight_payer(order, draft.reason, kind, policy)
    )


def _amount(draft: ReturnDraft, order: Order | None) -> str:
    item = item_of(order, draft.item_id or "") if order else None
    if draft.remedy is Remedy.EXCHANGE:
        return "换货不涉及退款；想要的规格价格不同的，建议退货后重新下单。"
    if draft.remedy is Remedy.REPAIR:
        return "保修期内维修免费，要收费的会先报价，您同意后才动手。"
    if draft.remedy is Remedy.RESEND:
        return "补发不涉及退款，也不收费。"
    if order is None or item is None:
        return "选好要退的商品后，我会把预计退款金额列给您核对。"
    amount = wording.yuan(rules.refund_amount(order, item.item_id))
    if draft.remedy is Remedy.PARTIAL:
        return f"「{item.name}」实付{amount}，退多少由专员核实后和您商定。"
    return f"「{item.name}」预计退款{amount}。"


def _when(services: Services, turn: Turn, draft: ReturnDraft, order: Order | None) -> str | None:
    if _ARRIVAL.search(turn.text) and draft.remedy in _PAYS_BACK:
        return _arrival(services, turn, order)
    return _duration(draft)


def _arrival(services: Services, turn: Turn, order: Order | None) -> str:
    """When the money is there, by the way the order was paid; before it is chosen, by all ways."""
    channel = channel_of(order) if order else None
    if channel:
        return f"收到寄回的商品、检查通过后，货款{way_back(services, turn, channel)}。"
    usual = services.profiles[turn.claims.profile].policies.refund_days
    ways = "；".join(f"{wording.payment_method_text(way)}{days}" for way, days in usual.items())
    listed = f"到账时间看付款方式：{ways}。" if ways else "到账时间看付款方式。"
    return f"检查通过后货款原路退回，{listed}"


def _duration(draft: ReturnDraft) -> str:
    step = _NEXT.get(draft.remedy or Remedy.PARTIAL)
    if step is None:
        return f"{word_of(draft.remedy)}提交后由专员核实，登记时会告诉您答复的时限。"
    return f"提交后商家先审核，{step}，进度随时可以问我。"
