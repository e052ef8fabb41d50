"""The return form: what a message means for it, before anything of it is read into the draft."""

from __future__ import annotations

from typing import ClassVar

from actions.base import SHOP_DOWN, KefuAction
from actions.choose import (
    named_rma,
)
from actions.forms import (
    gives_up,
    is_unread,
    lead_in,
    misunderstood,
)
from actions.reply import Reply
from actions.return_answers import answer_within
from actions.return_draft import (
    FORM,
)
from actions.return_filling import Filling, finish
from actions.return_reasons import told_reason
from actions.small_talk import gives_up_in_words
from actions.turn import Turn
from kefu.shop.gateway import ShopUnavailable

CANCELLED = "好的，这次就先不退了。之后想退，随时告诉我。"


class ValidateReturnForm(KefuAction):
    """Adds the message to the draft.

    A message about something else adds nothing: the form then steps back, that message gets its
    own answer, and the form asks again.
    """

    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(FORM):
            return
        if gives_up(turn) and (gives_up_in_words(turn.text) or not asked_reason(turn)):
            reply.say(CANCELLED)
            finish(reply)
            return
        filling = Filling(self, turn, reply)
        answer = answer_within(turn, filling.draft, filling.order())
        if answer and turn.requested_slot:
            lead_in(reply, f"{answer}\n")
        elif filling.read():
            filling.settle()
        elif is_unread(turn) and not named_rma(turn) and misunderstood(turn, reply):
            reply.remember("return_outcome", "told")

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.apologise(f"{SHOP_DOWN}退货申请没有提交。")
        finish(reply)


def asked_reason(turn: Turn) -> bool:
    """Whether the message answers the question for the reason, be it with 「不喜欢」."""
    asked = turn.requested_slot == "return_reason"
    return asked and told_reason(turn, asked=True) is not None
