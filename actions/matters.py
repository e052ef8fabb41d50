"""The kinds of tickets that a shopper may open, and how the bot talks about each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kefu.profiles import Profile

PENDING = "pending_ticket"


@dataclass(frozen=True, slots=True)
class Matter:
    """``offer`` asks whether to open one; ``ask`` asks what happened.

    ``about_order``: the order is asked for. ``needs_contact``: nobody can be told the answer
    without a phone number or an e-mail address. ``evidence``: what helps, where the profile does
    not say.
    """

    kind: str
    name: str
    subject: str
    submit: str
    offer: str
    ask: str
    evidence: str = ""
    about_order: bool = False
    needs_contact: bool = False


_SORRY = "让您有不好的体验，非常抱歉。"
_ALL = (
    Matter(
        "complaint",
        "投诉",
        "顾客投诉",
        "提交投诉",
        f"{_SORRY}需要我替您登记投诉吗？登记后会有专人跟进，您也可以直接找人工客服。",
        f"{_SORRY}请告诉我发生了什么、是谁的问题，您希望怎么解决。",
        "订单号、照片、聊天截图",
        about_order=True,
    ),
    Matter(
        "appeal",
        "申诉",
        "顾客申诉",
        "提交申诉",
        "我可以替您登记申诉，由专人重新核实处理结果。需要登记吗？您也可以直接找人工客服。",
        "请告诉我您对哪个处理结果有异议，理由是什么。",
        "原来的工单号、聊天记录、照片",
        about_order=True,
    ),
    Matter(
        "intervention",
        "平台介入",
        "顾客申请平台介入",
        "申请平台介入",
        "我可以替您申请平台介入，由平台向双方核实。需要申请吗？您也可以直接找人工客服。",
        "请告诉我您和商家谈到了哪一步、分歧在哪里，您希望怎么解决。",
        "和商家的聊天截图、照片、付款凭证",
        about_order=True,
    ),
    Matter(
        "technical",
        "技术问题",
        "顾客报告技术问题",
        "提交技术问题",
        "很抱歉给您添麻烦了。需要我登记下来，请技术同事排查吗？",
        "请告诉我三点：您当时在做什么、页面上的提示原文、大概什么时间。",
        "页面截图、手机型号和应用版本",
    ),
    Matter(
        "feedback",
        "意见反馈",
        "顾客建议或表扬",
        "提交反馈",
        "谢谢您的反馈！需要我记下来转给相关同事吗？",
        "好的，请直接写下您的建议或想表扬的事。",
    ),
    Matter(
        "fraud",
        "诈骗举报",
        "顾客举报诈骗",
        "登记举报",
        "需要我替您登记举报，由专人核查吗？",
        "请告诉我对方怎么联系您的、说了什么，以及对方的号码或链接。有没有转账也请说明。",
        "通话记录、聊天截图、转账凭证",
    ),
    Matter(
        "callback",
        "留言",
        "顾客留言，请回复",
        "我要留言",
        "您可以留言，客服上班后会联系您。需要留言吗？",
        "请写下您的问题，我会转给客服。",
        needs_contact=True,
    ),
)
MATTERS: Mapping[str, Matter] = {each.kind: each for each in _ALL}

_ENOUGH_SAID = 3
_ASKING = re.compile(
    r"我们?|你们?|您|要|想|需要|可以|能不能|怎么|如何|在哪里?|请|帮忙?|一下|这个?|那个?|个|去|来|给|提"
    r"|登记|提交|申请|投诉|申诉|举报|平台|官方|小二|客服|人工|商家|店铺|卖家|快递员?|介入|处理"
    r"|反馈|建议|意见|留言|技术|问题|诈骗|骗子|订单|号|是|了|的|吧|啊|呢|吗"
)


def matter(kind: str | None) -> Matter | None:
    return MATTERS.get(kind or "")


def tells_something(text: str) -> bool:
    """Whether the words say more than that a ticket is wanted, and perhaps for which order."""
    left = re.sub(r"[A-Za-z]{0,4}\d{4,}|[\W_]", "", _ASKING.sub("", text))
    return len(left) >= _ENOUGH_SAID


def evidence_for(profile: Profile, asked: Matter) -> str:
    """What to keep ready: as the profile says, else what always helps."""
    by_kind = {str(kind): words for kind, words in profile.evidence.items()}
    return by_kind.get(asked.kind, asked.evidence)
