"""Words of articles and questions: jieba's, and pairs of characters where jieba cuts wrongly.

Jieba's whole dictionary costs half a second and 60 MB. A word that stands in no article finds none,
so only the words that do are kept, with all others' weight: articles are cut the same as with the
whole dictionary.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Protocol, cast

import jieba  # pyright: ignore[reportMissingTypeStubs]

LONGEST_SIMPLE = 2
LONGEST_PIECE = 4
PAIR = "_"
_OTHERS = "\ue000"
_BLANK = re.compile(r"[^0-9a-z\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_EMPTY = frozenset(
    word
    for line in Path(__file__).with_name("empty_words.txt").read_text("utf-8").splitlines()
    for word in line.partition("#")[0].split()
)

logging.getLogger("jieba").setLevel(logging.WARNING)


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


class _Jieba(Protocol):
    """As much of jieba's untyped tokenizer as is used here."""

    tmp_dir: str

    def initialize(self) -> None: ...
    def cut(self, sentence: str, *, HMM: bool) -> Iterable[str]: ...
    def cut_for_search(self, sentence: str, *, HMM: bool) -> Iterable[str]: ...


class Cutter:
    """Cuts text into terms; words without a meaning of their own are left out."""

    def __init__(self, corpus: str, cache: Path) -> None:
        """``cache`` is a folder for the words kept of jieba's dictionary."""
        words = _dictionary(normalise(corpus), cache)
        self._jieba = cast("_Jieba", jieba.Tokenizer(str(words)))
        self._jieba.tmp_dir = str(cache)
        self._jieba.initialize()

    def terms(self, text: str) -> list[str]:
        """All words, and pairs of neighbouring characters marked with a ``_``."""
        return [
            term for run in self._runs(text) for term in (*self._within(run), *_pairs("".join(run)))
        ]

    def asked(self, question: str) -> list[str]:
        """Terms worth looking for, each once.

        A lone character counts only where nothing stands beside it: a word that jieba does not
        know falls into characters.
        """
        found: dict[str, None] = {}
        for run in self._runs(question):
            found.update(
                (word, None) for word in self._within(run) if len(word) > 1 or run == [word]
            )
            found.update((pair, None) for pair in _pairs("".join(run)))
        return list(found)

    def _runs(self, text: str) -> Iterator[list[str]]:
        """Stretches of words between blanks, signs and empty words."""
        for piece in _BLANK.split(normalise(text)):
            words = self._jieba.cut(piece, HMM=False)
            for is_empty, run in groupby(words, _EMPTY.__contains__):
                if not is_empty:
                    yield list(run)

    def _within(self, run: Iterable[str]) -> Iterator[str]:
        """The words, and the shorter words within long ones."""
        for word in run:
            if len(word) > LONGEST_SIMPLE:
                yield from self._jieba.cut_for_search(word, HMM=False)
            else:
                yield word


def _pairs(run: str) -> Iterator[str]:
    for han in _HAN.findall(run):
        yield from (PAIR + han[at : at + 2] for at in range(len(han) - 1))


def _dictionary(corpus: str, cache: Path) -> Path:
    """The file of jieba's words that stand in ``corpus``, made on the first start with it."""
    key = hashlib.sha256(f"{jieba.__version__}\n{corpus}".encode()).hexdigest()[:16]
    path = cache / f"words-{key}.txt"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cache, encoding="utf-8", delete=False) as draft:
            draft.writelines(f"{word} {weight}\n" for word, weight in _kept(corpus))
        os.replace(draft.name, path)
    return path


def _kept(corpus: str) -> Iterator[tuple[str, int]]:
    pieces = {
        corpus[at : at + length]
        for at in range(len(corpus))
        for length in range(1, LONGEST_PIECE + 1)
    }
    others = 0
    with Path(jieba.__file__).with_name("dict.txt").open(encoding="utf-8") as lines:
        for line in lines:
            word, weight, _kind = line.split(" ", 2)
            if word[:LONGEST_PIECE] in pieces and (len(word) <= LONGEST_PIECE or word in corpus):
                yield word, int(weight)
            else:
                others += int(weight)
    yield _OTHERS, others
