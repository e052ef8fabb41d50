"""After a served talk: asked once how it was, and that the talk can be kept."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.reply import Reply
from actions.titles import services
from actions.turn import Turn

ASKED = "rating_asked"
ASK = "方便的话，请给这次服务打个分。聊天记录可以保存下来，以后查询或申诉时用得上。"


class AfterService(KefuAction):
    """Runs after a thanks or a goodbye has been answered; silent where nothing was served."""

    action_name: ClassVar[str] = "action_after_service"

    def answer(self, turn: Turn, reply: Reply) -> None:
        titles = services()
        served = any(intent in titles for intent in turn.previous_intents())
        if turn.active_form or turn.slots.get(ASKED) or not served:
            return
        reply.remember(ASKED, True)
        reply.say(ASK)
        reply.command("rating_request")
