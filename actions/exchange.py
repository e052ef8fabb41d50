"""What an exchange brings instead: the colours and sizes there are, and which of them is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.offers import ordinal_in
from actions.turn import Turn, normalise
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import OrderItem

CHOICES = "可选"
WANTED_LENGTH = 40

_ASKED = re.compile(
    r"换(?:成|个|为|一个|一件|一双)?(?P<wanted>[^，,。.!！?？\s]{1,20}?)"
    r"(?:的|吧|吗|嘛|行不行|可以吗|可不可以|[，,。.!！?？\s]|$)"
)
_TOKEN = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[\u4e00-\u9fff]+", re.IGNORECASE)
_SAME_AGAIN = re.compile(r"同款|同样|一样|原[款样]|一模一样|同[色码]|新的|好的|不变")
_NO_VARIANT = re.compile(r"^(?:货|新|一?[个件双下台只条瓶]|个?新|好|别|其[他它]|那个|这个)$")


def variants(shop: ShopGateway, turn: Turn, item: OrderItem) -> list[str]:
    """The other colours and sizes of the item that the catalogue names, while it is in stock."""
    product = shop.product(turn.claims.profile, item.sku)
    if product is None or product.stock <= 0:
        return []
    listed = product.specs.get(CHOICES, "").split("、")
    return [each for each in listed if each and each != item.variant]


def is_sold_out(shop: ShopGateway, turn: Turn, item: OrderItem) -> bool:
    product = shop.product(turn.claims.profile, item.sku)
    return product is not None and product.stock <= 0


def told_variant(turn: Turn, item: OrderItem, options: Sequence[str], *, asked: bool) -> str | None:
    """What the message wants instead; an empty text means the same goods again.

    It has to fit an option. Where the catalogue names none, any words will do as an answer, and
    unasked what stands behind a 「换成」.
    """
    pressed = turn.entity("return_wanted")
    if pressed or not turn.text:
        return pressed[:WANTED_LENGTH] if pressed else None
    index = ordinal_in(turn.text, len(options)) if asked else None
    if index is not None and turn.text not in options:
        return options[index]
    fitting = _fitting(turn.text, item, options)
    if fitting is None and asked and _SAME_AGAIN.search(turn.text):
        return ""
    if fitting or options:
        return fitting
    return turn.own_words[:WANTED_LENGTH] if asked else _named(turn.text)


def _fitting(text: str, item: OrderItem, options: Sequence[str]) -> str | None:
    """The one option whose colour and size the words fit best."""
    plain = normalise(text).lower()
    own = {token.lower() for token in _TOKEN.findall(item.variant)}
    scores = {
        option: sum(
            _says(plain, token.lower())
            for token in _TOKEN.findall(option)
            if token.lower() not in own
        )
        for option in options
    }
    best = max(scores.values(), default=0)
    meant = [option for option, score in scores.items() if score == best]
    return meant[0] if best and len(meant) == 1 else None


def _says(text: str, token: str) -> bool:
    """「红」 says 「酒红」 as little as 「XL」 says 「L」; 「白的」 says 「白色」."""
    if re.fullmatch(r"[a-z]+|\d+(?:\.\d+)?", token):
        return bool(re.search(rf"(?<![a-z0-9.]){re.escape(token)}(?![a-z0-9])", text))
    return token in text or (len(token) == 2 and token[1] == "色" and token[0] in text)


def _named(text: str) -> str | None:
    """「换成红色的」 → 红色; 「换一件」 names nothing."""
    found = _ASKED.search(text)
    if not found or _NO_VARIANT.match(found.group("wanted")):
        return None
    wanted = found.group("wanted")
    return wanted if re.search(r"[色码号款]|[a-z0-9]", wanted, re.IGNORECASE) else None
