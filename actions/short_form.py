"""What forms of few questions have in common: read, confirmed, and one effect at the end."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from actions.base import SHOP_DOWN, KefuAction
from actions.choose import named_rma
from actions.forms import gives_up, is_unread, misunderstood
from actions.registering import register_request
from actions.reply import PERSON, Reply
from actions.turn import Turn
from kefu.shop.gateway import RuleRefused, ShopReadOnly, ShopUnavailable


class ValidateShortForm(KefuAction):
    """Reads a message into the form's slots, which share the form's ``prefix``.

    ``<prefix>_outcome`` says that the form has ended without anything to do.
    """

    form: ClassVar[str]
    prefix: ClassVar[str]
    farewell: ClassVar[str]

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_back_from_digression(self.form):
            return
        if gives_up(turn):
            reply.say(self.farewell)
            self.finish(reply)
        elif not self.take(turn, reply) and self.is_lost(turn) and misunderstood(turn, reply):
            self.finish(reply)

    @abstractmethod
    def take(self, turn: Turn, reply: Reply) -> bool:
        """Take what the message says; whether it belongs to the form."""

    def is_lost(self, turn: Turn) -> bool:
        return turn.requested_slot is not None and is_unread(turn) and not named_rma(turn)

    def finish(self, reply: Reply) -> None:
        """End the form; what there was to say has been said."""
        reply.remember(f"{self.prefix}_outcome", "told")
        reply.remember("requested_slot", None)

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.apologise(SHOP_DOWN)
        self.finish(reply)


class ShortFormDone(KefuAction):
    """Does what was confirmed and forgets the rest."""

    prefix: ClassVar[str]
    slots: ClassVar[tuple[str, ...]]

    def answer(self, turn: Turn, reply: Reply) -> None:
        confirmed = turn.text_slot(f"{self.prefix}_confirmed")
        if confirmed and turn.text_slot(f"{self.prefix}_outcome") is None:
            try:
                self.carry_out(turn, reply)
            except RuleRefused as refusal:
                reply.say(refusal.sentence, [PERSON])
                reply.refused(refusal.verdict)
            except ShopReadOnly:
                register_request(turn, reply, *self.request(turn))
        reply.remember_all(empty(self.prefix, self.slots))

    @abstractmethod
    def carry_out(self, turn: Turn, reply: Reply) -> None:
        """The effect. May raise ``RuleRefused`` or ``ShopReadOnly``."""

    @abstractmethod
    def request(self, turn: Turn) -> tuple[str, str]:
        """Subject and details for the people who do it where the shop lets nothing be written."""

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        reply.apologise(f"{SHOP_DOWN}刚才的申请没有提交。")
        reply.remember_all(empty(self.prefix, self.slots))


def empty(prefix: str, slots: tuple[str, ...]) -> dict[str, object]:
    """All slots of a form as they are before it begins."""
    named = (*slots, f"{prefix}_confirmed", f"{prefix}_outcome")
    return {**dict.fromkeys(named), "form_lead": None}
