"""All actions on one screen: the names that ``domain.yml`` lists."""

from __future__ import annotations

from actions.accounts import AccountLocked
from actions.base import KefuAction
from actions.clarify import Clarify
from actions.guest import AskGuestOrder, AskGuestPhoneTail, GuestDone, ValidateGuestForm
from actions.handoff import Abuse, Affirm, HandOff, NotSolved
from actions.identity import OrderService
from actions.inform import Inform
from actions.likely import Referring
from actions.logistics import DeliveryProblem, TrackLogistics
from actions.orders import CancelOrder, ChangeOrder, OrderStatus, UrgeShipping
from actions.payments import PaymentFailure
from actions.refunds import RefundProgress
from actions.return_form import ValidateReturnForm
from actions.return_questions import AskConfirmation, AskItem, AskOrder, AskReason
from actions.returns import ReturnDone, StartReturn
from actions.tickets import Complaint, DisputeAppeal, Feedback

ORDER_SERVICES: dict[str, type[OrderService]] = {
    "order_status": OrderStatus,
    "urge_shipping": UrgeShipping,
    "track_logistics": TrackLogistics,
    "delivery_problem": DeliveryProblem,
    "change_order": ChangeOrder,
    "cancel_order": CancelOrder,
    "payment_failure": PaymentFailure,
    "return_request": StartReturn,
    "refund_progress": RefundProgress,
}
GuestDone.offered = ORDER_SERVICES
Referring.services_by_intent = ORDER_SERVICES

ACTIONS: tuple[type[KefuAction], ...] = (
    OrderStatus,
    UrgeShipping,
    ChangeOrder,
    CancelOrder,
    TrackLogistics,
    DeliveryProblem,
    PaymentFailure,
    StartReturn,
    ValidateReturnForm,
    AskOrder,
    AskItem,
    AskReason,
    AskConfirmation,
    ReturnDone,
    RefundProgress,
    AccountLocked,
    ValidateGuestForm,
    AskGuestOrder,
    AskGuestPhoneTail,
    GuestDone,
    Complaint,
    DisputeAppeal,
    Feedback,
    HandOff,
    NotSolved,
    Abuse,
    Affirm,
    Inform,
    Clarify,
)
