"""What the shop allows, as pure functions, each with a sentence that may be shown to a shopper.

Days are Beijing days. A period of N days begins with the day after signing and ends with the last
moment of its N-th day: what was signed on 1 November at 10:00 can be returned up to and including
8 November 23:59:59.999999 Beijing time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from kefu.shop.charge_rules import charge_finding
from kefu.shop.model import Order, OrderState, RefundState, ReturnReason, Verdict
from kefu.shop.money import Charge

BEIJING = ZoneInfo("Asia/Shanghai")


class Category(StrEnum):
    """Kinds of goods that a rule or a shelf knows. Others are treated as ordinary goods."""

    CLOTHING = "clothing"
    SHOES = "shoes"
    ELECTRONICS = "electronics"
    HOME = "home"
    APPLIANCES = "appliances"
    FURNITURE = "furniture"
    SNACKS = "snacks"
    BOOKS = "books"
    COSMETICS = "cosmetics"
    FRESH_FOOD = "fresh_food"
    UNDERWEAR = "underwear"
    CUSTOMISED = "customised"
    VIRTUAL = "virtual"
    PERIODICALS = "periodicals"


QUALITY_REASONS = frozenset(
    {
        ReturnReason.NOT_AS_DESCRIBED,
        ReturnReason.DAMAGED,
        ReturnReason.WRONG_ITEM,
        ReturnReason.MISSING_PARTS,
    }
)
_REFUND_BY_STATE = {
    OrderState.UNPAID: Verdict(False, "not_paid", "这笔订单还没有付款成功，不需要退款。"),
    OrderState.PAID: Verdict(True, sentence="订单还没有发货，可以申请退款，货款将原路退回。"),
    OrderState.SHIPPED: Verdict(
        False,
        "already_shipped",
        "订单已经发货，您可以在派送时拒收，包裹退回后会自动退款；也可以签收后申请退货。",
    ),
    OrderState.SIGNED: Verdict(
        False, "return_needed", "订单已经签收，需要先申请退货，商家收到退货后为您退款。"
    ),
    OrderState.COMPLETED: Verdict(
        False, "return_needed", "订单已经完成，需要先申请退货，商家收到退货后为您退款。"
    ),
    OrderState.CANCELLED: Verdict(False, "order_closed", "这笔订单已经取消，没有可退的款项。"),
    OrderState.CLOSED: Verdict(False, "order_closed", "这笔订单已经关闭，没有可退的款项。"),
}


def end_of_period(signed_at: datetime, days: int) -> datetime:
    """The first moment that is too late, aware UTC."""
    last_day = signed_at.astimezone(BEIJING).date() + timedelta(days=days)
    return datetime.combine(last_day + timedelta(days=1), time(), BEIJING).astimezone(UTC)


def refund_verdict(order: Order) -> Verdict:
    """Whether money may be given back without goods being sent back first."""
    if any(
        each.state in (RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT_TO_BANK)
        for each in order.refunds
    ):
        return Verdict(False, "refund_open", "这笔订单已经有退款在处理中，请您耐心等待到账。")
    charge = charge_finding(order).charge
    if charge is Charge.DUPLICATE:
        return Verdict(True, "paid_twice", "这笔订单重复支付了，多付的金额可以原路退回。")
    if charge is Charge.NOT_BOOKED and order.state is OrderState.CANCELLED:
        return Verdict(True, "paid_late", "订单取消后又收到了付款，这笔钱可以原路退回。")
    return _REFUND_BY_STATE[order.state]


def refund_amount(order: Order, item_id: str) -> int:
    """What is paid back for the item, in fen: its price less its share of the order's discount.

    Freight stays out. Raises ``KeyError`` if the order has no such item.
    """
    lines = [item.unit_price * item.quantity for item in order.items]
    paid = paid_for_lines(lines, order.discount)
    return dict(zip((item.item_id for item in order.items), paid, strict=True))[item_id]


def paid_for_lines(lines: Sequence[int], discount: int) -> list[int]:
    """Each line's price less its share of ``discount`` (fen); the shares add up exactly."""
    goods = sum(lines) or 1
    paid: list[int] = []
    before = 0
    for line in lines:
        share = discount * (before + line) // goods - discount * before // goods
        paid.append(line - share)
        before += line
    return paid
