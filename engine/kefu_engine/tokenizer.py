"""Words of a message, cut by a jieba tokenizer that belongs to one model alone."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.normalizer import normal_text_of, normalize
from kefu_engine.source import data_files, source_fingerprint

TOKENS = "tokens"
_WORDS_FILE = "words.txt"

jieba.setLogLevel(logging.WARNING)


def cache_folder() -> Path:
    """Where jieba keeps its compiled base dictionary: ours, not the shared temporary folder."""
    folder = Path(os.environ.get("KEFU_HOME", ".kefu")) / "cache" / "jieba"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def read_words(paths: Iterable[Path]) -> list[str]:
    """Words of dictionary files: one a line, ``#`` starts a comment, normalised, no doubles."""
    words: dict[str, None] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            word = normalize(line.split("#", 1)[0]).text
            if word:
                words[word] = None
    return list(words)


def build_jieba(words: Iterable[str]) -> jieba.Tokenizer:
    """A tokenizer of its own: jieba's base dictionary and ``words``, kept in one piece."""
    tokenizer = jieba.Tokenizer()
    # jieba declares no type for it but None.
    tokenizer.tmp_dir = str(cache_folder())  # pyright: ignore[reportAttributeAccessIssue]
    tokenizer.initialize()
    for word in words:
        tokenizer.add_word(word)
    return tokenizer


class ChineseTokenizer(Tokenizer):
    """Cuts the normal text into words; a token's text is normal, its offsets are raw."""

    @staticmethod
    def supported_languages() -> list[str] | None:
        """Chinese only."""
        return ["zh"]

    @staticmethod
    def required_packages() -> list[str]:
        """Jieba's version is part of the training fingerprint: its dictionary comes with it."""
        return ["jieba"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``dictionary`` is the folder of word lists, relative to the project."""
        return {
            "dictionary": "data/dictionary",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        words: list[str],
    ) -> None:
        super().__init__({**self.get_default_config(), **config})
        self._model_storage = model_storage
        self._resource = resource
        self._words = words
        self._jieba = build_jieba(words)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChineseTokenizer:
        """A tokenizer with the project's word lists."""
        words = read_words(data_files(config["dictionary"], {".txt"}))
        return cls(config, model_storage, resource, words)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ChineseTokenizer:
        """The tokenizer as it was trained: its words come from the archive alone."""
        with model_storage.read_from(resource) as folder:
            words = (folder / _WORDS_FILE).read_text(encoding="utf-8").splitlines()
        return cls(config, model_storage, resource, words)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changes with any word of the dictionary."""
        folder = {**cls.get_default_config(), **config}["dictionary"]
        return source_fingerprint(__file__, *data_files(folder, {".txt"}))

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the words in the archive."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _WORDS_FILE).write_text("\n".join(self._words), encoding="utf-8")
        return self._resource

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Words of the message's text; blanks are no words."""
        normal = normal_text_of(message) if attribute == TEXT else normalize(message.get(attribute))
        tokens: list[Token] = []
        start = 0
        for word in self._jieba.cut(normal.text):
            end = start + len(word)
            if not word.isspace():
                tokens.append(Token(word, *normal.raw_span(start, end)))
            start = end
        return tokens

    def process(self, messages: list[Message]) -> list[Message]:
        """Cuts the messages and shows their words in the parse."""
        for message in messages:
            if not isinstance(message.get(TEXT), str):
                continue
            tokens = self.tokenize(message, TEXT)
            message.set("text_tokens", tokens)
            message.set(TOKENS, [token.text for token in tokens], add_to_output=True)
        return messages


# As a statement: the decorator would forget the class's own type.
DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)(
    ChineseTokenizer
)
