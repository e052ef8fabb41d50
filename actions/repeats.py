"""The same question in the same words for the third time: said honestly, with a person offered."""

from __future__ import annotations

from typing import ClassVar, cast

from actions.base import KefuAction
from actions.reply import Reply, button
from actions.titles import services
from actions.turn import Turn

ASKED_SLOT = "asked_question"
THIRD = 3


class AskedAgain(KefuAction):
    """The engine has counted; a button gives the answer once more to who wants just that."""

    action_name: ClassVar[str] = "action_asked_again"

    def answer(self, turn: Turn, reply: Reply) -> None:
        asked = cast("dict[str, int | str]", turn.slots.get(ASKED_SLOT) or {})
        intent = str(asked.get("intent"))
        again = [button("再看一次", intent)] if intent in services() else []
        if asked.get("count") == THIRD:
            reply.offer_person(
                "同样的问题您已经问了三次，看来我前面的回答没能帮到您，很抱歉。再答一遍也还是那些内容。",
                ask="需要为您转接人工客服吗？",
                buttons=again,
            )
        else:
            reply.offer_person(
                "抱歉，这个问题我能答的前面都说过了，继续问我也给不出新的内容。",
                ask="人工客服可以接着帮您，现在转过去好吗？",
                buttons=again,
            )
