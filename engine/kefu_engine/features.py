"""What the intent classifier sees of a message: counts of named features."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"(?<![a-z0-9])(?P<code>(?=[a-z0-9]*\d{4})[a-z]{1,4}\d[a-z0-9]{7,})(?![a-z0-9])"
    r"|(?P<phone>(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d))"
    r"|(?P<number>\d+(?:\.\d+)?)"
)
# One private character per shape of a number, so that n-grams see the shape and not the digits.
_CODE, _PHONE, _LONG, _FOUR, _MIDDLE, _DECIMAL, _SHORT = map(chr, range(0xE000, 0xE007))
_EDGE = "\ue00f"
_GAPS = re.compile(r"[ ,.、。;:~-]+")


def _shape(match: re.Match[str]) -> str:
    if match.lastgroup == "code":
        return _CODE
    if match.lastgroup == "phone":
        return _PHONE
    digits = match.group()
    if "." in digits:
        return _DECIMAL
    size = len(digits)
    if size >= 8:
        return _LONG
    if size == 4:
        return _FOUR
    if size >= 3:
        return _MIDDLE
    return digits if size == 1 else _SHORT


def masked(text: str) -> str:
    """Normal text with every number of two digits or more replaced by the sign of its shape."""
    return _NUMBER.sub(_shape, text)


def character_features(text: str, longest: int = 4) -> list[str]:
    """Character n-grams of 1 to ``longest`` across word borders, gaps of punctuation as one."""
    line = _EDGE + _GAPS.sub(" ", masked(text)).strip() + _EDGE
    return [
        line[start : start + size]
        for size in range(1, longest + 1)
        for start in range(len(line) - size + 1)
    ]


def word_features(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbouring words."""
    shapes = [masked(word) for word in words if not _GAPS.fullmatch(word)]
    return [
        *("w " + word for word in shapes),
        *(f"p {first} {second}" for first, second in zip(shapes, shapes[1:], strict=False)),
    ]
