"""Tell what a turn that could not be finished has done in the shop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kefu.shop.model import Operation

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


def _return_requested(operation: Operation) -> str:
    return f"您的退货申请已提交成功，退货单号是 {operation.result.get('rma_number')}。"


_SENTENCES: dict[str, Callable[[Operation], str]] = {"request_return": _return_requested}
_SOMETHING = "您的一项申请已办理成功，人工客服会告诉您具体结果。"


def _sentence(operation: Operation) -> str:
    told = _SENTENCES.get(operation.name)
    return told(operation) if told else _SOMETHING
