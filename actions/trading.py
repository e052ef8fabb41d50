"""Orders, money and goods: all their actions in one list."""

from __future__ import annotations

from actions.base import KefuAction
from actions.cancel import CancelOrder
from actions.catalogue import ProductQuestion, ShippingPolicy, StockAvailability
from actions.change_order import ChangeOrder
from actions.charges import PaymentCharged
from actions.coupons import PromotionCoupon
from actions.delivery import DeliverySchedule
from actions.identity import OrderService
from actions.invoice import InvoiceService
from actions.logistics import DeliveryProblem, TrackLogistics
from actions.order_filling import REQUESTS
from actions.order_form import (
    AskOrderChosen,
    AskOrderConfirmed,
    AskOrderDetails,
    OrderDone,
    StartOrderRequest,
    ValidateOrderForm,
)
from actions.orders import OrderStatus
from actions.payments import PaymentFailure
from actions.price import PriceProtection
from actions.urge import UrgeShipping

_REQUESTS: tuple[type[StartOrderRequest], ...] = (
    CancelOrder,
    ChangeOrder,
    DeliverySchedule,
    PaymentCharged,
    InvoiceService,
    PriceProtection,
)
REQUESTS.update({each.request.intent: each.request for each in _REQUESTS})

SERVICES: dict[str, type[OrderService]] = {
    "order_status": OrderStatus,
    "urge_shipping": UrgeShipping,
    "track_logistics": TrackLogistics,
    "delivery_problem": DeliveryProblem,
    "payment_failure": PaymentFailure,
    **{each.request.intent: each for each in _REQUESTS},
}
ANSWERS: dict[str, type[KefuAction]] = {
    "promotion_coupon": PromotionCoupon,
    "product_question": ProductQuestion,
    "stock_availability": StockAvailability,
    "shipping_policy": ShippingPolicy,
}
ACTIONS: tuple[type[KefuAction], ...] = (
    *SERVICES.values(),
    *ANSWERS.values(),
    ValidateOrderForm,
    AskOrderChosen,
    AskOrderDetails,
    AskOrderConfirmed,
    OrderDone,
)
