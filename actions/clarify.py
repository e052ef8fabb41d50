"""What the bot did not understand: asked once in other words, then given to a person."""

from __future__ import annotations

from typing import ClassVar

from actions.handoff import hand_off
from actions.likely import Referring
from actions.reply import PERSON, Reply
from actions.small_talk import LEFT_ALONE, MOOD_HEARD, gives_up_in_words, is_without_words
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn

MISSES = "misses"


def misses_before(turn: Turn) -> int:
    """How many messages in a row, up to the one before this, were not understood."""
    return int(turn.set_before(MISSES) or 0)


class Clarify(Referring):
    """Offers the likeliest services; the second time in a row a person takes over."""

    action_name: ClassVar[str] = "action_clarify"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if self.serve_reference(turn, reply):
            return
        if is_without_words(turn.text):
            reply.say(MOOD_HEARD)
        elif gives_up_in_words(turn.text):
            reply.say(LEFT_ALONE)
        elif misses_before(turn):
            hand_off(turn, reply, "low_confidence", "机器人连续两次没有听懂")
        else:
            reply.remember(MISSES, 1)
            buttons = suggestions(turn.ranking) or suggestions(MENU_INTENTS)
            reply.say("抱歉，我没太听懂。您是想问下面这些吗？也可以换个说法。", [*buttons, PERSON])
