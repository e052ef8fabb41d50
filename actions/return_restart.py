"""「不是这个订单」, 「选错商品了」: an after-sale application with another order or item."""

from __future__ import annotations

import re

from actions.remedies import Remedy
from actions.return_draft import Eligibility, ReturnDraft
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import ReturnReason

_OTHER_ORDER = re.compile(
    r"(?:不是|不对|选错|弄错|搞错|错了).{0,4}(?:这|那|该)?[个笔张]?(?:订单|单子?)"
    r"|换[个一]?[个笔张]?(?:订单|单子)|(?:别|其他|其它|另)的?一?[个笔张]?(?:订单|单子)"
)
_OTHER_ITEM = re.compile(
    r"(?:不是|不对|选错|弄错|搞错|错了).{0,4}(?:这|那|该)?[个件双条台]?(?:商品|东西|[个件双条台])"
    r"|换[个一][个件]?商品"
)


def rejects_order(turn: Turn) -> bool:
    return bool(_OTHER_ORDER.search(turn.text))


def rejects_item(turn: Turn) -> bool:
    return bool(_OTHER_ITEM.search(turn.text))


def restarted(shop: ShopGateway, turn: Turn, draft: ReturnDraft) -> ReturnDraft | None:
    """The draft without what was rejected; the only other choice is taken at once.

    ``None``: nothing was rejected. A claim keeps what is wrong, whatever it is wrong with.
    """
    eligibility = Eligibility(shop, turn, draft.remedy)
    if rejects_order(turn) and draft.order_number:
        others = [each.order_number for each in eligibility.orders()]
        left = [number for number in others if number != draft.order_number]
        return _fresh(draft, left[0] if len(left) == 1 else None)
    order = shop.order(turn.viewer, draft.order_number or "")
    if rejects_item(turn) and draft.item_id and order:
        items = [each.item_id for each in eligibility.items(order)]
        left = [item_id for item_id in items if item_id != draft.item_id]
        return _fresh(draft, draft.order_number, left[0] if len(left) == 1 else None)
    return None


def _fresh(draft: ReturnDraft, number: str | None, item_id: str | None = None) -> ReturnDraft:
    reason, note = draft.reason, draft.note
    if draft.remedy is Remedy.REPAIR:
        reason, note = ReturnReason.DAMAGED, None
    elif draft.remedy is not None:
        reason = note = None
    return ReturnDraft(number, item_id, reason, draft.remedy, note=note)
