"""How far the shopper's tickets are, told from the desk's signed word on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.base import KefuAction
from actions.matters import MATTERS, matter
from actions.reply import PERSON, Button, Reply, button
from actions.turn import Turn
from kefu.shop import wording
from kefu.turn_token import TicketSummary

_SINCE = "请确认是不是提交时的账号；已经关闭的工单这里不再显示。"
NONE_OPEN = f"没有查到您名下正在处理的工单。{_SINCE}"
NOT_FOUND = f"没有查到这个工单号。请核对号码，{_SINCE}"
WORKED_ON = ("open", "in_progress")
_LISTED = 3
_STATES = {"open": "待处理", "in_progress": "处理中", "answered": "已答复"}
_NAMES = {**{kind: each.name for kind, each in MATTERS.items()}, "service": "服务申请"}

_NUMBER = re.compile(r"(?<![0-9A-Za-z])TK[ -]?(\d{18})(?!\d)", re.IGNORECASE)
_TICKET = re.compile(r"工单|投诉|申诉|举报|介入|反馈|留言|技术问题")
_HOW_FAR = re.compile(
    r"进度|进展|结果|怎么样|怎样了|处理(得|好|完|了吗|到|没)|到哪|有答复|答复了|回复了吗"
    r"|(没|不)[有人]*(联系|回复|答复|处理|消息)|多久(能|才|会)?(有|处理|答复|回复)"
)

_MINE = re.compile(r"^(?:查|看|问|一?下|我的?)*工单(?:呢|进度|状态|号)?[了吗呢?？。 ]*$")
# Only who has a ticket can mean it by so few words.
_BARE = re.compile(
    r"^(?:那|请问|我的?|这个|那个|上次|刚才|事情?|问题|的|现在|你们|到底)*"
    r"(?:处理|解决|核实|调查|补发|办|弄)(?:得|的|到)?"
    r"(?:怎么样|怎样|咋样|如何|哪一?步|好了?没有?|完了?没有?|好了吗|完了吗|了吗|了没有?|进度|结果|没有?)"
    r"[了呢啊吗呀。.!！?？~ ]*$"
    r"|^(?:查|看|问)?一?下?(?:处理)?(?:进度|进展|结果)[呢吗?？。 ]*$"
)

# 「我要投诉！说好昨天发货结果没发」 speaks of a result without asking for one.
_OBJECTS = re.compile(r"(?:要|想)(?:投诉|申诉|举报)(?!的|进度|进展|结果|处理)|不服|有异议")


def named_ticket(turn: Turn) -> str | None:
    """The number of a ticket in the message."""
    found = _NUMBER.search(turn.text)
    return f"TK{found.group(1)}" if found else None


def context_ticket(turn: Turn) -> str | None:
    """The ticket that the chat was opened from."""
    case = turn.claims.context.get("case_id", "")
    return case.upper() if _NUMBER.fullmatch(case) else None


def asks_how_far(turn: Turn) -> bool:
    """Whether the words ask what became of a ticket; to open one is another matter."""
    if named_ticket(turn) or _MINE.match(turn.text):
        return True
    if not _TICKET.search(turn.text) or _OBJECTS.search(turn.text):
        return False
    return bool(_HOW_FAR.search(turn.text))


def asks_bare_progress(text: str) -> bool:
    """「处理得怎么样了」, 「解决了没」: how far it is, without a word of what."""
    return bool(_BARE.match(text))


def tell_tickets(turn: Turn, reply: Reply) -> bool:
    """Answer the message if it asks for progress of tickets, and for nothing about an order."""
    if not asks_how_far(turn):
        return False
    number = named_ticket(turn)
    if number:
        found = [each for each in turn.tickets if each.number == number]
    else:
        found = [each for each in turn.tickets if _is_meant(turn, each)] or list(turn.tickets)
    if found:
        tell(turn, reply, found)
    else:
        reply.say(NOT_FOUND if number else NONE_OPEN, [PERSON])
    return True


def _is_meant(turn: Turn, ticket: TicketSummary) -> bool:
    words = {"complaint": "投诉", "appeal": "申诉", "intervention": "介入", "fraud": "举报"}
    return words.get(ticket.kind, "\n") in turn.text


def tell(turn: Turn, reply: Reply, tickets: Sequence[TicketSummary]) -> None:
    """The state of each, when it is answered, and what can still be done."""
    lines = [progress_sentence(turn, each) for each in tickets[:_LISTED]]
    if len(tickets) > _LISTED:
        lines.append(f"另外还有 {len(tickets) - _LISTED} 张，发工单号可以查看。")
    late = any(_is_late(turn, each) for each in tickets[:_LISTED])
    if late:
        lines.append("有工单超过了答复时间，很抱歉，可以请人工客服帮您催办。")
    reply.say("\n".join(lines), [*_next_steps(tickets), PERSON])


def progress_sentence(turn: Turn, ticket: TicketSummary) -> str:
    """「投诉 TK…（订单 KF…）：处理中，最晚明天14:05答复您。」"""
    name = _NAMES.get(ticket.kind, "工单")
    order = f"（订单 {ticket.order_number}）" if ticket.order_number else ""
    state = _STATES.get(ticket.state, "处理中")
    if ticket.state == "answered":
        rest = "，答复内容请看聊天记录、短信或邮件"
    elif _is_late(turn, ticket):
        rest = f"，原定{wording.moment_text(ticket.due_at, turn.now)}前答复"
    else:
        rest = f"，最晚{wording.moment_text(ticket.due_at, turn.now)}答复您"
    return f"{name} {ticket.number}{order}：{state}{rest}。"


def ticket_line(ticket: TicketSummary) -> str:
    """「投诉 TK…（处理中）」, for an agent."""
    state = _STATES.get(ticket.state, "处理中")
    return f"{_NAMES.get(ticket.kind, '工单')} {ticket.number}（{state}）"


def _is_late(turn: Turn, ticket: TicketSummary) -> bool:
    return ticket.state in WORKED_ON and ticket.due_at <= turn.now


def _next_steps(tickets: Sequence[TicketSummary]) -> list[Button]:
    """Add to the ticket told; against an answer, appeal."""
    if len(tickets) != 1:
        return []
    (ticket,) = tickets
    if ticket.state in WORKED_ON:
        known = matter(ticket.kind)
        return [button("补充说明", "open_ticket", ticket=ticket.number)] if known else []
    return [button("对结果申诉", "open_ticket", ticket="appeal")]


class TicketProgress(KefuAction):
    """「工单进度」 as a button, or the ticket that the chat was opened from."""

    action_name: ClassVar[str] = "action_ticket_progress"

    def answer(self, turn: Turn, reply: Reply) -> None:
        opened_from = context_ticket(turn) if turn.text else None
        found = [each for each in turn.tickets if each.number == opened_from]
        if opened_from and not found:
            reply.say(NOT_FOUND, [PERSON])
        elif turn.tickets:
            tell(turn, reply, found or turn.tickets)
        else:
            reply.say(NONE_OPEN, [PERSON])
