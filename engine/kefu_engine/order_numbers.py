"""Order numbers in the formats of one brand, which come with the turn and not with the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from kefu_engine.entity_rules import Found

_SEPARATORS = re.compile(r"[ -]")
# A number as people type it: 「KF 20261108 004217」, 「5712 3456 …」.
_GROUPED = re.compile(r"(?<![a-z0-9])(?:[a-z]{1,6}[ -]?)?\d(?:[ -]?\d){5,31}(?!\d)")


@lru_cache(maxsize=64)
def order_number_finder(patterns: tuple[str, ...]) -> Callable[[str], Iterator[Found]]:
    """Finds what fits one of ``patterns`` in a normal text; raises ``re.error`` on a wrong one.

    A number stands alone: it is never a piece of a longer one. Written in groups it is found too.
    """
    shapes = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
    plain = [
        re.compile(rf"(?<![a-z0-9])(?:{pattern})(?!\d)", re.IGNORECASE) for pattern in patterns
    ]

    def find(text: str) -> Iterator[Found]:
        for shape in plain:
            for match in shape.finditer(text):
                yield Found("order_number", *match.span(), match.group().upper())
        for match in _GROUPED.finditer(text):
            value = _SEPARATORS.sub("", match.group())
            if any(shape.fullmatch(value) for shape in shapes):
                yield Found("order_number", *match.span(), value.upper())

    return find


def check_patterns(patterns: Sequence[str]) -> None:
    """Raise ``re.error`` for a pattern that is no regular expression."""
    order_number_finder(tuple(patterns))
