"""The coupons of an account."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.model import Viewer
from kefu.shop.money import Coupon
from kefu.shop.queries import is_key
from kefu.shop.schema import CouponRow

KEPT = 100
"""So many are listed; those that expired longest ago stay out."""


def list_coupons(session: Session, viewer: Viewer) -> tuple[Coupon, ...]:
    """The next to expire first, used and expired ones among them."""
    if viewer.account_id is None or not (is_key(viewer.account_id) and is_key(viewer.profile)):
        return ()
    rows = session.scalars(
        select(CouponRow)
        .where(CouponRow.profile == viewer.profile, CouponRow.account_id == viewer.account_id)
        .order_by(CouponRow.valid_until.desc(), CouponRow.coupon_id.desc())
        .limit(KEPT)
    )
    return tuple(_value(row) for row in reversed(rows.all()))


def _value(row: CouponRow) -> Coupon:
    return Coupon(
        coupon_id=row.coupon_id,
        name=row.name,
        amount=row.amount,
        minimum=row.minimum,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        used_at=row.used_at,
        category=row.category,
    )
