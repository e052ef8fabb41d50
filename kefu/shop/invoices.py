"""Asking for an invoice and listing those of an order."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import InvoiceRow
from kefu.shop.effects import ORDER_NOT_FOUND, Effect, lock_order
from kefu.shop.gateway import RuleRefused
from kefu.shop.invoice_rules import (
    InvoiceDetails,
    details_verdict,
    invoice_amount,
    invoice_verdict,
)
from kefu.shop.mapping import mask_email, order_value
from kefu.shop.model import TurnRef, Verdict, Viewer
from kefu.shop.money import Invoice, InvoiceState
from kefu.shop.policy import ShopPolicy
from kefu.shop.queries import select_order

_STANDING = (InvoiceState.REQUESTED, InvoiceState.ISSUED)
_SAME = Verdict(False, "invoice_stands", "这笔订单已经按同样的信息申请过发票了，不需要重复申请。")


def list_invoices(session: Session, viewer: Viewer, order_number: str) -> tuple[Invoice, ...]:
    """Of one order, newest first."""
    order = session.scalar(select_order(viewer, order_number))
    rows = _rows(session, viewer.profile, order_number) if order else []
    return tuple(_value(row) for row in rows)


def request_invoice(
    session: Session,
    viewer: Viewer,
    turn: TurnRef,
    order_number: str,
    details: InvoiceDetails,
    *,
    policy: ShopPolicy,
) -> Invoice:
    """The invoice, asked for now or by this turn before; one that stood is replaced by it.

    Runs inside one write transaction. Raises ``RuleRefused`` or ``OperationConflict``.
    """
    effect = Effect(
        viewer,
        turn,
        "request_invoice",
        order_number,
        {
            "title": details.title,
            "tax_number": details.tax_number or "",
            "email": details.email or "",
        },
        Invoice,
    )
    order = lock_order(session, viewer, order_number)
    done = effect.replay(session)
    if done is not None:
        return done
    if order is None:
        raise RuleRefused(ORDER_NOT_FOUND)
    for verdict in (
        invoice_verdict(order_value(order), turn.now, policy),
        details_verdict(details),
    ):
        if not verdict.allowed:
            raise RuleRefused(verdict)
    amount = invoice_amount(order_value(order))
    _replace(session, viewer.profile, order_number, details, amount)
    row = InvoiceRow(
        profile=viewer.profile,
        invoice_id=effect.free_number(session, InvoiceRow, "invoice_id", "INV"),
        order_number=order_number,
        title=details.title,
        tax_number=details.tax_number,
        email=details.email,
        amount=amount,
        state=InvoiceState.REQUESTED,
        requested_at=turn.now,
        issued_at=None,
    )
    session.add(row)
    effect.notify(session, "invoice_requested", order_number, invoice_id=row.invoice_id)
    return effect.record(session, _value(row))


def _replace(
    session: Session, profile: str, order_number: str, details: InvoiceDetails, amount: int
) -> None:
    """Make room for a new invoice; raises ``RuleRefused`` if it would be the one that stands."""
    for row in _rows(session, profile, order_number):
        if row.state in _STANDING:
            if InvoiceDetails(row.title, row.tax_number, row.email) == details and (
                row.amount == amount
            ):
                raise RuleRefused(_SAME)
            row.state = InvoiceState.REPLACED


def _rows(session: Session, profile: str, order_number: str) -> list[InvoiceRow]:
    return list(
        session.scalars(
            select(InvoiceRow)
            .where(InvoiceRow.profile == profile, InvoiceRow.order_number == order_number)
            .order_by(InvoiceRow.requested_at.desc(), InvoiceRow.invoice_id.desc())
        )
    )


def _value(row: InvoiceRow) -> Invoice:
    return Invoice(
        invoice_id=row.invoice_id,
        order_number=row.order_number,
        title=row.title,
        tax_number=row.tax_number,
        amount=row.amount,
        state=row.state,
        requested_at=row.requested_at,
        issued_at=row.issued_at,
        email_masked=mask_email(row.email) if row.email else None,
    )
