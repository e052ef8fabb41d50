"""How tickets are talked about in Chinese."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

SHOP_TIME = ZoneInfo("Asia/Shanghai")

KINDS = {
    "complaint": "投诉",
    "appeal": "申诉",
    "intervention": "平台介入申请",
    "technical": "技术问题",
    "feedback": "意见反馈",
    "fraud": "举报",
    "service": "服务申请",
    "callback": "回电预约",
}
STATES = {"open": "待处理", "in_progress": "处理中", "answered": "已答复", "closed": "已关闭"}
_PROMISES = {
    "complaint": "会有专人核实，并在 {hours} 小时内答复您",
    "appeal": "会有专人复核，并在 {hours} 小时内答复您",
    "intervention": "平台会向双方核实，并在 {hours} 小时内答复您",
    "technical": "技术团队会排查，并在 {hours} 小时内答复您",
    "feedback": "会转给相关同事，并在 {hours} 小时内答复您",
    "fraud": "会尽快核查，并在 {hours} 小时内答复您",
    "callback": "会在 {hours} 小时内与您联系",
}
_PROMISE = "会在 {hours} 小时内处理并答复您"


def kind_text(kind: str) -> str:
    return KINDS.get(kind, KINDS["service"])


def moment(at: datetime) -> str:
    """A time at the shop, to the minute: ``11月22日 11:00``."""
    local = at.astimezone(SHOP_TIME)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def opened(kind: str, number: str, hours: int, opening: datetime | None) -> str:
    """What the shopper hears of a new ticket; ``opening``: when people work again, if not now."""
    promise = _PROMISES.get(kind, _PROMISE).format(hours=hours)
    text = f"已为您登记{kind_text(kind)}，工单号是 {number}，我们{promise}。"
    if opening:
        text += f"现在不是客服的工作时间，{moment(opening)}上班后开始处理。"
    return text


def known(kind: str, number: str, due_at: datetime, now: datetime) -> str:
    """What the shopper hears who reports the same again."""
    when = f"最晚 {moment(due_at)} 前答复您" if due_at > now else "我们会尽快答复您"
    return (
        f"您的{kind_text(kind)}已经登记过了，工单号是 {number}，{when}。"
        "新的情况已补充在原工单里，不用重复提交。"
    )


def answered(kind: str, number: str, answer: str) -> str:
    return f"您的{kind_text(kind)}（工单号 {number}）有答复了：{answer}"
