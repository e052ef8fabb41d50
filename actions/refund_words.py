"""Where money goes back to, and when: said before a refund is confirmed and after it is opened."""

from __future__ import annotations

from actions.base import Services
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Order, PaymentState, Refund


def channel_of(order: Order) -> str | None:
    """The way of the newest payment, by which money goes back; ``None``: nothing was paid."""
    paid = [
        each
        for each in order.payments
        if each.state in (PaymentState.SUCCEEDED, PaymentState.REFUNDED)
    ]
    newest = max(paid, key=lambda each: each.created_at, default=None)
    return newest.method if newest else None


def in_general(usually: str | None) -> str:
    """「，一般 1 至 3 个工作日」 or 「，一般即时」; nothing where nobody knows."""
    if not usually:
        return ""
    return f"，一般 {usually}" if usually[0].isdigit() else f"，一般{usually}"


def way_back(services: Services, turn: Turn, channel: str | None) -> str:
    """「原路退回支付宝账户，一般 1 至 3 个工作日到账」"""
    usually = services.profiles[turn.claims.profile].policies.refund_days.get(channel or "")
    takes = f"{in_general(usually.removesuffix('到账'))}到账" if usually else ""
    return f"原路退回{wording.channel_text(channel or '')}{takes}"


def opened_refund(services: Services, turn: Turn, refund: Refund) -> str:
    """One sentence with amount, number and time of a refund just opened."""
    amount = wording.yuan(refund.amount)
    way = way_back(services, turn, refund.channel)
    return f"退款{amount}已提交，退款编号{refund.refund_id}，审核后{way}。"
