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

from kefu.shop.model import (
    Order,
    OrderItem,
    OrderState,
    PaymentState,
    RefundState,
    Return,
    ReturnReason,
    ReturnState,
    Verdict,
)

BEIJING = ZoneInfo("Asia/Shanghai")
RETURN_DAYS = 7
EXCHANGE_DAYS = 15
FRESH_CLAIM = timedelta(hours=48)


class Category(StrEnum):
    """Kinds of goods that a rule or a shelf knows. Others are treated as ordinary goods."""

    CLOTHING = "clothing"
    SHOES = "shoes"
    ELECTRONICS = "electronics"
    HOME = "home"
    SNACKS = "snacks"
    BOOKS = "books"
    COSMETICS = "cosmetics"
    FRESH_FOOD = "fresh_food"
    UNDERWEAR = "underwear"
    CUSTOMISED = "customised"
    VIRTUAL = "virtual"
    PERIODICALS = "periodicals"


class Change(StrEnum):
    """What a shopper may want to change in an order."""

    ADDRESS = "address"
    RECIPIENT = "recipient"
    NOTE = "note"


QUALITY_REASONS = frozenset(
    {
        ReturnReason.NOT_AS_DESCRIBED,
        ReturnReason.DAMAGED,
        ReturnReason.WRONG_ITEM,
        ReturnReason.MISSING_PARTS,
    }
)
STANDING_RETURNS = frozenset(
    {
        ReturnState.REQUESTED,
        ReturnState.APPROVED,
        ReturnState.SHIPPED_BACK,
        ReturnState.INSPECTING,
    }
)
_UNDELIVERED = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED})
_ENDED = frozenset({OrderState.CANCELLED, OrderState.CLOSED})
_NO_RETURN: dict[str, str] = {
    Category.FRESH_FOOD: "生鲜食品",
    Category.UNDERWEAR: "贴身内衣",
    Category.CUSTOMISED: "定制商品",
    Category.VIRTUAL: "虚拟商品",
    Category.PERIODICALS: "已交付的报纸期刊",
}
_ONLY_UNOPENED: dict[str, str] = {
    Category.COSMETICS: "美妆商品须未拆封、不影响二次销售",
    Category.SNACKS: "食品须未拆封且在保质期内",
}
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


def cancel_verdict(order: Order) -> Verdict:
    """Whether the whole order may be cancelled."""
    match order.state:
        case OrderState.UNPAID:
            return Verdict(True, sentence="订单还没有付款，可以直接取消。")
        case OrderState.PAID:
            return Verdict(True, sentence="订单还没有发货，可以取消，货款将原路退回。")
        case OrderState.SHIPPED:
            return Verdict(
                False,
                "already_shipped",
                "订单已经发货，不能直接取消。您可以在快递派送时拒收，或签收后申请退货。",
            )
        case OrderState.SIGNED | OrderState.COMPLETED:
            return Verdict(
                False, "already_signed", "订单已经签收，不能取消。如需退货，您可以申请退货退款。"
            )
        case OrderState.CANCELLED:
            return Verdict(False, "already_cancelled", "这笔订单已经取消了，无需重复操作。")
        case OrderState.CLOSED:
            return Verdict(False, "order_closed", "这笔订单已经关闭，无需取消。")


def change_verdict(order: Order, change: Change) -> Verdict:
    """Whether address, recipient or note may still be changed."""
    if order.state in _ENDED:
        return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不能再修改。")
    if order.state in (OrderState.UNPAID, OrderState.PAID):
        return Verdict(True, sentence="订单还没有发货，可以修改。")
    if order.state is OrderState.SHIPPED and change is not Change.NOTE:
        return Verdict(
            False,
            "already_shipped",
            "包裹已经发出，不能直接修改收货信息。您可以联系快递员改派，或由人工客服为您尝试拦截。",
        )
    return Verdict(False, "already_shipped", "订单已经发货，不能再修改了。")


def return_verdict(
    order: Order, item_id: str, now: datetime, reason: ReturnReason | None = None
) -> Verdict:
    """Whether the item may be returned for ``reason`` (``None``: without naming any).

    An allowing verdict may carry a condition in its sentence. Goods that cannot be sent back at
    will (``category_excluded``) can still be when the shop is at fault, so ask for the reason then.
    """
    item = next((each for each in order.items if each.item_id == item_id), None)
    if item is None:
        return Verdict(False, "item_not_found", "没有在这笔订单里找到这件商品，请您重新选择。")
    standing = _standing_return(order, item_id)
    if standing is not None:
        return standing
    if order.state in _ENDED:
        return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不需要退货。")
    if order.state in _UNDELIVERED or order.signed_at is None:
        return Verdict(
            False,
            "not_signed",
            "这笔订单还没有签收，暂时不能申请退货。未发货可以申请取消，已发货可以在派送时拒收。",
        )
    return _signed_item_verdict(item, order.signed_at, now, reason)


def _standing_return(order: Order, item_id: str) -> Verdict | None:
    returns: list[Return] = [each for each in order.returns if each.item_id == item_id]
    for each in returns:
        if each.state in STANDING_RETURNS:
            return Verdict(
                False,
                "return_open",
                f"这件商品已经有一个进行中的退货申请（{each.rma_number}），无需重复申请。",
            )
    if any(each.state is ReturnState.REFUNDED for each in returns):
        return Verdict(False, "already_returned", "这件商品已经退货并退款，不能再次申请。")
    return None


def _signed_item_verdict(
    item: OrderItem, signed_at: datetime, now: datetime, reason: ReturnReason | None
) -> Verdict:
    at_fault = reason in QUALITY_REASONS
    excluded = _category_verdict(item, signed_at, now, at_fault)
    if excluded is not None:
        return excluded
    if now < end_of_period(signed_at, RETURN_DAYS):
        condition = _ONLY_UNOPENED.get(item.category)
        if condition and not at_fault:
            return Verdict(True, "ok_unopened", f"可以申请退货，{condition}。")
        return Verdict(True, sentence="可以申请退货。")
    if at_fault and now < end_of_period(signed_at, EXCHANGE_DAYS):
        return Verdict(
            False,
            "exchange_only",
            "签收已超过7天，不能退货；因为是商品本身的问题，签收15天内可以换货，"
            "可为您转接人工客服办理。",
        )
    return Verdict(
        False,
        "return_expired",
        "签收已超过7天，过了退货期限。如有质量问题，可为您转接人工客服。",
    )


def _category_verdict(
    item: OrderItem, signed_at: datetime, now: datetime, at_fault: bool
) -> Verdict | None:
    if item.category == Category.VIRTUAL:
        return Verdict(
            False,
            "category_excluded",
            "虚拟商品交付后不支持退货。如无法使用，可为您转接人工客服。",
        )
    kind = _NO_RETURN.get(item.category)
    if kind and not at_fault:
        return Verdict(
            False,
            "category_excluded",
            f"{kind}不支持七天无理由退货。如果是质量问题或发错货，请告诉我，为您优先处理。",
        )
    if item.category == Category.FRESH_FOOD and now - signed_at > FRESH_CLAIM:
        return Verdict(
            False,
            "fresh_claim_expired",
            "生鲜商品的质量问题需要在签收后48小时内反馈，现在已经超过时间。"
            "可为您转接人工客服核实。",
        )
    return None


def exchange_verdict(order: Order, item_id: str, now: datetime, reason: ReturnReason) -> Verdict:
    """Whether the item may be exchanged: 15 days for faults, as long as a return otherwise."""
    verdict = return_verdict(order, item_id, now, reason)
    if verdict.allowed or verdict.code == "exchange_only":
        return Verdict(True, sentence="可以申请换货。")
    return verdict


def refund_verdict(order: Order) -> Verdict:
    """Whether money may be given back without goods being sent back first."""
    if any(
        each.state in (RefundState.REQUESTED, RefundState.APPROVED, RefundState.SENT_TO_BANK)
        for each in order.refunds
    ):
        return Verdict(False, "refund_open", "这笔订单已经有退款在处理中，请您耐心等待到账。")
    if is_paid_twice(order):
        return Verdict(True, "paid_twice", "这笔订单重复支付了，多付的金额可以原路退回。")
    return _REFUND_BY_STATE[order.state]


def is_paid_twice(order: Order) -> bool:
    """Whether more has been paid than the order costs, and not yet given back."""
    paid = sum(each.amount for each in order.payments if each.state is PaymentState.SUCCEEDED)
    back = sum(each.amount for each in order.refunds if each.state is not RefundState.FAILED)
    return order.state is not OrderState.UNPAID and paid - back > order.total


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
