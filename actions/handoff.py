"""When a person takes over: on request, after repeated trouble, or offered on anger."""

from __future__ import annotations

from typing import ClassVar

from actions.agent_note import agent_note
from actions.agreeing import offered
from actions.base import KefuAction
from actions.likely import Referring
from actions.old_buttons import answer_old_button
from actions.reply import PERSON, Reply, read_payload
from actions.serving import serve_intent
from actions.tickets import open_asked_for
from actions.titles import suggestions
from actions.turn import Turn


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
    """A yes to what was offered just now: a ticket, a person, a service; else acknowledged."""

    action_name: ClassVar[str] = "action_affirm"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if answer_old_button(self, turn, reply):
            return
        if self.serve_reference(turn, reply) or open_asked_for(turn, reply):
            return
        if self.serve_offer(turn, reply):
            return
        if turn.active_form:
            reply.say("好的。")
        elif turn.buttons_before() == (PERSON["payload"],):
            reply.offer_person("好的。", ask="现在为您转接人工客服吗？")
        else:
            reply.say("好的。还需要我帮您查什么吗？", [*menu_buttons(), PERSON])

    def serve_offer(self, turn: Turn, reply: Reply) -> bool:
        offer = offered(turn)
        wanted = read_payload(offer["payload"]) if offer else None
        if offer == PERSON:
            hand_off(turn, reply, "requested", "顾客同意转人工")
        elif wanted:
            intent, entities = wanted
            serve_intent(self.services, intent, turn.wants(intent, **entities), reply)
        return wanted is not None


def menu_buttons() -> list[dict[str, str]]:
    return suggestions(("order_status", "track_logistics"))


def hand_off(turn: Turn, reply: Reply, reason: str, why: str, *, group: str | None = None) -> None:
    """Leave the form, if any, and give the talk to a person with what is known of it.

    Out of hours the call turns into the offer to leave a message (``actions.calls``).
    """
    if turn.active_form:
        reply.end_form()
    reply.hand_off(reason, agent_note(turn, why), group)
