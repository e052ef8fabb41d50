"""Price protection: what it would give now, and giving it once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value
from kefu.shop.model import Order, Refund, TurnRef, Verdict, Viewer
from kefu.shop.money import PriceClaim
from kefu.shop.policy import ShopPolicy
from kefu.shop.price_rules import price_claim
from kefu.shop.queries import find_order, is_key
from kefu.shop.refunds import open_refund
from kefu.shop.service_tables import PriceClaimRow, ProductRow

_ITEM_NOT_FOUND = Verdict(False, "item_not_found", "没有在这笔订单里找到这件商品，请您重新选择。")


def find_claim(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    order_number: str,
    item_id: str,
    *,
    policy: ShopPolicy,
) -> PriceClaim | None:
    order = find_order(session, viewer, order_number)
    return _claim(session, viewer, turn, order, item_id, policy=policy) if order else None


def claim_price(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    order_number: str,
    item_id: str,
    *,
    policy: ShopPolicy,
) -> Refund:
    """The refund of the difference, opened now or by this turn before.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``.
    """
    effect = Effect(viewer, turn, "claim_price", f"{order_number}/{item_id}", {}, Refund)
    row = lock_order(session, viewer, order_number) if is_key(item_id) else None
    done = effect.replay(session)
    if done is not None:
        return done
    if row is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    order = order_value(row)
    claim = _claim(session, viewer, turn, order, item_id, policy=policy)
    if claim is None or not claim.verdict.allowed:
        raise RuleRefused(claim.verdict if claim else _ITEM_NOT_FOUND)
    refund = open_refund(session, effect, order, claim.difference)
    session.add(
        PriceClaimRow(
            profile=viewer.profile,
            item_id=item_id,
            refund_id=refund.refund_id,
            amount=refund.amount,
            at=turn.now,
        )
    )
    effect.notify(
        session,
        "price_claimed",
        order_number,
        refund_id=refund.refund_id,
        item_name=claim.item_name,
        amount=refund.amount,
    )
    return effect.record(session, refund)


def _claim(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    order: Order,
    item_id: str,
    *,
    policy: ShopPolicy,
) -> PriceClaim | None:
    item = next((each for each in order.items if each.item_id == item_id), None)
    if item is None:
        return None
    product = session.get(ProductRow, {"profile": viewer.profile, "sku": item.sku})
    given = session.get(PriceClaimRow, {"profile": viewer.profile, "item_id": item_id})
    return price_claim(
        order,
        item_id,
        product.price if product else None,
        turn.now,
        claimed=given is not None,
        policy=policy,
    )
