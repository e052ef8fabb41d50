"""Tell what a turn that could not be finished has done in the shop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from kefu.shop import wording
from kefu.shop.model import Operation, OrderState
from kefu.shop.money import Charge

_CAUSES = {
    "engine_unreachable": "对话引擎无法连接",
    "deadline_exceeded": "对话引擎处理超时",
    "action_failed": "业务操作执行失败",
    "model_mismatch": "对话模型已更换",
    "worker_lost": "处理进程中断",
}


def sentences(operations: Sequence[Operation]) -> list[str]:
    """One sentence for the shopper per effect, in the order they happened."""
    return [_sentence(operation) for operation in operations]


def facts(operations: Sequence[Operation]) -> list[str]:
    """One line for the agent per effect, also of those that have no sentence."""
    return [
        _sentence(operation)
        if operation.name in _SENTENCES
        else f"系统已执行操作 {operation.name}（{operation.target}）。"
        for operation in operations
    ]


def apology(told: Sequence[str], *, unsure: bool) -> str:
    """What the shopper reads when the bot gives up."""
    sorry = "非常抱歉，刚才的消息处理时出了点问题。"
    called = "已为您转接人工客服，"
    if told:
        return f"{sorry}不过请放心，{''.join(told)}{called}其余的由人工客服继续为您处理。"
    if unsure:
        return f"{sorry}{called}客服会先为您核实申请是否已提交成功，请不要重复提交。"
    return f"{sorry}{called}请稍候。"


def note(error: str, done: Sequence[str], *, unsure: bool) -> str:
    """What the agent reads beside the conversation."""
    lines = [f"机器人处理失败（{_CAUSES.get(error, error)}），未能回复顾客的最后一条消息。", *done]
    if unsure:
        lines.append("订单系统无法确认本次操作是否已生效，请先核实再处理。")
    return "\n".join(lines)


def _of(value: object, name: str) -> Any:
    """A member of a stored result; results are as JSON holds them."""
    return cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None


def _refund(refund: object) -> str:
    if refund is None:
        return ""
    amount, number = wording.yuan(int(_of(refund, "amount"))), _of(refund, "refund_id")
    return f"退款{amount}已提交，退款编号{number}。"


def _return_requested(operation: Operation) -> str:
    name = {"exchange": "换货", "repair": "维修"}.get(str(operation.result.get("kind")), "退货")
    return f"您的{name}申请已提交成功，{name}单号是 {operation.result.get('rma_number')}。"


def _return_sent(operation: Operation) -> str:
    number = operation.result.get("tracking_number")
    return f"售后申请 {operation.target} 的寄回单号 {number} 已登记。"


def _return_withdrawn(operation: Operation) -> str:
    return f"售后申请 {operation.target} 已撤销。"


def _urged(operation: Operation) -> str:
    return f"订单 {operation.target} 已提醒商家尽快发货。"


def _order_changed(operation: Operation) -> str:
    return f"订单 {operation.target} 的信息已按您的要求修改。"


def _order_cancelled(operation: Operation) -> str:
    return f"订单 {operation.target} 已取消。{_refund(operation.result.get('refund'))}"


def _visit_booked(operation: Operation) -> str:
    day, number = operation.result.get("day"), operation.result.get("booking_id")
    return f"上门安装已约在 {day}，预约号 {number}。"


def _visit_cancelled(operation: Operation) -> str:
    return f"预约号 {operation.result.get('booking_id')} 的上门安装已取消。"


def _charge_settled(operation: Operation) -> str:
    """A finding with nothing to repair was an effect all the same: the check itself."""
    result = operation.result
    charge = _of(result.get("finding"), "charge")
    paid = charge == Charge.NOT_BOOKED and _of(result.get("order"), "state") == OrderState.PAID
    booked = f"订单 {operation.target} 已改为已付款。" if paid else ""
    told = f"{booked}{_refund(result.get('refund'))}"
    return told or f"订单 {operation.target} 的付款已核对，没有需要退的款项。"


def _invoice_requested(operation: Operation) -> str:
    number = operation.result.get("invoice_id")
    return f"订单 {operation.target} 的发票申请已提交，编号 {number}。"


def _price_claimed(operation: Operation) -> str:
    return f"价格保护申请成功。{_refund(operation.result)}"


def _unlocked(operation: Operation) -> str:
    return "您的账号已解锁。"


def _reset_started(operation: Operation) -> str:
    return "重设密码的链接已生成。"


def _phone_changed(operation: Operation) -> str:
    return f"账号绑定的手机号已改为 {operation.result.get('phone_masked')}。"


_SENTENCES: dict[str, Callable[[Operation], str]] = {
    "request_return": _return_requested,
    "submit_return_tracking": _return_sent,
    "cancel_return": _return_withdrawn,
    "urge_shipping": _urged,
    "change_order": _order_changed,
    "cancel_order": _order_cancelled,
    "book_installation": _visit_booked,
    "cancel_installation": _visit_cancelled,
    "settle_charge": _charge_settled,
    "request_invoice": _invoice_requested,
    "claim_price": _price_claimed,
    "unlock_account": _unlocked,
    "start_password_reset": _reset_started,
    "change_phone": _phone_changed,
}
_SOMETHING = "您的一项申请已办理成功，人工客服会告诉您具体结果。"


def _sentence(operation: Operation) -> str:
    told = _SENTENCES.get(operation.name)
    return told(operation) if told else _SOMETHING
