"""The after-sale actions, as the registry takes them."""

from __future__ import annotations

from actions.base import KefuAction
from actions.case_progress import RefundProgress
from actions.claims import QualityProblem, WrongOrMissingItem
from actions.identity import OrderService
from actions.installation import InstallService
from actions.installation_form import (
    AskVisitConfirmation,
    AskVisitDay,
    AskVisitItem,
    AskVisitPart,
    ValidateVisitForm,
    VisitDone,
)
from actions.repair import RepairWarranty
from actions.return_form import ValidateReturnForm
from actions.return_parcel import (
    AskParcelConfirmation,
    AskParcelCourier,
    AskParcelNumber,
    AskParcelRma,
    ParcelDone,
    ValidateParcelForm,
)
from actions.return_questions import (
    AskConfirmation,
    AskItem,
    AskNote,
    AskOrder,
    AskReason,
    AskRemedy,
    AskWanted,
)
from actions.return_shipping import ReturnShipping
from actions.return_start import StartExchange, StartReturn
from actions.return_withdrawal import (
    AskWithdrawConfirmation,
    AskWithdrawRma,
    ValidateWithdrawForm,
    WithdrawDone,
)
from actions.returns import ReturnDone

SERVICES: dict[str, type[OrderService]] = {
    "return_request": StartReturn,
    "exchange_request": StartExchange,
    "repair_warranty": RepairWarranty,
    "quality_problem": QualityProblem,
    "wrong_or_missing_item": WrongOrMissingItem,
    "return_shipping": ReturnShipping,
    "refund_progress": RefundProgress,
    "install_service": InstallService,
}
_FORMS: tuple[type[KefuAction], ...] = (
    ValidateReturnForm,
    AskOrder,
    AskItem,
    AskReason,
    AskRemedy,
    AskWanted,
    AskNote,
    AskConfirmation,
    ReturnDone,
    ValidateParcelForm,
    AskParcelRma,
    AskParcelNumber,
    AskParcelCourier,
    AskParcelConfirmation,
    ParcelDone,
    ValidateWithdrawForm,
    AskWithdrawRma,
    AskWithdrawConfirmation,
    WithdrawDone,
    ValidateVisitForm,
    AskVisitItem,
    AskVisitDay,
    AskVisitPart,
    AskVisitConfirmation,
    VisitDone,
)
ACTIONS: tuple[type[KefuAction], ...] = (*SERVICES.values(), *_FORMS)
