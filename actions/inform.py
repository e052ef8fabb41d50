"""Messages without a request: a bare number or product, or what is no business of a shop."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.likely import Referring
from actions.old_buttons import answer_old_button
from actions.reply import PERSON, Reply
from actions.small_talk import MOOD_HEARD, is_without_words
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn

_HALF_A_NUMBER = re.compile(r"^(?:订?单号|编号)?[是:： ]*[A-Za-z]{0,4}\d{3,14}$")


class OutOfScope(Referring):
    """No business of a shop's support, unless the talk before gives the words a meaning."""

    action_name: ClassVar[str] = "action_out_of_scope"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if not self.serve_reference(turn, reply):
            reply.respond("utter_out_of_scope")


class Inform(Referring):
    """Shows what a number names; anything else is asked back what it is for."""

    action_name: ClassVar[str] = "action_inform"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if answer_old_button(self, turn, reply) or self.serve_reference(turn, reply):
            return
        if is_without_words(turn.text):
            reply.say(MOOD_HEARD)
            return
        if _HALF_A_NUMBER.match(turn.text):
            reply.say(
                "这个号码没有查到，可能不完整。请核对后再发给我，也可以点下面的选项。",
                [*suggestions(("order_status", "track_logistics")), PERSON],
            )
            return
        reply.say("收到。请问您想办理什么？", [*suggestions(MENU_INTENTS), PERSON])
