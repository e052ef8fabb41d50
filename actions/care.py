"""Accounts, tickets and people: all their actions in one list."""

from __future__ import annotations

from actions.account_change import AccountChange
from actions.accounts import AccountLocked, PasswordReset
from actions.after_service import AfterService
from actions.base import KefuAction
from actions.contact import ContactInfo
from actions.fraud import FraudReport
from actions.handoff import Abuse, Affirm, NotSolved
from actions.login_form import AskLoginName, LoginDone, ValidateLoginForm
from actions.membership import Membership
from actions.merchant import MerchantService
from actions.person import HandOff
from actions.phone_form import AskNewPhone, AskPhoneConfirmation, PhoneDone, ValidatePhoneForm
from actions.ticket_form import ValidateTicketForm
from actions.ticket_progress import TicketProgress
from actions.ticket_questions import (
    AskTicketConfirmation,
    AskTicketContact,
    AskTicketDetails,
    AskTicketOrder,
    TicketDone,
)
from actions.tickets import Complaint, DisputeAppeal, Feedback, OpenTicket
from actions.urge_reply import UrgeReply
from actions.verified import CodeVerified

# What a yes to an offer, or a message beside a number, may be answered with.
ANSWERS: dict[str, type[KefuAction]] = {
    "account_locked": AccountLocked,
    "password_reset": PasswordReset,
    "account_change": AccountChange,
    "membership": Membership,
    "fraud_report": FraudReport,
    "contact_info": ContactInfo,
    "merchant_service": MerchantService,
    "complaint": Complaint,
    "dispute_appeal": DisputeAppeal,
    "feedback": Feedback,
    "ticket_progress": TicketProgress,
    "open_ticket": OpenTicket,
    "human_agent": HandOff,
}
ACTIONS: tuple[type[KefuAction], ...] = (
    AccountLocked,
    PasswordReset,
    AccountChange,
    CodeVerified,
    ValidateLoginForm,
    AskLoginName,
    LoginDone,
    ValidatePhoneForm,
    AskNewPhone,
    AskPhoneConfirmation,
    PhoneDone,
    Membership,
    FraudReport,
    Complaint,
    DisputeAppeal,
    Feedback,
    OpenTicket,
    ValidateTicketForm,
    AskTicketDetails,
    AskTicketOrder,
    AskTicketContact,
    AskTicketConfirmation,
    TicketDone,
    TicketProgress,
    ContactInfo,
    MerchantService,
    HandOff,
    NotSolved,
    Abuse,
    Affirm,
    UrgeReply,
    AfterService,
)
