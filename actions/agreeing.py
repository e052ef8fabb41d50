"""A short yes in whatever words: 「办吧」, 「好的 发吧」, 「那就提交」."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from actions.matters import PENDING, matter
from actions.reply import OFFER_SLOT, Button, button
from actions.turn import Turn

_YES = r"确认|确定|没错|没问题|同意|对|是|好|嗯|行|可以|能"
_PADDING = re.compile(
    r"帮[我忙]|麻烦|请|给我|回来|那|就|您|你|一?下|这样|现在|赶紧|掉|它|这[单笔]|订单|我|[的了吧呢啊呀哦哈]"
)
_ASKS = re.compile(r"[吗呢?？不]|什么|怎么|多[久少]")
# What any offer may be answered with: it is the offer that says what shall be done.
_DOING = (
    *("需要", "要", "提交", "登记", "申请", "处理", "操作", "安排", "开始", "马上", "立刻", "快"),
    *("办", "弄", "做", "发", "送", "转", "接", "来", "去", "记", "过去", "谢谢", "呗", "嘞"),
)
_REFUSES = re.compile(r"别|没(?!错|问题|事)|算了|等")


def agrees(text: str, verbs: Sequence[str]) -> bool:
    """「取消吧」, 「对 退给我」, 「好，麻烦处理一下」: nothing but a yes, or what is to be done."""
    if not text or _ASKS.search(text):
        return False
    said = re.compile("|".join([*verbs, _YES]))
    return bool(said.search(text)) and not re.sub(r"\W", "", _PADDING.sub("", said.sub("", text)))


def accepts_offer(turn: Turn) -> bool:
    """Whether a typed message is a yes to what the bot's last answer offered."""
    offer = offered(turn) or offered_ticket(turn)
    if offer is None or turn.requested_slot or _REFUSES.search(turn.text):
        return False
    return agrees(turn.text, (*_pieces(offer["title"]), *_DOING))


def offered(turn: Turn) -> Button | None:
    """The service that the bot's last answer asked about."""
    kept: Any = turn.set_before(OFFER_SLOT)
    match kept:
        case {"title": str(title), "payload": str(payload)}:
            return {"title": title, "payload": payload}
        case _:
            return None


def offered_ticket(turn: Turn) -> Button | None:
    """The ticket that the bot's last answer asked about."""
    kept: Any = turn.set_before(PENDING)
    asked = matter(kept["kind"]) if kept else None
    return button(asked.submit, "open_ticket", ticket=asked.kind) if asked else None


def _pieces(title: str) -> list[str]:
    """Every part of a title that a shopper may repeat, the longest first."""
    ends = combinations(range(len(title) + 1), 2)
    parts = {title[start:end] for start, end in ends if end - start > 1}
    return [re.escape(each) for each in sorted(parts, key=len, reverse=True)]
