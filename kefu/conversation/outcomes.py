"""Tell what a turn that could not be finished has done in the shop."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.shop.model import Operation

_CAUSES = {
    "engine_unreachable": "对话引擎无法连接",
    "deadline_exceeded": "对话引擎处理超时",
    "action_failed": "业务操作执行失败",
    "model_mismatch": "对话模型已更换",
    "worker_lost": "处理进程中断",
}


def sentences(operations: Sequence[Operation]) -> list[str]:
    """One sentence per effect, in the order they happened."""
    return [_sentence(operation) for operation in operations]


def apology(told: Sequence[str], *, unsure: bool) -> str:
    """What the shopper reads when the bot gives up."""
    sorry = "非常抱歉，刚才的消息处理时出了点问题。"
    if told:
        return f"{sorry}不过请放心，{''.join(told)}其余的由人工客服继续为您处理。"
    if unsure:
        return f"{sorry}您的申请是否已提交成功，人工客服会先为您核实，请不要重复提交。"
    return f"{sorry}"


def note(error: str, told: Sequence[str], *, unsure: bool) -> str:
    """What the agent reads beside the conversation."""
    lines = [f"机器人处理失败（{_CAUSES.get(error, error)}），未能回复顾客的最后一条消息。", *told]
    if unsure:
        lines.append("订单系统无法确认本次操作是否已生效，请先核实再处理。")
    return "\n".join(lines)


def _sentence(operation: Operation) -> str:
    if operation.name == "request_return":
        number = operation.result.get("rma_number")
        return f"您的退货申请已提交成功，退货单号是 {number}。"
    return f"您的申请已办理成功（{operation.name}：{operation.target}）。"
