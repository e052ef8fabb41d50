"""「在吗」「人呢」: answered at once; who goes on asking is offered a person."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.reply import Reply
from actions.ticket_progress import tell_tickets
from actions.turn import Turn


class UrgeReply(KefuAction):
    action_name: ClassVar[str] = "action_urge_reply"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if tell_tickets(turn, reply):
            return
        if turn.repeats(self.action_name):
            reply.offer_person("我一直在，请直接告诉我您的问题。想找真人的话，可以转人工客服。")
        else:
            reply.respond("utter_urge_reply")
