"""What a message names: numbers, dates, amounts, carriers, banks, goods."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.entity_rules import EntityFinder, EntityRules
from kefu_engine.normalizer import normal_text_of
from kefu_engine.order_numbers import order_number_finder
from kefu_engine.source import data_files, source_fingerprint

_RULES_FILE = "entity_rules.json"
_SUFFIXES = frozenset({".yml"})


def today_of(metadata: dict[str, Any]) -> date:
    """The shopper's day: that of the turn's ``now``, else the machine's."""
    now = metadata.get("now")
    return datetime.fromisoformat(now).date() if now else datetime.now().astimezone().date()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RuleEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds entities by rules on single characters; offsets are those of the raw text.

    Reads ``now``, ``profile`` and ``order_number_patterns`` from a message's metadata.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``patterns`` is the folder of rules, relative to the project."""
        return {"patterns": "data/entities"}

    @staticmethod
    def required_packages() -> list[str]:
        """Rules run on spaCy."""
        return ["spacy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changes with any rule and with the modules that read and run them."""
        here = Path(__file__).parent
        modules = [
            here / f"{name}.py"
            for name in ("entities", "entity_rules", "order_numbers", "dates", "numerals")
        ]
        folder = {**cls.get_default_config(), **config}["patterns"]
        return source_fingerprint(*modules, *data_files(folder, _SUFFIXES))

    def __init__(self, model_storage: ModelStorage, resource: Resource, rules: EntityRules) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self.rules = rules
        self._finder = EntityFinder(rules)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RuleEntityExtractor:
        """An extractor with the project's rules."""
        rules = EntityRules.read(data_files(config["patterns"], _SUFFIXES))
        return cls(model_storage, resource, rules)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RuleEntityExtractor:
        """The extractor as it was trained: its rules come from the archive alone."""
        with model_storage.read_from(resource) as folder:
            stored = json.loads((folder / _RULES_FILE).read_text(encoding="utf-8"))
        return cls(model_storage, resource, EntityRules.from_dict(stored))

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the rules in the archive."""
        with self._model_storage.write_to(self._resource) as folder:
            text = json.dumps(self.rules.as_dict(), ensure_ascii=False)
            (folder / _RULES_FILE).write_text(text, encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities of every message to those it has."""
        for message in messages:
            if message.get(TEXT):
                found = [*message.get(ENTITIES, []), *self.extract(message)]
                message.set(ENTITIES, found, add_to_output=True)
        return messages

    def extract(self, message: Message) -> list[dict[str, Any]]:
        """The message's entities in Rasa's form."""
        metadata = message.get(METADATA) or {}
        normal = normal_text_of(message)
        entities: list[dict[str, Any]] = []
        profile = str(metadata.get("profile") or "")
        numbers = order_number_finder(tuple(metadata.get("order_number_patterns") or ()))
        today = today_of(metadata)
        for found in self._finder.find(normal.text, profile, today, numbers(normal.text)):
            start, end = normal.raw_span(found.start, found.end)
            entities.append(
                {"entity": found.entity, "start": start, "end": end, "value": found.value}
            )
        return self.add_extractor_name(entities)
