"""The one door to a shop. Actions and the desk know this protocol, not what stands behind it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import ClassVar, Protocol

from kefu.errors import KefuError
from kefu.shop.doors import Accounts, AfterSale, Catalogue, Charges, OrderChanges
from kefu.shop.model import (
    Account,
    GuestCheck,
    Operation,
    Order,
    OrderPage,
    OrderState,
    Payment,
    Refund,
    Return,
    ReturnKind,
    ReturnReason,
    TurnRef,
    Verdict,
    Viewer,
)


class ShopUnavailable(KefuError):
    """The shop's database or service does not answer, or not in time."""

    code: ClassVar[str] = "shop_unavailable"
    title: ClassVar[str] = "订单系统暂时没有响应，请稍后再试，或为您转接人工客服。"
    status: ClassVar[int] = 503


class RuleRefused(KefuError):
    """A rule of the shop forbids it; ``sentence`` says why and what is possible instead."""

    code: ClassVar[str] = "rule_refused"
    title: ClassVar[str] = "暂时不能办理，您可以联系人工客服。"
    status: ClassVar[int] = 409

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code, title=verdict.sentence)
        self.verdict = verdict


class OperationConflict(KefuError):
    """The same turn asks for the same operation on the same target with other arguments."""

    code: ClassVar[str] = "operation_conflict"
    title: ClassVar[str] = "这项操作与刚才的申请不一致，请重新发起。"
    status: ClassVar[int] = 409


class ShopReadOnly(KefuError):
    """The shop lets nothing be written: the request has to become a ticket."""

    code: ClassVar[str] = "shop_read_only"
    title: ClassVar[str] = "这项服务要由人工办理，已为您登记，请留意后续通知。"
    status: ClassVar[int] = 409


class ShopGateway(OrderChanges, Charges, AfterSale, Accounts, Catalogue, Protocol):
    """Every method raises ``ShopUnavailable`` when the shop cannot answer.

    What a viewer may not see is answered exactly as what does not exist: ``None`` or empty.
    Methods are synchronous and thread-safe.
    """

    def ping(self) -> None:
        """Return if the shop answers."""
        ...

    def close(self) -> None:
        """Let go of all connections; the gateway is not asked again."""
        ...

    def account(self, viewer: Viewer) -> Account | None:
        """The viewer's account; ``None`` for a guest."""
        ...

    def orders(
        self,
        viewer: Viewer,
        *,
        states: Collection[OrderState] | None = None,
        limit: int = 5,
        offset: int = 0,
    ) -> OrderPage:
        """The viewer's orders, newest first, complete with items, payments, shipments, returns."""
        ...

    def order(self, viewer: Viewer, order_number: str) -> Order | None: ...

    def failed_payments(self, viewer: Viewer, limit: int = 5) -> tuple[Payment, ...]:
        """Payments that failed and whose order is still unpaid or closed, newest first."""
        ...

    def returns(self, viewer: Viewer, limit: int = 5) -> tuple[Return, ...]: ...

    def refunds(self, viewer: Viewer, limit: int = 5) -> tuple[Refund, ...]: ...

    def return_verdict(
        self,
        viewer: Viewer,
        order: Order,
        item_id: str,
        now: datetime,
        reason: ReturnReason | None = None,
        *,
        kind: ReturnKind = ReturnKind.RETURN,
    ) -> Verdict:
        """Whether the item may be sent back now (the pure rules of ``kefu.shop.return_rules``).

        Without a ``reason`` it is judged as at will. ``category_excluded`` and ``fault_only`` then
        mean that it can still be sent back for a fault: ask for the reason.
        """
        ...

    def check_guest(
        self, profile: str, order_number: str, phone_tail: str, turn: TurnRef
    ) -> GuestCheck:
        """Check a guest's claim; the fifth wrong try within an hour blocks the number for an hour.

        Counted once per turn: the same turn again gives the same answer.
        """
        ...

    def operation(self, turn: TurnRef, name: str, target: str) -> Operation | None:
        """What this turn has already done; looked up before any eligibility rule."""
        ...

    def operations(self, turn_id: str) -> tuple[Operation, ...]:
        """All effects of a turn, oldest first: for the desk, when a turn cannot be finished."""
        ...

    def request_return(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        reason: ReturnReason,
        note: str = "",
        kind: ReturnKind = ReturnKind.RETURN,
        wanted_variant: str | None = None,
    ) -> Return:
        """Open an RMA, once per turn and never two open ones for an item.

        The operation's name is ``request_return``, its target ``<order_number>/<item_id>``.
        Raises ``RuleRefused`` or ``OperationConflict``.
        """
        ...
