"""The form in which texts are compared: width, case, traditional characters and numbers folded.

The same form as the engine's (``kefu_engine.normalizer``, ``kefu_engine.dataset``), which shares no
code with the desk; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import opencc  # pyright: ignore[reportMissingTypeStubs]

_REPEAT_LIMIT = 2
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NOISE = re.compile(r"[\W_]+")


@cache
def _converter() -> Any:
    return opencc.OpenCC("t2s")


@cache
def _traditional() -> frozenset[str]:
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split() for line in table.read_text(encoding="utf-8").splitlines())
    return frozenset(pair[0] for pair in pairs if pair and pair[0] not in pair[1:])


@lru_cache(maxsize=65536)
def _fold(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Cf", "Cc", "Mn"}:
        return ""
    return "".join(
        " " if part.isspace() else part
        for part in unicodedata.normalize("NFKC", character).lower()
        if unicodedata.category(part) != "Mn"
    )


def normal(text: str) -> str:
    """NFKC, lower case, simplified characters, single blanks, no run of over two marks."""
    kept: list[str] = []
    run = 0
    for raw in text:
        for character in _fold(raw):
            last = kept[-1] if kept else " "
            run = run + 1 if character == last else 1
            if character == " " and last == " ":
                continue
            repeated = run > _REPEAT_LIMIT and not character.isalnum()
            if repeated and character not in " *":
                continue
            kept.append(character)
    return _simplified("".join(kept).rstrip(" "))


def _simplified(text: str) -> str:
    if _traditional().isdisjoint(text):
        return text
    converter = _converter()
    simplified: str = converter.convert(text)
    if len(simplified) != len(text):
        simplified = "".join((converter.convert(c) or c)[0] for c in text)
    return simplified


def _mask(number: re.Match[str]) -> str:
    size = len(number.group())
    return "0" if size < 4 else "0000" if size < 9 else "0" * 9


def shape(text: str) -> str:
    """The normal text without punctuation, its numbers masked but for their size."""
    form = normal(text)
    return _NOISE.sub("", _NUMBER.sub(_mask, form)) or form


def trigrams(form: str) -> frozenset[str]:
    """Character 3-grams of a shape; a shorter one is its own gram."""
    return frozenset(form[i : i + 3] for i in range(len(form) - 2)) or frozenset({form})
