"""A shop that lets nothing be written: what would change it has to become a ticket."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, cast

from kefu.errors import KefuError
from kefu.shop.gateway import ShopGateway, ShopReadOnly

PASSES = frozenset(
    {
        "ping",
        "close",
        "account",
        "orders",
        "order",
        "failed_payments",
        "returns",
        "refunds",
        "return_verdict",
        "check_guest",
        "operation",
        "operations",
        "installations",
        "coupons",
        "invoices",
        "price_claim",
        "return_by_number",
        "membership",
        "contacts",
        "find_contact",
        "send_notice",
        "products",
        "product",
        "seller",
    }
)
"""What reads, and what writes to Kefu's own tables alone: counted tries and the outbox."""


LOOKS = PASSES - {"check_guest", "send_notice"}
"""What reads, and writes nothing at all."""


class LookingOnly(KefuError):
    """A turn that is only looking has tried to change something."""

    code: ClassVar[str] = "looking_only"
    title: ClassVar[str] = "这项操作不能在预览中执行。"
    status: ClassVar[int] = 409


class ReadOnlyGateway:
    """The ``ShopGateway`` behind it, with every other method raising ``ShopReadOnly``."""

    def __init__(self, shop: ShopGateway) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._shop, name)
        return method if name in PASSES else _refuse


def without_writes(shop: ShopGateway) -> ShopGateway:
    return cast(ShopGateway, ReadOnlyGateway(shop))


class LookingGateway:
    """The ``ShopGateway`` behind it for who may only look: all else raises ``LookingOnly``."""

    def __init__(self, shop: ShopGateway) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._shop, name)
        return method if name in LOOKS else _forbid


def only_looking(shop: ShopGateway) -> ShopGateway:
    return cast(ShopGateway, LookingGateway(shop))


def _forbid(*_arguments: object, **_named: object) -> NoReturn:
    raise LookingOnly("the turn is only looking")


def _refuse(*_arguments: object, **_named: object) -> NoReturn:
    raise ShopReadOnly("the shop is set to be read only")
