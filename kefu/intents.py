"""What people call the intents: written in the training data, kept in each model's card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, cast

from cachetools import LRUCache
from ruamel.yaml import YAML

FILE = "data/intents.yml"
ROOT = Path(__file__).resolve().parent.parent
IN_CARD = "titles"
NOT_UNDERSTOOD = "nlu_fallback"

Titles = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Intents:
    """Chinese titles by intent.

    ``requests`` is what shoppers want, ``talk`` what keeps a talk going. Nobody types what is
    ``pressed`` (a button alone) or ``posted`` (by the desk itself).
    """

    requests: Titles = field(default_factory=dict[str, str])
    talk: Titles = field(default_factory=dict[str, str])
    pressed: Titles = field(default_factory=dict[str, str])
    posted: Titles = field(default_factory=dict[str, str])

    @property
    def services(self) -> Titles:
        """What a button may offer."""
        return {**self.requests, **self.pressed}

    @property
    def typed(self) -> Titles:
        """What a shopper's words may mean."""
        return {**self.requests, **self.talk}

    @property
    def titles(self) -> Titles:
        return {**self.requests, **self.talk, **self.pressed, **self.posted}

    def title(self, intent: str) -> str:
        """The intent in Chinese; its own name where it has no title."""
        if intent == NOT_UNDERSTOOD:
            return "没有听懂"
        return self.titles.get(intent, intent)

    def under(self, newer: Intents) -> Intents:
        """Both; where they differ, ``newer`` is right."""
        known = newer.titles
        return Intents(
            *(
                {k: v for k, v in getattr(self, one.name).items() if k not in known}
                | dict(getattr(newer, one.name))
                for one in fields(self)
            )
        )


SECTIONS = tuple(one.name for one in fields(Intents))


def read(content: Any) -> Intents:
    """From the file's content, or what a card keeps of it; raises ``ValueError``."""
    if not isinstance(content, dict) or not set(cast("dict[str, Any]", content)) <= set(SECTIONS):
        raise ValueError("no mapping of " + ", ".join(SECTIONS))
    sections: dict[str, dict[str, str]] = {}
    for section, titles in cast("dict[str, Any]", content).items():
        if not isinstance(titles, dict | None):
            raise ValueError(f"{section} is no mapping")
        named = cast("dict[str, Any]", titles or {})
        sections[section] = {name: str(title) for name, title in named.items()}
    return Intents(**sections)


def of_card(card: Mapping[str, Any]) -> Intents:
    """The titles that a model was trained with; none of one that kept none."""
    try:
        return read(card.get(IN_CARD) or {})
    except ValueError:
        return Intents()


@cache
def shipped() -> Intents:
    """Those of the project that this program was started in."""
    yaml: Any = YAML(typ="safe")
    return read(yaml.load(ROOT / FILE))


class ModelIntents:
    """The titles as each model has them, by the cards beside the archives in ``folder``."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: LRUCache[str, Intents] = LRUCache(16)

    def of(self, model: str | None) -> Intents:
        """Those of the model by its hash; the project's where nothing is known of it."""
        if model is None or self._folder is None:
            return shipped()
        found = self._known.get(model)
        if found is None:
            try:
                card = json.loads((self._folder / f"{model}.json").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                return shipped()
            found = self._known[model] = shipped().under(of_card(card))
        return found
