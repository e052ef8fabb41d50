"""Mask what must not be kept or logged: ID cards, bank cards, phone numbers, passwords, codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

# 17 digits with blanks or hyphens between them and a check character.
_ID_CARD = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){16}[ -]?[\dXx](?![0-9A-Za-z])")
_BANK_CARD = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){14,18}(?![0-9A-Za-z])")
# Mistyped, or said to be one: 「身份证号是…」, 「卡号…」. It is no less a secret for a wrong digit.
_BORN = re.compile(
    r"(?<![0-9A-Za-z])[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"(?![0-9A-Za-z])"
)
_SAID_ID = re.compile(
    r"身份证[件的号码是为叫:： ]{0,6}(?P<secret>\d(?:[ -]?\d){13,16}[ -]?[\dXx])(?![0-9A-Za-z])"
)
_SAID_CARD = re.compile(
    r"(?:银行卡|信用卡|储蓄卡|借记卡|卡号)[的号码是为叫:： ]{0,6}"
    r"(?P<secret>\d(?:[ -]?\d){13,18})(?![0-9A-Za-z])"
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_PASSWORD = re.compile(
    r"(?:密\s*码|口\s*令|password|passwd|pwd)(?:\s*(?:是|为|[:：=]|is)\s*|\s+|(?=[!-~]*\d))"
    r"(?P<secret>[!-~]{4,64})",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?:验证码|校验码|动态码|安全码|cvv2?|captcha|code)[^\d\n]{0,6}(?P<secret>\d{3,8})(?!\d)",
    re.IGNORECASE,
)
_BARE_CODE = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){5}(?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Masked:
    """The text with its secrets starred out, and the kinds found: id_card, bank_card, password…"""

    text: str
    found: frozenset[str]


def mask_message(
    text: str, order_number_patterns: Iterable[str] = (), *, code_awaited: bool = False
) -> Masked:
    """What is kept of a shopper's message.

    ID cards, bank cards, passwords and codes lose all but their last characters. Phone numbers
    stay: an agent may need them. An order number of the profile is never taken for a card, though
    one random number in ten passes the card check. While a one-time code is awaited, six digits
    that stand alone are one.
    """
    return _mask(text, tuple(order_number_patterns), phones=False, bare_codes=code_awaited)


def mask_export(text: str, order_number_patterns: Iterable[str] = ()) -> str:
    """What is kept or printed for good: phone numbers are starred out, order numbers stay."""
    return _mask(text, tuple(order_number_patterns), phones=True, bare_codes=False).text


def mask_log(text: str) -> str:
    """What a log line may show: phone numbers are starred out as well."""
    return _mask(text, (), phones=True, bare_codes=False).text


def _mask(text: str, order_numbers: tuple[str, ...], *, phones: bool, bare_codes: bool) -> Masked:
    plain = _narrow(text)
    kept = [
        match.span() for pattern in order_numbers for match in _compiled(pattern).finditer(plain)
    ]

    def is_order_number(grouped: str) -> bool:
        compact = re.sub(r"[ -]", "", grouped)
        return any(_compiled(pattern).fullmatch(compact) for pattern in order_numbers)

    stars: dict[int, str] = {}
    found: set[str] = set()

    def cover(kind: str, start: int, end: int, tail: int) -> None:
        if any(start < stop and begin < end for begin, stop in kept):
            return
        if any(position in stars for position in range(start, end)):
            return
        found.add(kind)
        for position in range(start, end - tail):
            if not plain[position].isspace():
                stars[position] = "*"

    rules: list[tuple[str, re.Pattern[str], Callable[[str], bool], int]] = [
        ("id_card", _ID_CARD, is_id_card, 0),
        ("id_card", _BORN, lambda _: True, 0),
        ("id_card", _SAID_ID, lambda _: True, 0),
        ("bank_card", _BANK_CARD, is_bank_card, 4),
        ("bank_card", _SAID_CARD, lambda _: True, 4),
        ("password", _PASSWORD, lambda _: True, 0),
        ("code", _CODE, lambda _: True, 0),
    ]
    if bare_codes:
        rules.append(("code", _BARE_CODE, lambda _: True, 0))
    if phones:
        # All of it: its last four digits are what a guest proves an order with.
        rules.append(("phone", _PHONE, lambda _: True, 0))
    for kind, pattern, is_one, tail in rules:
        for match in pattern.finditer(plain):
            if kind in ("id_card", "bank_card") and is_order_number(match[0]):
                continue
            group = "secret" if "secret" in pattern.groupindex else 0
            if is_one(match[group]):
                cover(kind, match.start(group), match.end(group), tail)
    if not stars:
        return Masked(text, frozenset())
    return Masked("".join(stars.get(i, char) for i, char in enumerate(text)), frozenset(found))


def is_id_card(text: str) -> bool:
    """Whether the check character of a resident ID number (GB 11643) fits."""
    digits = re.sub(r"[ -]", "", text).upper()
    if len(digits) != 18 or not digits[:17].isdigit():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == digits[17]


def is_bank_card(text: str) -> bool:
    """Whether 15 to 19 digits pass the Luhn check."""
    digits = [int(char) for char in text if char.isdigit()]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[-2::-2]]
    return 15 <= len(digits) <= 19 and (sum(doubled) + sum(digits[-1::-2])) % 10 == 0


def _narrow(text: str) -> str:
    """Full-width digits and letters as ASCII, one character for one, so that positions stay."""
    narrowed = (unicodedata.normalize("NFKC", char) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, narrowed, strict=True))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    # A number is never a piece of a longer one: a card may hold the digits of an order.
    return re.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9])", re.IGNORECASE)
