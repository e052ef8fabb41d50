"""What one shop promises about its goods, beside the law that all share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_REFUND_DAYS = {
    "alipay": "1 至 3 个工作日",
    "wechat_pay": "1 至 3 个工作日",
    "bank_card": "3 至 15 个工作日",
    "balance": "即时到账",
}


@dataclass(frozen=True, slots=True)
class MemberLevel:
    """A level of membership, reached with ``growth``; ``benefits`` in Chinese."""

    name: str
    growth: int
    benefits: tuple[str, ...] = ()


_LEVELS = (
    MemberLevel("普通会员", 0, ("会员价商品", "生日优惠券")),
    MemberLevel("银卡会员", 1000, ("会员价商品", "生日优惠券", "每月一张运费券")),
    MemberLevel("金卡会员", 5000, ("会员价商品", "生日优惠券", "每月三张运费券", "优先发货")),
    MemberLevel(
        "钻石会员", 20000, ("会员价商品", "生日优惠券", "全年免运费", "优先发货", "专属客服")
    ),
)


@dataclass(frozen=True, slots=True)
class ShopPolicy:
    """Days are Beijing days after signing or paying, hours count from the event.

    ``return_days``: for a return or exchange at will. ``quality_days``, ``exchange_days``: for the
    return and the exchange of goods with a fault. ``quick_claim_hours``: for faults of fresh food.
    ``refund_days``: by payment method, the Chinese words for how long a refund takes.
    ``return_address``: where goods without a seller of their own go back to.
    ``reset_url``: the shop's page for a new password, with ``{token}`` in it.
    ``levels``: the levels of membership, the lowest first.
    """

    return_days: int = 7
    exchange_days: int = 15
    quality_days: int = 15
    quick_claim_hours: int = 48
    price_protection_days: int = 7
    invoice_days: int = 180
    urge_answer_hours: int = 24
    freight_by_shopper_on_no_reason: bool = True
    refund_days: Mapping[str, str] = field(default_factory=lambda: dict(_REFUND_DAYS))
    return_address: str | None = None
    reset_url: str = "/account/reset?token={token}"
    reset_minutes: int = 30
    levels: tuple[MemberLevel, ...] = _LEVELS
