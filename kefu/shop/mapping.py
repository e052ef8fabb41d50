"""Rows to values. Here personal data is masked, so nothing behind the gateway sees it in full."""

from __future__ import annotations

from kefu.shop.after_sale_tables import RefundRow, ReturnRow
from kefu.shop.model import (
    Account,
    LogisticsEvent,
    Order,
    OrderItem,
    Payment,
    Refund,
    Return,
    Shipment,
)
from kefu.shop.schema import AccountRow, ItemRow, OrderRow, PaymentRow, ShipmentRow


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; a number too short to hide in is hidden whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****"


def mask_name(name: str) -> str:
    """张小明 → 张**"""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_email(email: str) -> str:
    """xiaoming@example.com → x****@example.com"""
    local, _, host = email.partition("@")
    return f"{local[:1]}****@{host}"


def account_value(row: AccountRow) -> Account:
    return Account(
        account_id=row.account_id,
        name=row.name,
        phone_masked=mask_phone(row.phone),
        email_masked=mask_email(row.email) if row.email else None,
        member_level=row.member_level,
        locked=row.locked,
        lock_reason=row.lock_reason,
        locked_until=row.locked_until,
    )


def order_value(row: OrderRow) -> Order:
    """The whole order; touches every relationship, so load them with it."""
    return Order(
        order_number=row.order_number,
        state=row.state,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        signed_at=row.signed_at,
        cancelled_at=row.cancelled_at,
        promised_ship_at=row.promised_ship_at,
        total=row.total,
        freight=row.freight,
        discount=row.discount,
        recipient_masked=f"{mask_name(row.recipient_name)} {mask_phone(row.recipient_phone)}",
        address_masked=f"{row.province}{row.city}{row.district}****",
        note=row.note,
        items=tuple(item_value(item) for item in row.items),
        payments=tuple(payment_value(payment) for payment in row.payments),
        shipments=tuple(shipment_value(parcel, row) for parcel in row.shipments),
        returns=tuple(return_value(each) for each in row.returns),
        refunds=tuple(refund_value(each) for each in row.refunds),
        seller_id=row.seller_id,
        freight_insured=row.freight_insured,
        urged_at=row.urges[0].at if row.urges else None,
    )


def item_value(row: ItemRow) -> OrderItem:
    return OrderItem(
        item_id=row.item_id,
        sku=row.sku,
        name=row.name,
        variant=row.variant,
        category=row.category,
        quantity=row.quantity,
        unit_price=row.unit_price,
        seller_id=row.seller_id,
    )


def payment_value(row: PaymentRow) -> Payment:
    return Payment(
        payment_id=row.payment_id,
        order_number=row.order_number,
        method=row.method,
        bank=row.bank,
        card_tail=row.card_tail,
        amount=row.amount,
        state=row.state,
        failure_code=row.failure_code,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def shipment_value(row: ShipmentRow, order: OrderRow) -> Shipment:
    return Shipment(
        shipment_id=row.shipment_id,
        order_number=row.order_number,
        carrier_code=row.carrier_code,
        carrier_name=row.carrier_name,
        tracking_number=row.tracking_number,
        state=row.state,
        shipped_at=row.shipped_at,
        expected_at=row.expected_at,
        signed_at=row.signed_at,
        recipient_phone_tail=order.recipient_phone[-4:],
        events=tuple(LogisticsEvent(at=e.at, text=e.text, place=e.place) for e in row.events),
    )


def return_value(row: ReturnRow) -> Return:
    return Return(
        rma_number=row.rma_number,
        order_number=row.order_number,
        item_id=row.item_id,
        item_name=row.item.name,
        reason=row.reason,
        note=row.note,
        state=row.state,
        refund_amount=row.refund_amount,
        requested_at=row.requested_at,
        updated_at=row.updated_at,
        return_address=row.return_address,
        tracking_number=row.tracking_number,
        kind=row.kind,
        freight_payer=row.freight_payer,
        wanted_variant=row.wanted_variant,
        carrier_code=row.carrier_code,
    )


def refund_value(row: RefundRow) -> Refund:
    return Refund(
        refund_id=row.refund_id,
        order_number=row.order_number,
        rma_number=row.rma_number,
        amount=row.amount,
        state=row.state,
        channel=row.channel,
        requested_at=row.requested_at,
        updated_at=row.updated_at,
        expected_at=row.expected_at,
    )
