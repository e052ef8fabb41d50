"""What a shopper wants done about goods: an RMA of one of three kinds, or a ticket."""

from __future__ import annotations

import re
from enum import StrEnum

from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import ReturnKind, ReturnReason


class Remedy(StrEnum):
    """``RESEND`` and ``PARTIAL`` are for people to decide: they end in a ticket, not in an RMA."""

    RETURN = "return"
    EXCHANGE = "exchange"
    REPAIR = "repair"
    RESEND = "resend"
    PARTIAL = "partial"

    @property
    def kind(self) -> ReturnKind | None:
        """The kind of the RMA, ``None`` where a ticket is opened."""
        return _KINDS.get(self)

    @property
    def word(self) -> str:
        return _WORDS[self]


RMA_REMEDIES = (Remedy.RETURN, Remedy.EXCHANGE, Remedy.REPAIR)
CLAIM_INTENTS = frozenset({"quality_problem", "wrong_or_missing_item"})
INTENTS = {
    Remedy.RETURN: "return_request",
    Remedy.EXCHANGE: "exchange_request",
    Remedy.REPAIR: "repair_warranty",
}
BY_INTENT = {intent: remedy for remedy, intent in INTENTS.items()}
REASONS = {
    Remedy.RETURN: tuple(ReturnReason),
    Remedy.EXCHANGE: tuple(ReturnReason),
    Remedy.REPAIR: (ReturnReason.DAMAGED,),
}
CLAIM_REASONS = (
    ReturnReason.DAMAGED,
    ReturnReason.WRONG_ITEM,
    ReturnReason.MISSING_PARTS,
    ReturnReason.NOT_AS_DESCRIBED,
)

_KINDS = {
    Remedy.RETURN: ReturnKind.RETURN,
    Remedy.EXCHANGE: ReturnKind.EXCHANGE,
    Remedy.REPAIR: ReturnKind.REPAIR,
}
_WORDS = {
    Remedy.RETURN: "退货",
    Remedy.EXCHANGE: "换货",
    Remedy.REPAIR: "维修",
    Remedy.RESEND: "补发",
    Remedy.PARTIAL: "部分退款",
}
_TITLES = {Remedy.RETURN: "退货退款", Remedy.RESEND: "补发", Remedy.PARTIAL: "留下商品，退部分款"}
_TOLD = {
    Remedy.RETURN: re.compile(r"(?<!不)(?<!不想)(?<!不用)退(?!换|一?部分|一?点)"),
    Remedy.EXCHANGE: re.compile(
        r"(?<!不)(?<!不想)(?<!不用)换(?![个一]?[个笔张]?(?:订单|商品|说法|话|人))"
    ),
    Remedy.REPAIR: re.compile(r"(?<!不)(?<!不想)(?<!不用)修"),
}
_PLAIN = re.compile(
    r"^(?:[那我就给请帮]|算了|还是|改成?|想要?|要|直接|可以|能不能|能|可不可以|申请|办理?"
    r"|不[退换修]了?|[,，。 ])*(?P<remedy>退货退款|退货|退款|退掉|退了|换货"
    r"|换一?[个件双台只条]|换新|维修|修一下|补发"
    r"|部分退款|退部分款)[吧吗嘛呢了可以行好的?。!！ ]*$"
)
_TURNS_TO = re.compile(
    r"(?:那|就|还是|改成?)(?:直接|给我)?"
    r"(?P<remedy>退款|退货|退掉|退|换货|维修|修)[了吧呗啊。!！ ]*$"
)
_PLAIN_WORDS = {
    "补发": Remedy.RESEND,
    "部分退款": Remedy.PARTIAL,
    "退部分款": Remedy.PARTIAL,
    "换": Remedy.EXCHANGE,
    "维修": Remedy.REPAIR,
    "修": Remedy.REPAIR,
    "退": Remedy.RETURN,
}


def title_of(remedy: Remedy) -> str:
    """A button's name."""
    return _TITLES.get(remedy, remedy.word)


def word_of(remedy: Remedy | None) -> str:
    """退货, 换货 …; 售后 while it is open what shall be done."""
    return remedy.word if remedy else "售后"


def intent_of(remedy: Remedy | None) -> str:
    """The intent that begins such an application."""
    return INTENTS.get(remedy, "quality_problem") if remedy else "quality_problem"


def told_remedy(turn: Turn) -> Remedy | None:
    """What the message asks to have done: on a button, plainly said, or understood and said."""
    pressed = turn.entity("return_kind")
    if pressed in set(Remedy):
        return Remedy(pressed)
    if not turn.text:
        return None
    plain = _PLAIN.match(turn.text) or _TURNS_TO.search(turn.text)
    if plain:
        said = plain.group("remedy")
        return next(remedy for word, remedy in _PLAIN_WORDS.items() if said.startswith(word))
    remedy = BY_INTENT.get(turn.intent)
    return remedy if remedy and _TOLD[remedy].search(turn.text) else None


def remedy_in(text: str) -> Remedy | None:
    """The one remedy that the words of a complaint name, if they name exactly one."""
    named = [remedy for remedy in RMA_REMEDIES if _TOLD[remedy].search(text)]
    return named[0] if len(named) == 1 else None


def reason_text(reason: ReturnReason, remedy: Remedy | None) -> str:
    if remedy is Remedy.EXCHANGE and reason is ReturnReason.NO_REASON:
        return "想换别的颜色或款式"
    return wording.return_reason_text(reason)
