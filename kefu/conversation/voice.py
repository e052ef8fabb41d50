"""What the bot says in the words of a brand: its own terms, and nothing that it does not offer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kefu.conversation import events
from kefu.profiles import Profile
from kefu.store.base import Document

ARTICLE = "article"

# What else stands on a card (goods, places, numbers) is data; these are our own words.
_LABELS = ("state_text", "failure_text", "channel", "label", "hint")


def spoken(reply: Mapping[str, Any], profile: Profile) -> Document:
    """A reply of the bot as this brand says it.

    Terms are replaced in texts, titles of buttons and labels of cards. A reply with an article's
    card quotes that article: its text stays as it was written. Buttons of services that are off
    are left out.
    """
    cards = [_card(card, profile) for card in reply.get("cards") or ()]
    quotes = any(card.get("type") == ARTICLE for card in cards)
    text = reply.get("text")
    return {
        **reply,
        "text": text if quotes else _in_terms(text, profile),
        "buttons": _buttons(reply, profile),
        "cards": cards,
    }


def _card(card: Mapping[str, Any], profile: Profile) -> Document:
    shown = dict(card)
    if "buttons" in shown:
        shown["buttons"] = _buttons(card, profile)
    for label in _LABELS:
        if label in shown:
            shown[label] = _in_terms(shown[label], profile)
    return shown


def _buttons(holder: Mapping[str, Any], profile: Profile) -> list[Document]:
    return [
        {**button, "title": _in_terms(str(button["title"]), profile)}
        for button in holder.get("buttons") or ()
        if events.parse_payload(str(button.get("payload")))[0] not in profile.services_off
    ]


def _in_terms(text: Any, profile: Profile) -> Any:
    terms = profile.terms
    if not terms or not isinstance(text, str):
        return text
    return _pattern(tuple(terms)).sub(lambda found: terms[found.group()], text)


@lru_cache(maxsize=64)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """Longer terms first: 订单号 must not be read as 订单. What was replaced is not read again."""
    return re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True))))
