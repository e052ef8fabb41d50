"""The after-sale form: what a message means for it, before anything is read into the draft."""

from __future__ import annotations

from typing import ClassVar

from actions.base import SHOP_DOWN, KefuAction
from actions.choose import named_rma
from actions.forms import NOTHING_MORE, gives_up, is_unread, lead_in, misunderstood
from actions.remedies import Remedy, told_remedy, word_of
from actions.reply import Reply
from actions.return_answers import answer_within
from actions.return_draft import FORM, read_draft
from actions.return_filling import Filling, finish
from actions.return_reasons import told_reason
from actions.small_talk import gives_up_in_words
from actions.turn import Turn
from kefu.shop.gateway import ShopUnavailable


class ValidateReturnForm(KefuAction):
    """Adds the message to the draft.

    A message about something else adds nothing: the form then steps back, that message gets its
    own answer, and the form asks again.
    """

    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(FORM):
            return
        if leaves(turn):
            reply.say(farewell(read_draft(turn.slots).remedy))
            finish(reply)
            return
        filling = Filling(self, turn, reply)
        answer = answer_within(self.services, turn, filling.draft, filling.order())
        page = turn.entity("page")
        if answer and turn.requested_slot:
            lead_in(reply, f"{answer}\n")
        elif page and turn.requested_slot == "return_order":
            lead_in(reply, "")
        elif filling.read():
            filling.settle()
        elif is_unread(turn) and not named_rma(turn) and misunderstood(turn, reply):
            reply.remember("return_outcome", "told")

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        word = word_of(read_draft(turn.slots).remedy)
        reply.apologise(f"{SHOP_DOWN}{word}申请没有提交。")
        finish(reply)


def leaves(turn: Turn) -> bool:
    """Whether the shopper wants nothing done any more.

    「没有了」 may answer the question for more words, 「不喜欢」 the one for the reason, and
    「不退了，换货吧」 wants something else.
    """
    if not gives_up(turn):
        return False
    if turn.requested_slot == "return_note" and NOTHING_MORE.match(turn.text):
        return False
    told = told_remedy(turn)
    if told and told is not read_draft(turn.slots).remedy:
        return False
    return gives_up_in_words(turn.text) or not asked_reason(turn)


def asked_reason(turn: Turn) -> bool:
    """Whether the message answers the question for the reason, be it with 「不喜欢」."""
    asked = turn.requested_slot == "return_reason"
    return asked and told_reason(turn, asked=True) is not None


def farewell(remedy: Remedy | None) -> str:
    verb = {Remedy.EXCHANGE: "换", Remedy.REPAIR: "修", Remedy.RETURN: "退"}.get(
        remedy or Remedy.PARTIAL
    )
    if verb is None:
        return "好的，这次就先不处理了。之后需要售后，随时告诉我。"
    return f"好的，这次就先不{verb}了。之后想{verb}，随时告诉我。"
