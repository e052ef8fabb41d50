"""Why a coupon can or cannot be used. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kefu.shop.model import Order, Verdict
from kefu.shop.money import Coupon
from kefu.shop.wording import category_text, moment_text, yuan


def coupon_verdict(
    coupon: Coupon, now: datetime, goods: Mapping[str, int] | None = None
) -> Verdict:
    """Whether the coupon can be used at ``now``, for ``goods`` (fen by category) if given."""
    if coupon.used_at is not None:
        return Verdict(
            False, "coupon_used", f"这张券已经在{moment_text(coupon.used_at, now)}用过了。"
        )
    if now >= coupon.valid_until:
        return Verdict(
            False,
            "coupon_expired",
            f"这张券已经过期，有效期到{moment_text(coupon.valid_until, now)}为止。",
        )
    if now < coupon.valid_from:
        return Verdict(
            False,
            "coupon_not_started",
            f"这张券还没到使用时间，{moment_text(coupon.valid_from, now)}起才能用。",
        )
    return _usable(coupon, now) if goods is None else _goods_verdict(coupon, goods)


def goods_of(order: Order) -> dict[str, int]:
    """What the order's goods cost, in fen by category, before any discount."""
    goods: dict[str, int] = {}
    for item in order.items:
        line = item.unit_price * item.quantity
        goods[item.category] = goods.get(item.category, 0) + line
    return goods


def _goods_verdict(coupon: Coupon, goods: Mapping[str, int]) -> Verdict:
    counted = goods.get(coupon.category, 0) if coupon.category else sum(goods.values())
    kind = category_text(coupon.category) if coupon.category else ""
    if coupon.category and not counted:
        return Verdict(
            False, "coupon_other_category", f"这张券只能用于{kind}类商品，所选的商品不在范围内。"
        )
    if counted < coupon.minimum:
        short = yuan(coupon.minimum - counted)
        return Verdict(
            False,
            "coupon_minimum",
            f"{kind}商品满{yuan(coupon.minimum)}才能用这张券，现在是{yuan(counted)}，还差{short}。",
        )
    return Verdict(True, sentence=f"可以使用，能减{yuan(min(coupon.amount, counted))}。")


def _usable(coupon: Coupon, now: datetime) -> Verdict:
    scope = f"{category_text(coupon.category)}类商品" if coupon.category else "全部商品"
    return Verdict(
        True,
        sentence=f"{scope}满{yuan(coupon.minimum)}减{yuan(coupon.amount)}，"
        f"{moment_text(coupon.valid_until, now)}前可以使用。",
    )
