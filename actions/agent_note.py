"""What an agent reads before taking a talk over: why, about what, and what was tried."""

from __future__ import annotations

from typing import cast

from actions.choose import current_number
from actions.reply import VERDICT_SLOT
from actions.ticket_progress import ticket_line
from actions.titles import services
from actions.turn import Turn

_PLACES = {"item_id": "商品", "case_id": "售后单", "page": "页面"}


def agent_note(turn: Turn, why: str) -> str:
    """One paragraph: the reason, the topics answered, the order, refusals, open tickets."""
    parts = [why, *_topics(turn), *_order(turn), *_refusal(turn), *_proof(turn), *_context(turn)]
    if turn.tickets:
        parts.append("未关闭的工单：" + "、".join(ticket_line(each) for each in turn.tickets))
    if turn.active_form and turn.active_form != "guest_form":
        parts.append("有一项申请填到一半，没有提交")
    return f"{'；'.join(parts)}。"


def _topics(turn: Turn) -> list[str]:
    """What the bot has answered before."""
    titles = services()
    topics = [titles[name] for name in turn.previous_intents() if name in titles]
    return [f"此前咨询：{'、'.join(dict.fromkeys(topics))}"] if topics else []


def _order(turn: Turn) -> list[str]:
    number = current_number(turn) or turn.claims.context.get("order_id")
    return [f"相关订单：{number}"] if number else []


def _refusal(turn: Turn) -> list[str]:
    verdict = cast("dict[str, str] | None", turn.slots.get(VERDICT_SLOT))
    return [f"机器人已说明：{verdict['sentence'].rstrip('。')}"] if verdict else []


def _proof(turn: Turn) -> list[str]:
    if not turn.is_guest:
        return []
    proved = sorted(turn.viewer.verified_orders)
    return [f"顾客没有登录，已核对过订单 {'、'.join(proved)}" if proved else "顾客没有登录"]


def _context(turn: Turn) -> list[str]:
    context = turn.claims.context
    opened = [f"{name} {context[key]}" for key, name in _PLACES.items() if context.get(key)]
    return [f"从{'、'.join(opened)} 进入"] if opened else []
