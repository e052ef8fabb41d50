"""Complaints, appeals and suggestions: written down for people to follow up."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.choose import current_number, named_number
from actions.reply import Reply
from actions.turn import Turn

OPENED = "opened_ticket"
DETAILS_LENGTH = 1000


class TicketAction(KefuAction):
    """Has the desk open a ticket, once per kind in a talk."""

    kind: ClassVar[str]
    subject: ClassVar[str]
    opened: ClassVar[str]
    again: ClassVar[str]

    def answer(self, turn: Turn, reply: Reply) -> None:
        opened: list[str] = list(turn.slots.get(OPENED) or [])
        if self.kind in opened:
            reply.offer_person(self.again)
            return
        reply.command(
            "ticket",
            kind=self.kind,
            subject=self.subject,
            details=turn.own_words[:DETAILS_LENGTH] or self.subject,
            order_number=named_number(turn) or current_number(turn),
        )
        reply.remember(OPENED, [*opened, self.kind])
        self.confirm(reply)

    def confirm(self, reply: Reply) -> None:
        reply.offer_person(self.opened)


class Complaint(TicketAction):
    action_name: ClassVar[str] = "action_complaint"
    kind: ClassVar[str] = "complaint"
    subject: ClassVar[str] = "顾客投诉"
    opened: ClassVar[str] = "非常抱歉让您有不好的体验，您的投诉已经登记，会有专人跟进。"
    again: ClassVar[str] = "您的投诉已经登记过了，会有专人跟进。"


class DisputeAppeal(TicketAction):
    action_name: ClassVar[str] = "action_dispute_appeal"
    kind: ClassVar[str] = "appeal"
    subject: ClassVar[str] = "顾客申诉或申请平台介入"
    opened: ClassVar[str] = "您的申诉已经登记，会有专人核实。请保留好聊天记录、照片等凭证。"
    again: ClassVar[str] = "您的申诉已经登记过了，会有专人核实。"


class Feedback(TicketAction):
    """A suggestion needs no person: thanks are enough."""

    action_name: ClassVar[str] = "action_feedback"
    kind: ClassVar[str] = "feedback"
    subject: ClassVar[str] = "顾客建议或表扬"
    opened: ClassVar[str] = "谢谢您的反馈，已经记下来转给相关同事了。"
    again: ClassVar[str] = "谢谢您，您之前的反馈已经登记。补充的内容可以直接告诉人工客服。"

    def confirm(self, reply: Reply) -> None:
        reply.say(self.opened)
