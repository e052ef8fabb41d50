"""Whether goods may be sent back: to be returned, exchanged or repaired. Pure, as ``rules``."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from kefu.shop.model import (
    Order,
    OrderItem,
    OrderState,
    Return,
    ReturnKind,
    ReturnReason,
    ReturnState,
    Verdict,
)
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import BEIJING, QUALITY_REASONS, Category, end_of_period

STANDING_RETURNS = frozenset(
    {
        ReturnState.REQUESTED,
        ReturnState.APPROVED,
        ReturnState.SHIPPED_BACK,
        ReturnState.INSPECTING,
    }
)
FAULT_MAY_HELP = frozenset({"category_excluded", "fault_only"})
"""Codes of a refusal at will that a fault of the goods would turn into a yes."""

_DEFAULT = ShopPolicy()
_WORDS = {ReturnKind.RETURN: "退货", ReturnKind.EXCHANGE: "换货", ReturnKind.REPAIR: "维修"}
_ENDED = frozenset({OrderState.CANCELLED, OrderState.CLOSED})
_UNDELIVERED = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED})
_NO_FAULT = frozenset({ReturnReason.NO_REASON, ReturnReason.WRONG_SIZE})
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


def return_verdict(
    order: Order,
    item_id: str,
    now: datetime,
    reason: ReturnReason | None = None,
    policy: ShopPolicy = _DEFAULT,
) -> Verdict:
    """Whether the item may be returned for ``reason`` (``None``: without naming any).

    An allowing verdict may carry a condition in its sentence. A code of ``FAULT_MAY_HELP`` means
    that it still can be when the shop is at fault, so ask for the reason then.
    """
    return _signed_verdict(ReturnKind.RETURN, order, item_id, now, reason, policy=policy)


def exchange_verdict(
    order: Order,
    item_id: str,
    now: datetime,
    reason: ReturnReason | None = None,
    policy: ShopPolicy = _DEFAULT,
) -> Verdict:
    """Whether the item may be exchanged: at will as long as a return, for a fault as long as the
    policy's ``exchange_days``."""
    return _signed_verdict(ReturnKind.EXCHANGE, order, item_id, now, reason, policy=policy)


def repair_verdict(
    order: Order,
    item_id: str,
    now: datetime,
    reason: ReturnReason | None = None,
    warranty_months: int = 0,
) -> Verdict:
    """Whether the item may be repaired free of charge: so many months from the day of signing."""
    hindrance = _hindrance(ReturnKind.REPAIR, order, item_id)
    if hindrance is not None or order.signed_at is None:
        return hindrance or _not_signed(ReturnKind.REPAIR)
    if reason in _NO_FAULT:
        return Verdict(
            False, "not_a_fault", "维修只受理商品故障或损坏。尺码、颜色不合适的话，您可以申请换货。"
        )
    if warranty_months <= 0:
        return Verdict(
            False,
            "no_warranty",
            "这件商品没有免费保修服务。如需付费维修，可为您转接人工客服。",
        )
    if now < end_of_warranty(order.signed_at, warranty_months):
        return Verdict(True, sentence=f"在{warranty_months}个月保修期内，可以申请免费维修。")
    return Verdict(
        False,
        "warranty_expired",
        f"已经过了{warranty_months}个月的保修期，可以付费维修，由人工客服为您报价和安排。",
    )


def verdict_for(
    kind: ReturnKind,
    order: Order,
    item_id: str,
    now: datetime,
    reason: ReturnReason | None,
    *,
    policy: ShopPolicy,
    warranty_months: int,
) -> Verdict:
    """The verdict on an RMA of this kind."""
    match kind:
        case ReturnKind.RETURN:
            return return_verdict(order, item_id, now, reason, policy)
        case ReturnKind.EXCHANGE:
            return exchange_verdict(order, item_id, now, reason, policy)
        case ReturnKind.REPAIR:
            return repair_verdict(order, item_id, now, reason, warranty_months)


def variant_verdict(item: OrderItem, reason: ReturnReason, wanted: str | None) -> Verdict:
    """Whether it is clear what an exchange shall bring; faulty goods come again as they are."""
    if wanted is None and reason not in QUALITY_REASONS:
        return Verdict(False, "variant_needed", "请告诉我您想换成哪个颜色或尺码。")
    if wanted == item.variant and reason in _NO_FAULT:
        return Verdict(
            False,
            "variant_same",
            f"您收到的就是「{item.variant}」，请告诉我想换成哪个颜色或尺码。",
        )
    return Verdict(True)


def end_of_warranty(signed_at: datetime, months: int) -> datetime:
    """The first moment that is too late, aware UTC: signed on 31 January, one month ends with the
    last day of February."""
    day = signed_at.astimezone(BEIJING).date()
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
    return datetime.combine(last + timedelta(days=1), time(), BEIJING).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Case:
    """A signed item that is to go back, with what the rules look at."""

    kind: ReturnKind
    item: OrderItem
    signed_at: datetime
    now: datetime
    at_fault: bool
    policy: ShopPolicy

    @property
    def word(self) -> str:
        return _WORDS[self.kind]

    @property
    def fault_days(self) -> int:
        exchanged = self.kind is ReturnKind.EXCHANGE
        return self.policy.exchange_days if exchanged else self.policy.quality_days

    def within(self, days: int) -> bool:
        """Whether so many days are not over yet; with 0 there is no such right."""
        return days > 0 and self.now < end_of_period(self.signed_at, days)


def _signed_verdict(
    kind: ReturnKind,
    order: Order,
    item_id: str,
    now: datetime,
    reason: ReturnReason | None,
    *,
    policy: ShopPolicy,
) -> Verdict:
    hindrance = _hindrance(kind, order, item_id)
    if hindrance is not None or order.signed_at is None:
        return hindrance or _not_signed(kind)
    item = next(each for each in order.items if each.item_id == item_id)
    case = _Case(kind, item, order.signed_at, now, reason in QUALITY_REASONS, policy)
    return _category_verdict(case) or _period_verdict(case)


def _period_verdict(case: _Case) -> Verdict:
    if case.within(case.policy.return_days):
        condition = _ONLY_UNOPENED.get(case.item.category)
        if condition and not case.at_fault:
            return Verdict(True, "ok_unopened", f"可以申请{case.word}，{condition}。")
        return Verdict(True, sentence=f"可以申请{case.word}。")
    if not case.within(case.fault_days):
        return _expired(case)
    if case.at_fault:
        return Verdict(True, sentence=f"可以申请{case.word}。")
    return Verdict(
        False,
        "fault_only",
        f"{_over(case.policy.return_days)}，不能无理由{case.word}；如果是商品本身的问题，"
        f"签收{case.fault_days}天内仍可以申请，请告诉我具体情况。",
    )


def _expired(case: _Case) -> Verdict:
    days = max(case.policy.return_days, case.fault_days if case.at_fault else 0)
    if case.kind is ReturnKind.EXCHANGE:
        return Verdict(
            False,
            "exchange_expired",
            f"{_over(days)}，不能换货。如果在保修期内，您可以申请维修，也可以为您转接人工客服。",
        )
    if case.at_fault and case.within(case.policy.exchange_days):
        return Verdict(
            False,
            "exchange_only",
            f"{_over(days)}，不能退货；因为是商品本身的问题，"
            f"签收{case.policy.exchange_days}天内可以换货。",
        )
    return Verdict(
        False,
        "return_expired",
        f"{_over(days)}，不能退货了。如有质量问题，可为您转接人工客服。",
    )


def _over(days: int) -> str:
    return f"签收已超过{days}天" if days > 0 else "这类订单没有无理由退换服务"


def _hindrance(kind: ReturnKind, order: Order, item_id: str) -> Verdict | None:
    """What forbids it whatever the reason and the day."""
    if all(each.item_id != item_id for each in order.items):
        return Verdict(False, "item_not_found", "没有在这笔订单里找到这件商品，请您重新选择。")
    standing = _standing_return([each for each in order.returns if each.item_id == item_id])
    if standing is not None:
        return standing
    if order.state in _ENDED:
        return Verdict(False, "order_closed", f"这笔订单已经取消或关闭，不需要{_WORDS[kind]}。")
    return _not_signed(kind) if order.state in _UNDELIVERED else None


def _not_signed(kind: ReturnKind) -> Verdict:
    return Verdict(
        False,
        "not_signed",
        f"这笔订单还没有签收，暂时不能申请{_WORDS[kind]}。"
        "未发货可以申请取消，已发货可以在派送时拒收。",
    )


def _standing_return(returns: Sequence[Return]) -> Verdict | None:
    for each in returns:
        if each.state in STANDING_RETURNS:
            return Verdict(
                False,
                "return_open",
                f"这件商品已经有一个进行中的{_WORDS[each.kind]}申请（{each.rma_number}），"
                "无需重复申请。",
            )
    if any(each.state is ReturnState.REFUNDED for each in returns):
        return Verdict(False, "already_returned", "这件商品已经退货并退款，不能再次申请。")
    return None


def _category_verdict(case: _Case) -> Verdict | None:
    category = case.item.category
    if category == Category.VIRTUAL:
        return Verdict(
            False,
            "category_excluded",
            f"虚拟商品交付后不支持{case.word}。如无法使用，可为您转接人工客服。",
        )
    goods = _NO_RETURN.get(category)
    if goods and not case.at_fault:
        return Verdict(
            False,
            "category_excluded",
            f"{goods}不支持无理由{case.word}。如果是质量问题或发错货，请告诉我，为您优先处理。",
        )
    hours = case.policy.quick_claim_hours
    told_after = case.now - case.signed_at
    if category == Category.FRESH_FOOD and told_after > timedelta(hours=hours):
        return Verdict(
            False,
            "fresh_claim_expired",
            f"生鲜商品的质量问题需要在签收后{hours}小时内反馈，现在已经超过时间。"
            "可为您转接人工客服核实。",
        )
    return None
