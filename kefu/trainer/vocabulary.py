"""Words of shoppers that no dictionary knows and that come up more and more."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import jieba  # pyright: ignore[reportMissingTypeStubs]

from kefu.store.tables import Document

LEAST = 5
RISES = 3.0
LISTED = 50
_WORD = re.compile(r"[\u4e00-\u9fff]{2,8}|[a-z][a-z0-9+-]{1,20}")


class Cutter(Protocol):
    """What is used of ``jieba.Tokenizer``, which has no types of its own."""

    FREQ: dict[str, int]
    tmp_dir: str

    def initialize(self) -> None: ...
    def add_word(self, word: str) -> None: ...
    def cut(self, sentence: str) -> Iterator[str]: ...


@lru_cache(maxsize=4)
def tokenizer(folder: Path, changed: float, cache: Path) -> Cutter:
    """Jieba with the project's words; ``changed`` makes a new one after an edit."""
    cache.mkdir(parents=True, exist_ok=True)
    logging.getLogger("jieba").setLevel(logging.WARNING)
    made: Cutter = jieba.Tokenizer()  # pyright: ignore[reportAssignmentType]
    # Not the shared temporary folder.
    made.tmp_dir = str(cache)
    made.initialize()
    for path in sorted(folder.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            word = line.split("#", 1)[0].strip().lower()
            if word:
                made.add_word(word)
    return made


def open_tokenizer(workspace: Path, cache: Path) -> Cutter:
    """That of the workspace's dictionary as it is now; ``cache`` keeps jieba's compiled words."""
    folder = workspace / "data" / "dictionary"
    changed = max((path.stat().st_mtime for path in folder.glob("*.txt")), default=0.0)
    return tokenizer(folder, changed, cache)


def unknown_words(cutter: Cutter, text: str) -> set[str]:
    """Words that jieba only guesses at (its hidden Markov model), once each."""
    words = cutter.cut(text.lower())
    return {word for word in words if _WORD.fullmatch(word) and not cutter.FREQ.get(word)}


def rising(cutter: Cutter, before: Sequence[str], now: Sequence[str]) -> list[Document]:
    """Unknown words by the messages that hold them now, the rising first.

    ``rising``: they are at least ``RISES`` times as frequent as before, the rarer ones counted as
    if seen once.
    """
    old: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for counter, texts in ((old, before), (new, now)):
        for text in texts:
            counter.update(unknown_words(cutter, text))
    found: list[Document] = []
    for word, count in new.items():
        if count < LEAST:
            continue
        usual = max(old[word], 1) / max(len(before), 1)
        times = (count / len(now)) / usual if before else 0.0
        found.append({"word": word, "count": count, "before": old[word], "rising": times >= RISES})
    return sorted(found, key=lambda one: (not one["rising"], -one["count"]))[:LISTED]
