"""Texts that are alike: Jaccard similarity of character 3-grams, found through an index."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

from kefu.trainer.normal_form import trigrams

Key = TypeVar("Key", bound=Hashable)


class LikenessIndex(Generic[Key]):
    """Shapes (``normal_form.shape``) by key; ``near`` finds those over a limit without reading all.

    Two sets of n and m grams that share more than the limit allows must share one of the rarest
    few (prefix filtering), and their sizes cannot be far apart.
    """

    def __init__(self) -> None:
        self._grams: dict[Key, frozenset[str]] = {}
        self._postings: defaultdict[str, set[Key]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._grams)

    def __contains__(self, key: Key) -> bool:
        return key in self._grams

    def add(self, key: Key, shape: str) -> None:
        self.remove(key)
        self._grams[key] = grams = trigrams(shape)
        for gram in grams:
            self._postings[gram].add(key)

    def remove(self, key: Key) -> None:
        for gram in self._grams.pop(key, ()):
            holders = self._postings[gram]
            holders.discard(key)
            if not holders:
                del self._postings[gram]

    def near(self, shape: str, limit: float) -> list[tuple[Key, float]]:
        """Keys of texts whose similarity to ``shape`` is at least ``limit``, most alike first."""
        grams = trigrams(shape)
        size = len(grams)
        rarest = sorted(grams, key=lambda gram: len(self._postings.get(gram, ())))
        candidates: set[Key] = set()
        for gram in rarest[: size - math.ceil(limit * size) + 1]:
            candidates |= self._postings.get(gram, set())
        found: list[tuple[Key, float]] = []
        for key in candidates:
            other = self._grams[key]
            if not limit * size <= len(other) <= size / limit:
                continue
            shared = len(grams & other)
            similarity = shared / (size + len(other) - shared)
            if similarity >= limit:
                found.append((key, similarity))
        return sorted(found, key=lambda pair: -pair[1])
