"""When a person takes over: on request, after repeated trouble, or offered on anger."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.choose import current_number
from actions.likely import Referring
from actions.reply import PERSON, Reply
from actions.tickets import open_asked_for
from actions.titles import TITLES, suggestions
from actions.turn import Turn


class HandOff(KefuAction):
    """The shopper wants a person: no question asked, any form is left."""

    action_name: ClassVar[str] = "action_handoff"

    def answer(self, turn: Turn, reply: Reply) -> None:
        hand_off(turn, reply, "requested", "顾客要求人工客服")


class NotSolved(KefuAction):
    """Offers a person once, and brings one the second time."""

    action_name: ClassVar[str] = "action_not_solved"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.repeats(self.action_name):
            hand_off(turn, reply, "not_solved", "顾客两次表示问题没有解决")
        else:
            reply.offer_person("抱歉没能帮到您。您可以换个说法再讲一次，也可以找人工客服。")


class Abuse(KefuAction):
    """Stays polite and offers a person; who goes on swearing gets one."""

    action_name: ClassVar[str] = "action_abuse"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.repeats(self.action_name):
            hand_off(turn, reply, "abuse", "顾客情绪激动，请耐心安抚")
        else:
            reply.offer_person("让您不满意，实在抱歉。您可以告诉我遇到了什么问题，我尽力帮您。")


class Affirm(Referring):
    """A yes to the person or the ticket that was offered just now; else an acknowledgement."""

    action_name: ClassVar[str] = "action_affirm"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if self.serve_reference(turn, reply) or open_asked_for(turn, reply):
            return
        if turn.was_just_set("offered_intent"):
            hand_off(turn, reply, "requested", "顾客同意转人工")
        elif turn.active_form:
            reply.say("好的。")
        elif turn.buttons_before() == (PERSON["payload"],):
            reply.offer_person("好的。", ask="现在为您转接人工客服吗？")
        else:
            reply.say("好的。还需要我帮您查什么吗？", [*menu_buttons(), PERSON])


def menu_buttons() -> list[dict[str, str]]:
    return suggestions(("order_status", "track_logistics"))


def hand_off(turn: Turn, reply: Reply, reason: str, why: str) -> None:
    """Leave the form, if any, and give the talk to a person with what is known of it."""
    if turn.active_form:
        reply.end_form()
    reply.hand_off(reason, agent_note(turn, why))


def agent_note(turn: Turn, why: str) -> str:
    """What the agent reads first: why, about what, and which order."""
    topics = [TITLES[name] for name in turn.previous_intents() if name in TITLES]
    about = f"；此前咨询：{'、'.join(dict.fromkeys(topics))}" if topics else ""
    number = current_number(turn)
    order = f"；相关订单：{number}" if number else ""
    return f"{why}{about}{order}。"
