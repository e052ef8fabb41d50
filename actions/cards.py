"""Cards and titles made from what the shop knows."""

from __future__ import annotations

from datetime import datetime

from actions.reply import Button, Card, button
from kefu.shop import wording
from kefu.shop.carriers import Trace
from kefu.shop.model import (
    Order,
    OrderState,
    Payment,
    Refund,
    Return,
    Shipment,
)

TITLE_LENGTH = 12
# More than nearly any parcel has; a page shows the newest and folds the rest.
MOST_EVENTS = 20


def shorten(text: str, length: int = TITLE_LENGTH) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def goods_of(order: Order) -> str:
    """「保温杯等3件」: the first item's name stands for all."""
    first = shorten(order.items[0].name) if order.items else "商品"
    count = sum(item.quantity for item in order.items)
    return f"{first}等{count}件" if len(order.items) > 1 else first


def order_title(order: Order, now: datetime) -> str:
    """A button's name for an order: its goods, its state, its day."""
    day = wording.day_text(order.placed_at, now)
    return f"{goods_of(order)}（{day}，{wording.order_state_text(order.state)}）"


def order_card(order: Order, *, returnable: bool) -> Card:
    return {
        "type": "order",
        "order_number": order.order_number,
        "state": order.state.value,
        "state_text": wording.order_state_text(order.state),
        "placed_at": order.placed_at.isoformat(),
        "total": order.total,
        "freight": order.freight,
        "discount": order.discount,
        "items": [
            {
                "item_id": item.item_id,
                "name": item.name,
                "variant": item.variant,
                "quantity": item.quantity,
                "unit_price": item.unit_price,
            }
            for item in order.items
        ],
        "buttons": order_services(order, returnable=returnable),
    }


def order_services(order: Order, *, returnable: bool) -> list[Button]:
    """What can be done next with an order in its state."""
    number = order.order_number
    buttons: list[Button] = []
    match order.state:
        case OrderState.UNPAID:
            buttons.append(button("付款遇到问题", "payment_failure", order_number=number))
        case OrderState.PAID:
            buttons.append(button("催发货", "urge_shipping", order_number=number))
        case OrderState.SHIPPED:
            buttons.append(button("查物流", "track_logistics", order_number=number))
        case OrderState.SIGNED | OrderState.COMPLETED:
            buttons.append(button("查物流", "track_logistics", order_number=number))
            if returnable:
                buttons.append(button("申请退货", "return_request", order_number=number))
        case OrderState.CANCELLED | OrderState.CLOSED:
            pass
    if order.refunds or order.returns:
        buttons.append(button("退款进度", "refund_progress", order_number=number))
    return buttons


def logistics_card(shipment: Shipment, trace: Trace) -> Card:
    return {
        "type": "logistics",
        "order_number": shipment.order_number,
        "carrier_name": shipment.carrier_name,
        "tracking_number": shipment.tracking_number,
        "state_text": wording.shipment_state_text(trace.state),
        "expected_at": shipment.expected_at.isoformat() if shipment.expected_at else None,
        "events": [
            {"at": event.at.isoformat(), "text": event.text} for event in trace.events[:MOST_EVENTS]
        ],
    }


def return_card(made: Return) -> Card:
    return {
        "type": "return",
        "kind": made.kind.value,
        "wanted_variant": made.wanted_variant,
        "rma_number": made.rma_number,
        "order_number": made.order_number,
        "item_name": made.item_name,
        "state_text": wording.return_state_text(made.state),
        "refund_amount": made.refund_amount,
        "return_address": made.return_address,
    }


def refund_card(refund: Refund) -> Card:
    return {
        "type": "refund",
        "order_number": refund.order_number,
        "amount": refund.amount,
        "state_text": wording.refund_state_text(refund.state),
        "channel": wording.channel_text(refund.channel),
        "expected_at": refund.expected_at.isoformat() if refund.expected_at else None,
    }


def payment_card(payment: Payment) -> Card:
    failure = payment.failure_code
    return {
        "type": "payment",
        "order_number": payment.order_number,
        "method": wording.payment_method_text(payment.method),
        "amount": payment.amount,
        "state_text": wording.payment_state_text(payment.state),
        "failure_text": wording.payment_failure(failure).reason if failure else None,
    }
