"""Complaints, appeals and suggestions: written down for people to follow up, once confirmed."""

from __future__ import annotations

from typing import ClassVar, cast

from actions.base import KefuAction
from actions.choose import current_number, named_number
from actions.reply import PERSON, Reply, button
from actions.turn import Turn

OPENED = "opened_ticket"
PENDING = "pending_ticket"
DETAILS_LENGTH = 1000


class TicketAction(KefuAction):
    """Asks whether to open a ticket, then has the desk do it, once per kind in a talk.

    A sentence may only sound like a complaint, so the ticket takes a button, a yes, or the same
    wish said again.
    """

    kind: ClassVar[str]
    intent: ClassVar[str]
    subject: ClassVar[str]
    question: ClassVar[str]
    submit: ClassVar[str]
    opened: ClassVar[str]
    again: ClassVar[str]

    def answer(self, turn: Turn, reply: Reply) -> None:
        if self.kind in opened_kinds(turn):
            reply.offer_person(self.again)
        elif turn.entity("ticket") == self.kind or asked_before(turn) == self.kind:
            self.open(turn, reply)
        else:
            reply.remember(PENDING, {"kind": self.kind, "details": turn.own_words})
            confirm = button(self.submit, self.intent, ticket=self.kind)
            reply.say(self.question, [confirm, PERSON])

    @classmethod
    def open(cls, turn: Turn, reply: Reply) -> None:
        """Open the ticket with what was said when it was asked about, and since."""
        pending = cast("dict[str, str]", turn.slots.get(PENDING) or {})
        before = pending["details"] if pending.get("kind") == cls.kind else ""
        words = turn.own_words if turn.intent == cls.intent else ""
        details = "\n".join(each for each in (before, words) if each)
        reply.command(
            "ticket",
            kind=cls.kind,
            subject=cls.subject,
            details=details[:DETAILS_LENGTH] or cls.subject,
            order_number=named_number(turn) or current_number(turn),
        )
        reply.remember(OPENED, [*opened_kinds(turn), cls.kind])
        reply.remember(PENDING, None)
        cls.confirm(reply)

    @classmethod
    def confirm(cls, reply: Reply) -> None:
        reply.offer_person(cls.opened)


def opened_kinds(turn: Turn) -> list[str]:
    return list(turn.slots.get(OPENED) or [])


def asked_before(turn: Turn) -> str | None:
    """The kind of ticket that the bot's last answer asked about."""
    pending = turn.set_before(PENDING)
    return str(pending["kind"]) if pending else None


def open_asked_for(turn: Turn, reply: Reply) -> bool:
    """A yes to the ticket asked about just now; whether there was one."""
    asked = asked_before(turn)
    for each in (Complaint, DisputeAppeal, Feedback):
        if each.kind == asked:
            each.open(turn, reply)
            return True
    return False


class Complaint(TicketAction):
    action_name: ClassVar[str] = "action_complaint"
    kind: ClassVar[str] = "complaint"
    intent: ClassVar[str] = "complaint"
    question: ClassVar[str] = (
        "让您有不好的体验，非常抱歉。需要我替您登记投诉吗？登记后会有专人跟进，您也可以直接找人工客服。"
    )
    submit: ClassVar[str] = "提交投诉"
    subject: ClassVar[str] = "顾客投诉"
    opened: ClassVar[str] = "非常抱歉让您有不好的体验，您的投诉已经登记，会有专人跟进。"
    again: ClassVar[str] = "您的投诉已经登记过了，会有专人跟进。"


class DisputeAppeal(TicketAction):
    action_name: ClassVar[str] = "action_dispute_appeal"
    kind: ClassVar[str] = "appeal"
    intent: ClassVar[str] = "dispute_appeal"
    question: ClassVar[str] = (
        "我可以替您登记申诉，由专人核实处理结果。确认提交吗？您也可以直接找人工客服。"
    )
    submit: ClassVar[str] = "提交申诉"
    subject: ClassVar[str] = "顾客申诉或申请平台介入"
    opened: ClassVar[str] = "您的申诉已经登记，会有专人核实。请保留好聊天记录、照片等凭证。"
    again: ClassVar[str] = "您的申诉已经登记过了，会有专人核实。"


class Feedback(TicketAction):
    """A suggestion needs no person: thanks are enough."""

    action_name: ClassVar[str] = "action_feedback"
    kind: ClassVar[str] = "feedback"
    intent: ClassVar[str] = "feedback"
    question: ClassVar[str] = "谢谢您的反馈！需要我记下来转给相关同事吗？"
    submit: ClassVar[str] = "提交反馈"
    subject: ClassVar[str] = "顾客建议或表扬"
    opened: ClassVar[str] = "谢谢您的反馈，已经记下来转给相关同事了。"
    again: ClassVar[str] = "谢谢您，您之前的反馈已经登记。补充的内容可以直接告诉人工客服。"

    @classmethod
    def confirm(cls, reply: Reply) -> None:
        reply.say(cls.opened)
