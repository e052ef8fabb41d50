"""What each figure is called and what it says, for all who read it."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """``text`` is shown beside the figure."""

    title: str
    text: str


DEFINITIONS = {
    "talks": Definition(
        "会话数", "所选日期内，顾客向机器人提过问题或转过人工的会话数。同一会话只算一次。"
    ),
    "contained": Definition(
        "机器人独立接待率", "没有转人工的会话占全部会话的比例。不代表问题一定得到了解决。"
    ),
    "handoff_rate": Definition("转人工率", "转过人工的会话占全部会话的比例。"),
    "handoffs": Definition(
        "转人工次数", "所选日期内发起的转人工次数。转接、退回队列都算同一次，不重复计。"
    ),
    "left": Definition("排队流失率", "没等到客服就离开的转人工，占已结束排队的转人工的比例。"),
    "returned": Definition(
        "退回队列次数", "客服掉线、退出登录或超时没有回复，会话被退回队列的次数。"
    ),
    "wait": Definition(
        "排队时长", "从转人工到第一位客服接起的时间，含下班时间。中位数：一半的顾客不超过它。"
    ),
    "first_response": Definition(
        "首次响应时长",
        "从转人工到客服发出第一条消息的时间，含下班时间。中位数：一半的顾客不超过它。",
    ),
    "resolution": Definition(
        "解决时长",
        "从转人工到客服结束会话或交还机器人的时间。只统计客服接起并已结束的转人工。",
    ),
    "satisfied": Definition(
        "满意度（CSAT）", "4 星和 5 星占全部已收到评价的比例，按邀请评价的日期统计。"
    ),
    "told_right": Definition(
        "预计等待准确率",
        "实际等待落在告知顾客的时间范围内的比例。每告知一次算一次；中途离开的无法比较，不计入。",
    ),
    "wrong": Definition("答错率", "客服标记「答错了」占全部标记的比例，按标记的日期统计。"),
    "topic": Definition(
        "问题类型",
        "一个会话问过几类问题，就在几类里各算一次；转人工算在转接前最后一个具体问题上。",
    ),
    "questions": Definition("提问数", "顾客发给机器人的提问，连续发送的几条合并回答时算一次。"),
    "chats": Definition("接待次数", "客服在所选日期内接起会话的次数，含同事转来的。"),
    "passed_on": Definition("转出", "转给同事、其他组，或被主管接手的次数。"),
    "given_back": Definition("退回", "因掉线、退出登录或超时没有回复，会话被退回队列的次数。"),
    "response": Definition(
        "接起后首次回复", "从接起到发出本次转人工第一条客服消息的时间，算在当时接待的客服名下。"
    ),
    "held": Definition(
        "接待时长", "从接起到结束、转出或退回的时间。所选日期结束一天后仍未结束的不计入。"
    ),
    "given": Definition("评价率", "收到评价的次数占邀请评价次数的比例。"),
    "mean": Definition("平均星级", "全部已收到评价的平均星数。"),
}
