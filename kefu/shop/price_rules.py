"""Price protection: what is given back when goods become cheaper after they were bought. Pure."""

from __future__ import annotations

from datetime import datetime

from kefu.shop.model import (
    Order,
    OrderItem,
    OrderState,
    PaymentState,
    ReturnKind,
    ReturnState,
    Verdict,
)
from kefu.shop.money import PriceClaim
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import end_of_period, refund_amount
from kefu.shop.wording import yuan

_GONE = frozenset({ReturnState.REJECTED, ReturnState.CLOSED})
_NO_ORDER = {
    OrderState.UNPAID: Verdict(False, "not_paid", "这笔订单还没有付款，付款时就按最新价格结算。"),
    OrderState.CANCELLED: Verdict(False, "order_closed", "这笔订单已经取消，不能申请价格保护。"),
    OrderState.CLOSED: Verdict(False, "order_closed", "这笔订单已经关闭，不能申请价格保护。"),
}


def price_claim(
    order: Order,
    item_id: str,
    current_each: int | None,
    now: datetime,
    *,
    claimed: bool = False,
    policy: ShopPolicy | None = None,
) -> PriceClaim | None:
    """What price protection gives for the item now; ``None`` if the order has no such item.

    ``current_each`` is the catalogue's price (``None``: no longer sold), without coupons.
    ``claimed``: it has been given before. Per piece, what was paid is rounded down.
    """
    item = next((each for each in order.items if each.item_id == item_id), None)
    if item is None:
        return None
    days = (policy or ShopPolicy()).price_protection_days
    paid_each = refund_amount(order, item_id) // item.quantity
    paid_at = paid_moment(order)
    deadline = end_of_period(paid_at, days) if paid_at and days > 0 else None
    refused = (
        _order_verdict(order, item_id, claimed)
        or _period_verdict(deadline, now, days)
        or _price_verdict(paid_each, current_each)
    )
    gap = 0 if current_each is None else max(0, paid_each - current_each)
    return PriceClaim(
        order_number=order.order_number,
        item_id=item_id,
        item_name=item.name,
        quantity=item.quantity,
        paid_each=paid_each,
        current_each=current_each,
        difference=0 if refused else gap * item.quantity,
        deadline=deadline,
        verdict=refused or Verdict(True, sentence=_sum(item, paid_each, current_each or 0)),
    )


def paid_moment(order: Order) -> datetime | None:
    """When the order was paid: as booked, else when its first payment succeeded."""
    finished = [
        each.finished_at or each.created_at
        for each in order.payments
        if each.state is PaymentState.SUCCEEDED
    ]
    return order.paid_at or min(finished, default=None)


def _order_verdict(order: Order, item_id: str, claimed: bool) -> Verdict | None:
    if claimed:
        return Verdict(
            False, "already_claimed", "这件商品已经退过一次差价，每件商品只能申请一次价格保护。"
        )
    returned = any(
        each.item_id == item_id and each.kind is ReturnKind.RETURN and each.state not in _GONE
        for each in order.returns
    )
    if returned:
        return Verdict(
            False, "item_returned", "这件商品已经申请退货，货款会随退货退回，不能再申请价格保护。"
        )
    return _NO_ORDER.get(order.state)


def _period_verdict(deadline: datetime | None, now: datetime, days: int) -> Verdict | None:
    if days <= 0:
        return Verdict(False, "not_offered", "本店暂不提供价格保护服务。")
    if deadline is None:
        return Verdict(False, "no_payment", "没有查到这笔订单的付款记录，可为您转接人工客服核实。")
    if now >= deadline:
        return Verdict(
            False, "price_claim_expired", f"价格保护期是付款后{days}天，这笔订单已经超过期限。"
        )
    return None


def _price_verdict(paid_each: int, current_each: int | None) -> Verdict | None:
    if current_each is None:
        return Verdict(
            False,
            "no_price",
            "这件商品目前没有在售价格，无法比较。如有疑问，可为您转接人工客服。",
        )
    if current_each >= paid_each:
        return Verdict(
            False,
            "price_not_lower",
            f"您实付每件{yuan(paid_each)}，现在的售价是每件{yuan(current_each)}，"
            "没有比您买的时候便宜，所以没有差价可退。",
        )
    return None


def _sum(item: OrderItem, paid_each: int, current_each: int) -> str:
    """The computation, as it may be shown."""
    gap = (paid_each - current_each) * item.quantity
    share = item.unit_price - paid_each
    how = f"（标价{yuan(item.unit_price)}，减去分摊的订单优惠{yuan(share)}）" if share else ""
    return (
        f"您实付每件{yuan(paid_each)}{how}，现在的售价是每件{yuan(current_each)}（不含优惠券）。"
        f"差价：（{yuan(paid_each)} − {yuan(current_each)}）× {item.quantity}件 = {yuan(gap)}，"
        "可以原路退给您。"
    )
