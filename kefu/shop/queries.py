"""What is read from the shop's tables. ``visible`` alone decides which orders a viewer may see."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.sql.base import ExecutableOption

from kefu.shop.after_sale_tables import RefundRow, ReturnRow
from kefu.shop.mapping import (
    account_value,
    order_value,
    payment_value,
    refund_value,
    return_value,
)
from kefu.shop.model import (
    Account,
    Order,
    OrderPage,
    OrderState,
    Payment,
    PaymentState,
    Refund,
    Return,
    Viewer,
)
from kefu.shop.schema import AccountRow, ItemRow, OrderRow, PaymentRow, ShipmentRow

KEY_LENGTH = 64


def is_key(text: str) -> bool:
    """Whether ``text`` can be a key at all.

    PostgreSQL refuses NUL characters, and MySQL holds a key with blanks at its end for the same.
    """
    return 0 < len(text) <= KEY_LENGTH and text.isprintable() and text == text.strip()


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The orders that ``viewer`` may see: those of the account and those a guest has proved to own.

    Every query for anything that hangs on an order goes through this condition.
    """
    own: list[ColumnElement[bool]] = []
    if viewer.account_id is not None and is_key(viewer.account_id):
        own.append(OrderRow.account_id == viewer.account_id)
    verified = sorted(filter(is_key, viewer.verified_orders))
    if verified:
        own.append(OrderRow.order_number.in_(verified))
    if not own or not is_key(viewer.profile):
        return false()
    return and_(OrderRow.profile == viewer.profile, or_(*own))


def whole_order() -> tuple[ExecutableOption, ...]:
    """Loads all that ``order_value`` touches, in one query per table."""
    return (
        selectinload(OrderRow.items),
        selectinload(OrderRow.payments),
        selectinload(OrderRow.shipments).selectinload(ShipmentRow.events),
        selectinload(OrderRow.returns).selectinload(ReturnRow.item),
        selectinload(OrderRow.refunds),
        selectinload(OrderRow.urges),
    )


def select_order(viewer: Viewer, order_number: str) -> Select[tuple[OrderRow]]:
    """One order, or nothing if it does not exist or is someone else's."""
    wanted = OrderRow.order_number == order_number if is_key(order_number) else false()
    return select(OrderRow).where(visible(viewer), wanted)


def find_account(session: Session, viewer: Viewer) -> Account | None:
    if viewer.account_id is None or not is_key(viewer.account_id) or not is_key(viewer.profile):
        return None
    row = session.get(AccountRow, {"profile": viewer.profile, "account_id": viewer.account_id})
    return account_value(row) if row else None


def find_order(session: Session, viewer: Viewer, order_number: str) -> Order | None:
    row = session.scalar(select_order(viewer, order_number).options(*whole_order()))
    return order_value(row) if row else None


def list_orders(
    session: Session,
    viewer: Viewer,
    states: Collection[OrderState] | None,
    limit: int,
    offset: int,
) -> OrderPage:
    matches = [visible(viewer)]
    if states is not None:
        matches.append(OrderRow.state.in_(states))
    total = session.scalar(select(func.count()).select_from(OrderRow).where(*matches))
    rows = session.scalars(
        select(OrderRow)
        .where(*matches)
        .options(*whole_order())
        .order_by(OrderRow.placed_at.desc(), OrderRow.order_number.desc())
        .limit(limit)
        .offset(offset)
    )
    return OrderPage(orders=tuple(order_value(row) for row in rows), total=total or 0)


def list_failed_payments(session: Session, viewer: Viewer, limit: int) -> tuple[Payment, ...]:
    rows = session.scalars(
        select(PaymentRow)
        .join(OrderRow, same_order(PaymentRow))
        .where(
            visible(viewer),
            PaymentRow.state == PaymentState.FAILED,
            OrderRow.state.in_((OrderState.UNPAID, OrderState.CLOSED)),
        )
        .order_by(PaymentRow.created_at.desc(), PaymentRow.payment_id.desc())
        .limit(limit)
    )
    return tuple(payment_value(row) for row in rows)


def list_returns(session: Session, viewer: Viewer, limit: int) -> tuple[Return, ...]:
    rows = session.scalars(
        select(ReturnRow)
        .join(OrderRow, same_order(ReturnRow))
        .where(visible(viewer))
        .options(selectinload(ReturnRow.item))
        .order_by(ReturnRow.requested_at.desc(), ReturnRow.rma_number.desc())
        .limit(limit)
    )
    return tuple(return_value(row) for row in rows)


def list_refunds(session: Session, viewer: Viewer, limit: int) -> tuple[Refund, ...]:
    rows = session.scalars(
        select(RefundRow)
        .join(OrderRow, same_order(RefundRow))
        .where(visible(viewer))
        .order_by(RefundRow.requested_at.desc(), RefundRow.refund_id.desc())
        .limit(limit)
    )
    return tuple(refund_value(row) for row in rows)


def same_order(
    table: type[PaymentRow] | type[ReturnRow] | type[RefundRow] | type[ItemRow],
) -> ColumnElement[bool]:
    return and_(table.profile == OrderRow.profile, table.order_number == OrderRow.order_number)
