"""The orders that the bot's last answer put before the shopper, and which of them was picked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from actions.reply import Reply, read_payload
from actions.turn import Turn, normalise

OFFERED_SLOT = "offered_choices"
MISSES = "misses"
"""How many messages in a row were not understood."""
SHOWN = "order_status"

_NUMERALS = ("一", "二", "三", "四", "五")
_UNITS = "个笔单件条款"
_BARE = re.compile(rf"^(?:第|选)?([一二三四五1-5])(?:[{_UNITS}])?(?:订单|商品)?[吧。.!]?$")
_WITHIN = re.compile(rf"第([一二三四五1-5])[{_UNITS}]")


@dataclass(frozen=True, slots=True)
class Choice:
    """An order on a button or a card; ``intent`` is what a press on the button asks for."""

    title: str
    intent: str
    entities: dict[str, str]

    @property
    def order_number(self) -> str:
        return self.entities["order_number"]


def note_offers(turn: Turn, reply: Reply) -> None:
    """Keep the choices in ``reply`` in mind: the engine keeps no buttons from turn to turn."""
    asked = any(each.get("buttons") or _cards_of(each) for each in reply.messages)
    offered = [[each.title, each.intent, each.entities] for each in _choices_in(reply)]
    missed = any(each.get("name") == MISSES and each.get("value") for each in reply.events)
    if missed and not offered:
        # Who was not understood may still mean 「第一个」 of what was offered before.
        reply.remember(OFFERED_SLOT, turn.set_before(OFFERED_SLOT))
    elif offered or (asked and turn.slots.get(OFFERED_SLOT)):
        reply.remember(OFFERED_SLOT, offered or None)


def _choices_in(reply: Reply) -> list[Choice]:
    """The orders on buttons; where there are none, those on cards."""
    on_buttons: list[Choice] = []
    on_cards: list[Choice] = []
    for message in reply.messages:
        for each in cast("list[dict[str, str]]", message.get("buttons") or []):
            parsed = read_payload(each["payload"])
            if parsed and "order_number" in parsed[1]:
                on_buttons.append(Choice(each["title"], *parsed))
        for card in _cards_of(message):
            number = cast("str | None", card.get("order_number"))
            if number:
                on_cards.append(Choice(number, SHOWN, {"order_number": number}))
    return on_buttons or on_cards


def _cards_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    custom = cast("dict[str, Any]", message.get("json_message") or {})
    return cast("list[dict[str, Any]]", custom.get("cards") or [])


def offered_before(turn: Turn) -> list[Choice]:
    kept = cast("list[tuple[str, str, dict[str, str]]]", turn.set_before(OFFERED_SLOT) or [])
    return [Choice(title, intent, dict(entities)) for title, intent, entities in kept]


def picked(turn: Turn) -> Choice | None:
    """The choice that the words point at: 「第二个」, 「退第二个」, 「2」, or a button's title."""
    choices = offered_before(turn)
    index = ordinal_in(turn.text, len(choices))
    if index is not None:
        return choices[index]
    return next((each for each in choices if normalise(each.title) == turn.text), None)


def ordinal_in(text: str, count: int) -> int | None:
    """「退第二个」 → 1, as long as so many were offered."""
    found = _BARE.match(text) or _WITHIN.search(text)
    if not found:
        return None
    word = found.group(1)
    index = int(word) - 1 if word.isdigit() else _NUMERALS.index(word)
    return index if index < count else None


_WISHES: Sequence[tuple[str, re.Pattern[str]]] = (
    ("refund_progress", re.compile(r"退款|进度")),
    ("return_request", re.compile(r"退")),
    ("cancel_order", re.compile(r"取消")),
    ("urge_shipping", re.compile(r"发货|催")),
    ("track_logistics", re.compile(r"物流|快递|到哪|到了")),
    ("change_order", re.compile(r"改到|改成|改为|改地址|换成|收货地址|收[件货]人|备注")),
    ("invoice", re.compile(r"发票|开票|抬头")),
    ("price_protection", re.compile(r"价保|差价|降价")),
)


def wish_for(turn: Turn, choice: Choice) -> str:
    """What is wanted with the picked order: told by a word, else what was asked for before."""
    return wish_in(turn) or choice.intent


def wish_in(turn: Turn) -> str | None:
    """What a word asks for, beside the order that is named."""
    return next((intent for intent, words in _WISHES if words.search(turn.text)), None)
