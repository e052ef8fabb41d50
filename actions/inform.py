"""A bare order number, parcel number or product: read as a question about that order."""

from __future__ import annotations

from typing import ClassVar

from actions.likely import Referring
from actions.reply import PERSON, Reply
from actions.small_talk import MOOD_HEARD, is_without_words
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn


class Inform(Referring):
    """Shows what a number names; anything else is asked back what it is for."""

    action_name: ClassVar[str] = "action_inform"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if self.serve_reference(turn, reply):
            return
        if is_without_words(turn.text):
            reply.say(MOOD_HEARD)
            return
        reply.say("收到。请问您想办理什么？", [*suggestions(MENU_INTENTS), PERSON])
