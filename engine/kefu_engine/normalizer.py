"""Normalised text of a message, with the way back to what the shopper typed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import opencc
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.source import source_fingerprint

NORMAL_TEXT = "normal_text"

_NOT_CANONICAL = re.compile(r"\s{2,}|[^\S ]|^\s|\s$|([^\w\s*])\1\1")
_REPEAT_LIMIT = 2


@dataclass(frozen=True, slots=True)
class NormalText:
    """Text in one canonical form: NFKC, lower case, simplified characters, single blanks.

    ``starts[i]`` is the index in the raw text of the character that normal character ``i`` came
    from; ``None`` means that the two texts are aligned one to one.
    """

    text: str
    starts: tuple[int, ...] | None = None

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The span ``[start, end)`` of the normal text in characters of the raw text."""
        if self.starts is None or start >= end:
            return start, end
        return self.starts[start], self.starts[end - 1] + 1


@cache
def _converter() -> Any:
    return opencc.OpenCC("t2s")


@cache
def _traditional_characters() -> frozenset[str]:
    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split() for line in table.read_text(encoding="utf-8").splitlines())
    return frozenset(pair[0] for pair in pairs if pair and pair[0] not in pair[1:])


@lru_cache(maxsize=65536)
def _fold(character: str) -> str:
    """One raw character as it stands in the normal text; empty if it is invisible."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in {"Cf", "Cc", "Mn"}:
        return ""
    return "".join(
        " " if part.isspace() else part
        for part in unicodedata.normalize("NFKC", character).lower()
        if unicodedata.category(part) != "Mn"
    )


def _is_canonical(text: str) -> bool:
    return _NOT_CANONICAL.search(text) is None and all(_fold(c) == c for c in text)


def _simplify(text: str) -> str:
    if _traditional_characters().isdisjoint(text):
        return text
    converter = _converter()
    simplified = converter.convert(text)
    if len(simplified) != len(text):
        # A phrase rule changed the length: offsets need one character for one.
        simplified = "".join((converter.convert(c) or c)[0] for c in text)
    return simplified


def _collapse(text: str) -> NormalText:
    characters: list[str] = []
    starts: list[int] = []
    run = 0
    for index, raw in enumerate(text):
        for character in _fold(raw):
            last = characters[-1] if characters else " "
            run = run + 1 if character == last else 1
            if character == " ":
                if last == " ":
                    continue
            elif run > _REPEAT_LIMIT and not character.isalnum() and character != "*":
                continue
            characters.append(character)
            starts.append(index)
    while characters and characters[-1] == " ":
        characters.pop()
        starts.pop()
    return NormalText(_simplify("".join(characters)), tuple(starts))


def normalize(text: str) -> NormalText:
    """The normal form of ``text``; an empty or invisible text gives an empty one."""
    if _is_canonical(text):
        return NormalText(_simplify(text))
    return _collapse(text)


def normal_text_of(message: Message) -> NormalText:
    """The message's normal text, made now if the normaliser has not run on it."""
    normal = message.get(NORMAL_TEXT)
    if isinstance(normal, NormalText):
        return normal
    return normalize(message.get(TEXT) or "")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class TextNormalizer(GraphComponent):
    """Puts the normal text next to the raw one; the raw text stays the message's text."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextNormalizer:
        """A normaliser; it has no settings and no trained state."""
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Retrains when the normal form changes, not only when this class does."""
        return source_fingerprint(__file__)

    @staticmethod
    def required_packages() -> list[str]:
        """No package that Rasa has to look for."""
        return []

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets ``normal_text`` on every message that has a text."""
        for message in messages:
            text = message.get(TEXT)
            if isinstance(text, str):
                message.set(NORMAL_TEXT, normalize(text))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The same for training examples."""
        self.process(training_data.training_examples)
        return training_data
