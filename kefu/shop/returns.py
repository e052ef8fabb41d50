"""Opening an RMA, and what the shopper does with it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from kefu.shop import return_rules, rma_rules, rules
from kefu.shop.after_sale_tables import ReturnRow, active_item
from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.freight_rules import freight_payer
from kefu.shop.gateway import RuleRefused
from kefu.shop.mapping import order_value, return_value
from kefu.shop.model import (
    Order,
    OrderItem,
    Return,
    ReturnKind,
    ReturnReason,
    ReturnState,
    TurnRef,
    Verdict,
    Viewer,
)
from kefu.shop.policy import ShopPolicy
from kefu.shop.queries import is_key, same_order, visible
from kefu.shop.schema import OrderRow
from kefu.shop.service_tables import PriceClaimRow, ProductRow

NOTE_LENGTH = 1000
VARIANT_LENGTH = 64
RMA_NOT_FOUND = Verdict(False, "return_not_found", "没有找到这个售后申请，请您核对售后单号后再试。")


@dataclass(frozen=True, slots=True)
class Application:
    """What a shopper asks for; ``wanted_variant`` counts for an exchange alone."""

    order_number: str
    item_id: str
    reason: ReturnReason
    note: str
    kind: ReturnKind = ReturnKind.RETURN
    wanted_variant: str | None = None

    def __post_init__(self) -> None:
        # PostgreSQL cannot store NUL, and a note is not a novel.
        object.__setattr__(self, "note", self.note.replace("\0", "")[:NOTE_LENGTH])
        wanted = (self.wanted_variant or "").replace("\0", "").strip()[:VARIANT_LENGTH]
        exchanged = self.kind is ReturnKind.EXCHANGE
        object.__setattr__(self, "wanted_variant", wanted if wanted and exchanged else None)

    @property
    def target(self) -> str:
        return f"{self.order_number}/{self.item_id}"

    @property
    def arguments(self) -> dict[str, str]:
        return {
            "reason": self.reason,
            "note": self.note,
            "kind": self.kind,
            "wanted_variant": self.wanted_variant or "",
        }


def request_return(
    session: Session, viewer: Viewer, turn: TurnRef, application: Application, policy: ShopPolicy
) -> Return:
    """The RMA, newly opened or the one that this turn has opened before.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``; an
    ``IntegrityError`` means that another transaction was first: begin again.
    """
    effect = Effect(
        viewer, turn, "request_return", application.target, application.arguments, Return
    )
    keys = is_key(application.order_number) and is_key(application.item_id)
    row = lock_order(session, viewer, application.order_number) if keys else None
    done = effect.replay(session)
    if done is not None:
        return done
    if row is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    order = order_value(row)
    _check(session, effect, order, application, policy)
    seller = next(each.seller for each in row.items if each.item_id == application.item_id)
    opened = replace(
        _new_return(effect, order, application, policy),
        rma_number=effect.free_number(session, ReturnRow, "rma_number", "RMA"),
        return_address=seller.return_address if seller else policy.return_address,
    )
    if opened.kind is ReturnKind.RETURN:
        given = _given_before(session, viewer.profile, application.item_id)
        opened = replace(opened, refund_amount=max(0, opened.refund_amount - given))
    session.add(_row(viewer.profile, opened))
    effect.notify(
        session,
        "return_requested",
        opened.order_number,
        rma_number=opened.rma_number,
        item_name=opened.item_name,
    )
    return effect.record(session, opened)


def find_return(session: Session, viewer: Viewer, rma_number: str) -> Return | None:
    row = _find(session, viewer, rma_number)
    return return_value(row) if row else None


def submit_tracking(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    rma_number: str,
    *,
    carrier_code: str,
    tracking_number: str,
) -> Return:
    """The RMA with its parcel; a number that was given before is corrected."""
    tracking = tracking_number.strip().upper()
    effect = Effect(
        viewer,
        turn,
        "submit_return_tracking",
        rma_number,
        {"carrier_code": carrier_code, "tracking_number": tracking},
        Return,
    )
    row = _find(session, viewer, rma_number, lock=True)
    done = effect.replay(session)
    if done is not None:
        return done
    row = _allowed(row, rma_rules.tracking_verdict)
    verdict = rma_rules.parcel_verdict(carrier_code, tracking)
    if not verdict.allowed:
        raise RuleRefused(verdict)
    row.state = ReturnState.SHIPPED_BACK
    row.carrier_code, row.tracking_number = carrier_code, tracking
    row.updated_at = turn.now
    effect.notify(session, "return_sent_back", row.order_number, rma_number=rma_number)
    return effect.record(session, return_value(row))


def cancel_return(session: Session, viewer: Viewer, turn: TurnRef, rma_number: str) -> Return:
    """The RMA, closed; its item may be sent back with another."""
    effect = Effect(viewer, turn, "cancel_return", rma_number, {}, Return)
    row = _find(session, viewer, rma_number, lock=True)
    done = effect.replay(session)
    if done is not None:
        return done
    row = _allowed(row, rma_rules.withdraw_verdict)
    row.state = ReturnState.CLOSED
    row.active_item_id = active_item(row.state, row.item_id)
    row.updated_at = turn.now
    effect.notify(session, "return_cancelled", row.order_number, rma_number=rma_number)
    return effect.record(session, return_value(row))


def warranty_months(session: Session, profile: str, order: Order, item_id: str) -> int:
    """Of the item's product; 0 if the catalogue does not know it."""
    item = next((each for each in order.items if each.item_id == item_id), None)
    key = {"profile": profile, "sku": item.sku} if item else None
    product = session.get(ProductRow, key) if key and is_key(key["sku"]) else None
    return product.warranty_months if product else 0


def _check(
    session: Session,
    effect: Effect[Return],
    order: Order,
    application: Application,
    policy: ShopPolicy,
) -> None:
    """Raises ``RuleRefused`` with the first rule that forbids it."""
    item_id, kind = application.item_id, application.kind
    months = warranty_months(session, effect.viewer.profile, order, item_id)
    verdict = return_rules.verdict_for(
        kind,
        order,
        item_id,
        effect.turn.now,
        application.reason,
        policy=policy,
        warranty_months=months,
    )
    if verdict.allowed and kind is ReturnKind.EXCHANGE:
        item = _item(order, item_id)
        verdict = return_rules.variant_verdict(item, application.reason, application.wanted_variant)
    if not verdict.allowed:
        raise RuleRefused(verdict)


def _find(
    session: Session, viewer: Viewer, rma_number: str, *, lock: bool = False
) -> ReturnRow | None:
    if not is_key(rma_number):
        return None
    query = (
        select(ReturnRow)
        .join(OrderRow, same_order(ReturnRow))
        .where(visible(viewer), ReturnRow.rma_number == rma_number)
        .options(selectinload(ReturnRow.item))
    )
    return session.scalar(query.with_for_update(of=ReturnRow) if lock else query)


def _allowed(row: ReturnRow | None, judge: Callable[[Return], Verdict]) -> ReturnRow:
    verdict = judge(return_value(row)) if row else RMA_NOT_FOUND
    if row is None or not verdict.allowed:
        raise RuleRefused(verdict)
    return row


def _item(order: Order, item_id: str) -> OrderItem:
    return next(each for each in order.items if each.item_id == item_id)


def _given_before(session: Session, profile: str, item_id: str) -> int:
    """What price protection has paid back for the item, in fen."""
    claim = session.get(PriceClaimRow, {"profile": profile, "item_id": item_id})
    return claim.amount if claim else 0


def _new_return(
    effect: Effect[Return], order: Order, application: Application, policy: ShopPolicy
) -> Return:
    """As the application and the rules say; its number and address are still to come."""
    item = _item(order, application.item_id)
    refunded = application.kind is ReturnKind.RETURN
    return Return(
        rma_number="",
        order_number=order.order_number,
        item_id=item.item_id,
        item_name=item.name,
        reason=application.reason,
        note=application.note,
        state=ReturnState.REQUESTED,
        refund_amount=rules.refund_amount(order, item.item_id) if refunded else 0,
        requested_at=effect.turn.now,
        updated_at=effect.turn.now,
        return_address=None,
        tracking_number=None,
        kind=application.kind,
        freight_payer=freight_payer(order, application.reason, application.kind, policy),
        wanted_variant=application.wanted_variant,
    )


def _row(profile: str, value: Return) -> ReturnRow:
    return ReturnRow(
        profile=profile,
        rma_number=value.rma_number,
        order_number=value.order_number,
        item_id=value.item_id,
        active_item_id=active_item(value.state, value.item_id),
        reason=value.reason,
        note=value.note,
        state=value.state,
        refund_amount=value.refund_amount,
        requested_at=value.requested_at,
        updated_at=value.updated_at,
        return_address=value.return_address,
        tracking_number=value.tracking_number,
        kind=value.kind,
        freight_payer=value.freight_payer,
        wanted_variant=value.wanted_variant,
        carrier_code=value.carrier_code,
    )
