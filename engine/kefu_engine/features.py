"""What the intent classifier sees of a message: characters across word borders, and words."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

_NUMBER = re.compile(
    r"(?<![a-z0-9])(?P<code>(?=[a-z0-9]*\d{4})[a-z]{1,4}\d[a-z0-9]{7,})(?![a-z0-9])"
    r"|(?P<phone>(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d))"
    r"|(?P<grouped>(?<!\d)\d{3,8}(?:[ -]\d{3,8}){2,}(?!\d))"
    r"|(?P<number>\d+(?:\.\d+)?)"
)
# One private character per shape of a number, so that n-grams see the shape and not the digits.
_CODE, _PHONE, _LONG, _FOUR, _MIDDLE, _DECIMAL, _SHORT = map(chr, range(0xE000, 0xE007))
_BY_SIZE = {2: _SHORT, 4: _FOUR}
_EDGE = "\ue00f"
_GAPS = re.compile(r"[ ,.、。;:~-]+")


def _shape(match: re.Match[str]) -> str:
    if match.lastgroup == "code":
        return _CODE
    if match.lastgroup == "phone":
        return _PHONE
    if match.lastgroup == "grouped":
        return _LONG
    digits = match.group()
    if len(digits) == 1:
        return digits
    if "." in digits:
        return _DECIMAL
    return _LONG if len(digits) >= 8 else _BY_SIZE.get(len(digits), _MIDDLE)


def masked(text: str) -> str:
    """Normal text with every number of two digits or more replaced by the sign of its shape."""
    return _NUMBER.sub(_shape, text)


@dataclass(frozen=True, slots=True)
class Document:
    """What features are taken from: normal text and its words."""

    text: str
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the feature space: columns with their values, and how much was unknown.

    ``unknown`` is the share (0 to 1) of the message's features that no training message has.
    """

    columns: list[int]
    values: list[float]
    unknown: float


def families(document: Document) -> tuple[list[str], ...]:
    """The document's features, one list for each name in ``FAMILIES``."""
    line = _EDGE + _GAPS.sub(" ", masked(document.text)).strip() + _EDGE
    size = len(line)
    return (
        list(line),
        [line[i : i + 2] for i in range(size - 1)],
        [line[i : i + 3] for i in range(size - 2)],
        [masked(word) for word in document.words if not _GAPS.fullmatch(word)],
    )


FAMILIES = ("characters", "pairs", "triples", "words")
WEIGHTS = (1.0, 1.0, 0.7, 0.7)


class FeatureSpace:
    """TF-IDF with sublinear counts, each family of features of length one before it is weighted.

    A feature without an entry in the vocabulary still counts towards its family's length: the more
    of a message is unknown, the less the rest can say.
    """

    def __init__(self, vocabularies: Sequence[dict[str, int]], idf: NDArray[Any], unseen: float):
        self.vocabularies = list(vocabularies)
        self.idf = idf
        self.unseen = unseen
        self._idf: list[float] = idf.tolist()

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> FeatureSpace:
        """The space of all features of ``documents``."""
        frequencies: list[Counter[str]] = [Counter() for _ in FAMILIES]
        for document in documents:
            for counter, features in zip(frequencies, families(document), strict=True):
                counter.update(set(features))
        size = len(documents)
        vocabularies: list[dict[str, int]] = []
        idf: list[float] = []
        for counter in frequencies:
            vocabularies.append({f: len(idf) + i for i, f in enumerate(sorted(counter))})
            idf += [math.log((1 + size) / (1 + counter[f])) + 1 for f in sorted(counter)]
        return cls(vocabularies, np.array(idf), math.log(1 + size) + 1)

    def __len__(self) -> int:
        return len(self._idf)

    def row(self, document: Document) -> Row:
        """One message in this space."""
        columns: list[int] = []
        values: list[float] = []
        known = total = 0
        for vocabulary, weight, features in zip(
            self.vocabularies, WEIGHTS, families(document), strict=True
        ):
            counts: dict[int, int] = {}
            missing = 0
            for feature in features:
                column = vocabulary.get(feature)
                if column is None:
                    missing += 1
                else:
                    counts[column] = counts.get(column, 0) + 1
            total += len(features)
            known += len(features) - missing
            block = [
                self._idf[column] * (1.0 if count == 1 else 1.0 + math.log(count))
                for column, count in counts.items()
            ]
            length = math.sqrt(sum(v * v for v in block) + missing * self.unseen * self.unseen)
            if length:
                scale = weight / length
                columns += counts
                values += [value * scale for value in block]
        return Row(columns, values, 1 - known / total if total else 1.0)

    def matrix(self, documents: Sequence[Document]) -> sparse.csr_matrix:
        """Messages in this space, ``(len(documents), len(self))``."""
        rows = [self.row(document) for document in documents]
        bounds = np.cumsum([0, *(len(row.columns) for row in rows)])
        columns = [column for row in rows for column in row.columns]
        values = [value for row in rows for value in row.values]
        return sparse.csr_matrix((values, columns, bounds), (len(rows), len(self)))
