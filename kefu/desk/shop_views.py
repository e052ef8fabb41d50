"""What the shop knows, as agents see it: the fields of the shoppers' cards, and some more. Pure."""

from __future__ import annotations

from kefu.shop import wording
from kefu.shop.model import Account, Order, Payment, Refund, Return, Shipment
from kefu.store.base import Document


def account(found: Account) -> Document:
    return {
        "account_id": found.account_id,
        "name": found.name,
        "phone_masked": found.phone_masked,
        "email_masked": found.email_masked,
        "member_level": found.member_level,
        "locked": found.locked,
        "lock_reason": found.lock_reason,
        "locked_until": found.locked_until.isoformat() if found.locked_until else None,
    }


def order(found: Order) -> Document:
    """An ``OrderCard`` with everything that hangs on the order."""
    return {
        "type": "order",
        "order_number": found.order_number,
        "state": found.state.value,
        "state_text": wording.order_state_text(found.state),
        "placed_at": found.placed_at.isoformat(),
        "total": found.total,
        "freight": found.freight,
        "discount": found.discount,
        "items": [
            {
                "item_id": item.item_id,
                "name": item.name,
                "variant": item.variant,
                "quantity": item.quantity,
                "unit_price": item.unit_price,
            }
            for item in found.items
        ],
        "recipient_masked": found.recipient_masked,
        "address_masked": found.address_masked,
        "note": found.note,
        "seller_id": found.seller_id,
        "promised_ship_at": (
            found.promised_ship_at.isoformat() if found.promised_ship_at else None
        ),
        "payments": [payment(each) for each in found.payments],
        "shipments": [shipment(each) for each in found.shipments],
        "returns": [rma(each) for each in found.returns],
        "refunds": [refund(each) for each in found.refunds],
    }


def payment(found: Payment) -> Document:
    failure = found.failure_code
    return {
        "type": "payment",
        "order_number": found.order_number,
        "method": wording.payment_method_text(found.method),
        "amount": found.amount,
        "state_text": wording.payment_state_text(found.state),
        "failure_text": wording.payment_failure(failure).reason if failure else None,
        "at": found.created_at.isoformat(),
    }


def shipment(found: Shipment) -> Document:
    """With the events that the shop has; the carrier is not asked."""
    newest = sorted(found.events, key=lambda event: event.at, reverse=True)
    return {
        "type": "logistics",
        "order_number": found.order_number,
        "carrier_name": found.carrier_name,
        "tracking_number": found.tracking_number,
        "state_text": wording.shipment_state_text(found.state),
        "expected_at": found.expected_at.isoformat() if found.expected_at else None,
        "events": [{"at": each.at.isoformat(), "text": each.text} for each in newest],
    }


def rma(found: Return) -> Document:
    return {
        "type": "return",
        "kind": found.kind.value,
        "wanted_variant": found.wanted_variant,
        "rma_number": found.rma_number,
        "order_number": found.order_number,
        "item_name": found.item_name,
        "state_text": wording.return_state_text(found.state),
        "refund_amount": found.refund_amount,
        "return_address": found.return_address,
        "reason_text": wording.return_reason_text(found.reason),
        "note": found.note,
        "tracking_number": found.tracking_number,
        "at": found.requested_at.isoformat(),
    }


def refund(found: Refund) -> Document:
    return {
        "type": "refund",
        "refund_id": found.refund_id,
        "order_number": found.order_number,
        "amount": found.amount,
        "state_text": wording.refund_state_text(found.state),
        "channel": wording.channel_text(found.channel),
        "expected_at": found.expected_at.isoformat() if found.expected_at else None,
    }
