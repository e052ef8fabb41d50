"""Numbers as Chinese shoppers write them."""

from __future__ import annotations

import re

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "俩": 2, "仨": 3, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6,
    "柒": 7, "捌": 8, "玖": 9,
}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_LARGE = {"万": 10_000, "亿": 100_000_000}
_LATIN_UNITS = {"k": 1000, "w": 10_000, **_UNITS, **_LARGE}
_PLAIN = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?)([kw十百千万亿]*)")

CHINESE_NUMERAL = "".join([*_DIGITS, *_UNITS, *_LARGE])


def _section(text: str) -> int:
    """A number below ten thousand; a digit after a unit without its own counts the next unit
    down (「两百五」 is 250)."""
    total, digit, last = 0, 0, 1
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
            if digit == 0:
                last = 1
        else:
            last = _UNITS[character]
            total += (digit or 1) * last
            digit = 0
            last //= 10
    return total + digit * max(last, 1)


def number_of(text: str) -> float:
    """The value of 「39.9」, 「1,299」, 「1.2万」, 「两百五」, 「一万二」, 「三点五」.

    Raises ``ValueError`` for anything else.
    """
    if match := _PLAIN.fullmatch(text):
        value = float(match[1].replace(",", ""))
        for unit in match[2]:
            value *= _LATIN_UNITS[unit]
        return value
    if not text or any(c not in CHINESE_NUMERAL + "点" for c in text):
        raise ValueError(f"not a number: {text!r}")
    whole, point, fraction = text.partition("点")
    if point:
        if not fraction or any(c not in _DIGITS for c in fraction):
            raise ValueError(f"not a number: {text!r}")
        return number_of(whole) + float("0." + "".join(str(_DIGITS[c]) for c in fraction))
    for sign, size in sorted(_LARGE.items(), key=lambda item: -item[1]):
        head, found, tail = whole.rpartition(sign)
        if found:
            rest = number_of(tail) if tail else 0
            if len(tail) == 1 and tail in _DIGITS:
                rest *= size // 10
            return (number_of(head) if head else 1) * size + rest
    if all(c in _DIGITS for c in whole) and len(whole) > 1:
        return float("".join(str(_DIGITS[c]) for c in whole))
    return float(_section(whole))
