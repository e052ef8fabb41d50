"""Where jieba cuts through an entity, and the dictionary word that would mend it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jieba  # pyright: ignore[reportMissingTypeStubs]

from kefu.errors import KefuError
from kefu.trainer.answers import words_of
from kefu.trainer.examples import MARKUP
from kefu.trainer.normal_form import normal

logging.getLogger("jieba").setLevel(logging.WARNING)

DICTIONARY = "data/dictionary"
ENTITIES = "data/entities"
# A single character stands inside of other words too often.
_SHORTEST = 2
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def dictionary_words(text: str) -> list[str]:
    """Words of a dictionary file: one a line, ``#`` begins a comment."""
    words = (normal(line.split("#", 1)[0]) for line in text.splitlines())
    return [word for word in words if word]


def entity_words(text: str) -> dict[str, str]:
    """Chinese words of an entity file (``words: {value: [word, …]}``), each with its entity."""
    entity, values = words_of(text)
    words = (normal(word) for spelled in values.values() for word in spelled)
    return {word: entity for word in words if len(word) >= _SHORTEST and _CHINESE.search(word)}


class WordCutter:
    """The engine's way to cut words, with the workspace's dictionary as it stands."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self._folder = folder
        self._cache = cache
        self._lock = threading.Lock()
        self._stamp: tuple[tuple[str, int, int], ...] | None = None
        self._jieba: Any = None
        self._entities: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        self._words: set[str] = set()

    def cut(self, text: str) -> list[str]:
        """The words of a text, as the model will see them."""
        with self._lock:
            self._refresh()
            return [word for word in self._jieba.cut(normal(text)) if not word.isspace()]

    def crossings(self, marked: str) -> list[tuple[str, str]]:
        """Pairs of an entity's word in the text and the token that runs across its border.

        Entities are those annotated in the text and those that the entity files list.
        """
        with self._lock:
            self._refresh()
            form = normal(MARKUP.sub(lambda match: match["text"], marked))
            annotated = set(_annotated(marked, form))
            spans = set(self._listed(form)) | annotated
            if not spans:
                return []
            tokens = list(_positions(self._jieba.cut(form)))
            return [
                (form[start:end], token)
                for start, end in sorted(spans)
                for token, begin, stop in tokens
                if begin < start < stop or begin < end < stop
                if (start, end) in annotated or not self._is_compound(token, form[start:end])
            ]

    def _is_compound(self, token: str, word: str) -> bool:
        """Whether the token is a longer word of its own (手机号), not a wrong cut (顺丰到)."""
        return word in token and self._jieba.FREQ.get(token, 0) > 0

    def _listed(self, form: str) -> Iterator[tuple[int, int]]:
        if self._pattern:
            for match in self._pattern.finditer(form):
                yield match.span()

    def _refresh(self) -> None:
        paths = [
            *sorted((self._folder / DICTIONARY).glob("*.txt")),
            *sorted((self._folder / ENTITIES).glob("*.yml")),
        ]
        stamp = tuple((p.name, p.stat().st_mtime_ns, p.stat().st_size) for p in paths)
        if stamp == self._stamp:
            return
        self._words = {
            word
            for path in paths
            if path.suffix == ".txt"
            for word in dictionary_words(path.read_text(encoding="utf-8"))
        }
        self._entities = {}
        for path in paths:
            if path.suffix == ".yml":
                self._entities |= _words_of(path)
        longest_first = sorted(self._entities, key=len, reverse=True)
        alternatives = "|".join(map(re.escape, longest_first))
        self._pattern = re.compile(alternatives) if alternatives else None
        self._jieba = self._build()
        self._stamp = stamp

    def _build(self) -> Any:
        self._cache.mkdir(parents=True, exist_ok=True)
        tokenizer: Any = jieba.Tokenizer()
        tokenizer.tmp_dir = str(self._cache)
        tokenizer.initialize()
        for word in sorted(self._words):
            tokenizer.add_word(word)
        return tokenizer


def _words_of(path: Path) -> dict[str, str]:
    try:
        return entity_words(path.read_bytes().decode())
    except (KefuError, UnicodeDecodeError):
        # A broken file is told by the check of that file.
        return {}


def _annotated(marked: str, form: str) -> Iterator[tuple[int, int]]:
    """Spans of annotated entities in the normal text."""
    at = 0
    for match in MARKUP.finditer(marked):
        word = normal(match["text"])
        found = form.find(word, at) if word else -1
        if found >= 0:
            at = found + len(word)
            yield found, at


def _positions(words: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    at = 0
    for word in words:
        yield word, at, at + len(word)
        at += len(word)
