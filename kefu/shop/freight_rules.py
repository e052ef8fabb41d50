"""Who pays for sending goods back. Pure."""

from __future__ import annotations

from kefu.shop.model import FreightPayer, Order, ReturnKind, ReturnReason
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import QUALITY_REASONS

_SENTENCES = {
    FreightPayer.SHOPPER: "寄回的运费需要您承担。",
    FreightPayer.SELLER: "寄回的运费由商家承担，请您先垫付并保留凭证，验收后为您退还。",
    FreightPayer.INSURANCE: "这笔订单有运费险，寄回的运费由保险按规则赔付。",
}


def freight_payer(
    order: Order,
    reason: ReturnReason,
    kind: ReturnKind = ReturnKind.RETURN,
    policy: ShopPolicy | None = None,
) -> FreightPayer:
    """The seller for a fault or a repair under warranty; at will the shopper or the insurance."""
    at_will = kind is not ReturnKind.REPAIR and reason not in QUALITY_REASONS
    if not at_will or not (policy or ShopPolicy()).freight_by_shopper_on_no_reason:
        return FreightPayer.SELLER
    return FreightPayer.INSURANCE if order.freight_insured else FreightPayer.SHOPPER


def freight_sentence(payer: FreightPayer) -> str:
    return _SENTENCES[payer]
