"""What the bot did not understand: asked once in other words, then given to a person."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.handoff import hand_off
from actions.reply import PERSON, Reply
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn


class Clarify(KefuAction):
    """Offers the likeliest services; the second time in a row a person takes over."""

    action_name: ClassVar[str] = "action_clarify"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.repeats(self.action_name):
            hand_off(turn, reply, "low_confidence", "机器人连续两次没有听懂")
        elif turn.active_form:
            reply.say("抱歉，我没太听懂，您可以点下面的选项。", [PERSON])
        else:
            buttons = suggestions(turn.ranking) or suggestions(MENU_INTENTS)
            reply.say("抱歉，我没太听懂。您是想问下面这些吗？也可以换个说法。", [*buttons, PERSON])
