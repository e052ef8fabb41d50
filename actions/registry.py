"""All actions on one screen: the names that ``domain.yml`` lists."""

from __future__ import annotations

from actions import after_sale, care, trading
from actions.base import KefuAction
from actions.clarify import Clarify
from actions.guest import AskGuestOrder, AskGuestPhoneTail, GuestDone, ValidateGuestForm
from actions.handoff import Affirm
from actions.identity import OrderService
from actions.inform import Inform, OutOfScope
from actions.knowledge import (
    ArticleAnswer,
    KnowledgeAnswer,
    LoginRegister,
    PaymentMethod,
    PrivacyQuestion,
    SecuritySetup,
)
from actions.pictures import PictureSent
from actions.repeats import AskedAgain
from actions.serving import ANSWERS
from actions.why import Why

ORDER_SERVICES: dict[str, type[OrderService]] = {
    **trading.SERVICES,
    **after_sale.SERVICES,
}
KNOWLEDGE: tuple[type[KnowledgeAnswer], ...] = (
    SecuritySetup,
    PrivacyQuestion,
    LoginRegister,
    PaymentMethod,
)
GuestDone.offered = ORDER_SERVICES
ANSWERS.update(
    {each.intent: each for each in KNOWLEDGE}
    | trading.ANSWERS
    | care.ANSWERS
    | ORDER_SERVICES
    | {"affirm": Affirm}
)

ACTIONS: tuple[type[KefuAction], ...] = (
    *trading.ACTIONS,
    *after_sale.ACTIONS,
    *KNOWLEDGE,
    ArticleAnswer,
    ValidateGuestForm,
    AskGuestOrder,
    AskGuestPhoneTail,
    GuestDone,
    Inform,
    OutOfScope,
    Clarify,
    AskedAgain,
    PictureSent,
    Why,
    *care.ACTIONS,
)
