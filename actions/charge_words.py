"""What an order's payments show, as a shopper reads it, and what a message tells of a charge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.charge_rules import booking_verdict, charge_finding, is_bookable
from kefu.shop.model import Order, Payment, PaymentState, Refund, RefundState
from kefu.shop.money import Charge, ChargeFinding
from kefu.shop.rules import BEIJING

_PLAIN_AMOUNT = re.compile(r"(?<![\d.])(\d{1,6}(?:\.\d{1,2})?)(?![\d.年月日点号:：次笔])")
_METHODS = re.compile(
    r"微信支付|微信|支付宝|银行卡|信用卡|储蓄卡|花呗|白条|云闪付|京东支付|余额|[\u4e00-\u9fa5]{2}银行"
)
_WHEN = re.compile(
    r"(?:今天|昨天|前天|大前天|刚才|刚刚|上周[一二三四五六日]?|周[一二三四五六日]|\d{1,2}月\d{1,2}[日号]?|\d{1,2}[日号])"
    r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?(?:\d{1,2}[:：点]\d{0,2}分?)?"
    r"|(?:凌晨|早上|上午|中午|下午|晚上)\d{0,2}[点:：]?\d{0,2}"
)


def told_amount(turn: Turn, *, asked: bool = False) -> int | None:
    """Fen; a bare number counts where the amount was asked for."""
    value = turn.entity("amount")
    if value is None and asked:
        found = _PLAIN_AMOUNT.search(turn.text)
        value = found.group(1) if found else None
    try:
        return round(float(value) * 100) if value else None
    except ValueError:
        return None


def told_when(turn: Turn) -> str | None:
    """Day and time as they were written."""
    found = max(_WHEN.findall(turn.text), key=len, default=None)
    return found or turn.entity("date")


def told_day(turn: Turn) -> date | None:
    try:
        return date.fromisoformat((turn.entity("date") or "")[:10])
    except ValueError:
        return None


def told_method(turn: Turn) -> str | None:
    found = _METHODS.search(turn.text)
    return found.group() if found else turn.entity("payment_method") or turn.entity("bank")


def is_troubled(order: Order) -> bool:
    """Whether the shop itself sees something to repair."""
    return charge_finding(order).charge in (Charge.DUPLICATE, Charge.NOT_BOOKED)


def fits(order: Order, amount: int | None, day: date | None) -> bool:
    """Whether a payment of the order is of this amount, and of this Beijing day."""
    return any(
        (amount is None or each.amount == amount)
        and (day is None or each.created_at.astimezone(BEIJING).date() == day)
        for each in order.payments
    )


def short_finding(order: Order) -> str:
    """A few words for a button; empty where nothing is wrong."""
    return {
        Charge.DUPLICATE: "重复付款",
        Charge.NOT_BOOKED: "已扣款未入账",
        Charge.PENDING: "付款处理中",
    }.get(charge_finding(order).charge, "")


def explained(order: Order, now: datetime) -> str:
    """What was checked and what it showed."""
    finding = charge_finding(order)
    match finding.charge:
        case Charge.DUPLICATE:
            return (
                f"查到了：这笔订单应付{wording.yuan(order.total)}，"
                f"实际收到了{len(finding.payments)}笔付款：\n{_list(finding.payments, now)}\n"
                f"多收了{wording.yuan(finding.surplus)}，非常抱歉。"
            )
        case Charge.NOT_BOOKED:
            return f"查到了：\n{_list(finding.payments, now)}\n{_unbooked(order, finding)}"
        case Charge.PENDING:
            return (
                f"这笔付款银行还在处理，结果没有回来：\n{_list(finding.payments, now)}\n"
                "请先不要重复付款，过一会儿再来查；没有付成的话，银行会把钱退回来。"
            )
        case Charge.FINE:
            listed = f"：\n{_list(finding.payments, now)}\n" if finding.payments else "，"
            return f"我核对了这笔订单的付款记录{listed}{_given_back(order)}"
        case Charge.UNPAID:
            return "我核对了这笔订单的付款记录，没有查到付款成功的记录。"


def was_settled(order: Order) -> bool:
    """Whether more was taken than the order costs, and it is on its way back."""
    paid = sum(each.amount for each in order.payments if each.state is PaymentState.SUCCEEDED)
    return paid > order.total and bool(_refunds(order))


def _refunds(order: Order) -> list[Refund]:
    return [
        each
        for each in order.refunds
        if each.rma_number is None and each.state is not RefundState.FAILED
    ]


def _given_back(order: Order) -> str:
    back = [
        f"{wording.yuan(each.amount)}（{each.refund_id}，{wording.refund_state_text(each.state)}）"
        for each in _refunds(order)
    ]
    if was_settled(order):
        return f"多收的部分已经在退：{'、'.join(back)}，没有其他多收的款项。"
    return "没有查到重复或多收的款项。"


def _unbooked(order: Order, finding: ChargeFinding) -> str:
    if not is_bookable(order):
        return f"订单已经取消，但还有{wording.yuan(finding.surplus)}没有退给您，非常抱歉。"
    if not booking_verdict(order).allowed:
        return booking_verdict(order).sentence
    extra = f"其中多收的{wording.yuan(finding.surplus)}会退给您。" if finding.surplus else ""
    return f"钱已经扣了，但订单没有更新成已付款，非常抱歉。{extra}"


def _list(payments: Sequence[Payment], now: datetime) -> str:
    return "\n".join(
        f"· {wording.moment_text(each.created_at, now)} "
        f"{wording.payment_method_text(each.method)} {wording.yuan(each.amount)}"
        f"（{wording.payment_state_text(each.state)}）"
        for each in payments
    )
