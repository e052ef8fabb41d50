"""Why the model read a message as it did: the features that spoke most, the nearest examples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from kefu_engine.features import Document, families
from kefu_engine.intent_classifier import CalibratedIntentClassifier, document_of
from kefu_engine.model import Model
from kefu_engine.tokenizer import ChineseTokenizer

_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_NAMES = {
    "\ue000": "⟨编号⟩", "\ue001": "⟨手机号⟩", "\ue002": "⟨长数字⟩", "\ue003": "⟨四位数⟩",
    "\ue004": "⟨数字⟩", "\ue005": "⟨小数⟩", "\ue006": "⟨数字⟩", "\ue00f": "⟨首尾⟩",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Evidence:
    """A piece of the message and its share in the intent's score (may be negative)."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training utterance; ``similarity`` is the cosine in the feature space, 0 to 1."""

    text: str
    intent: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What spoke for ``intent``, strongest first, and what the message is most like."""

    intent: str
    evidence: tuple[Evidence, ...]
    neighbours: tuple[Neighbour, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "intent": self.intent,
            "evidence": [{"text": e.text, "weight": round(e.weight, 4)} for e in self.evidence],
            "neighbours": [
                {"text": n.text, "intent": n.intent, "similarity": round(n.similarity, 4)}
                for n in self.neighbours
            ],
        }


def _readable(feature: str) -> str:
    return _PRIVATE.sub(lambda match: _NAMES.get(match.group(), "⟨?⟩"), feature)


def explain(
    classifier: CalibratedIntentClassifier,
    document: Document,
    intent: str,
    *,
    pieces: int = 5,
    neighbours: int = 3,
) -> Explanation:
    """Explains ``intent`` for a message. Raises ``ValueError`` on an intent the model lacks.

    A piece's weight adds up all features it occurs in under one spelling: a pair of characters
    and the word of the same spelling are one piece. Scores are taken against their mean over all
    intents, so that what speaks for every intent alike speaks for none.
    """
    column = classifier.model.intents.index(intent)
    space, row = classifier.space, classifier.space.row(document)
    columns = np.array(row.columns, dtype=np.int64)
    values = np.array(row.values)
    weights = classifier.model.weights[columns]
    shares = values * (weights[:, column] - weights.mean(axis=1))
    share_of = dict(zip(row.columns, shares.tolist(), strict=True))
    totals: dict[str, float] = {}
    for vocabulary, features in zip(space.vocabularies, families(document), strict=True):
        for feature in dict.fromkeys(features):
            if (index := vocabulary.get(feature)) is not None:
                name = _readable(feature).strip()
                totals[name] = totals.get(name, 0.0) + share_of[index]
    strongest = sorted(
        ((text, weight) for text, weight in totals.items() if text and weight > 0),
        key=lambda item: -item[1],
    )
    return Explanation(
        intent,
        tuple(Evidence(text, weight) for text, weight in strongest[:pieces]),
        _nearest(classifier, columns, values, neighbours),
    )


def explain_text(model: Model, text: str) -> Explanation:
    """Explains what a loaded model takes ``text`` for, sure enough to answer or not.

    Raises ``LookupError`` if the model's pipeline is not ours.
    """
    components = [model.graph.component(name) for name in model.graph.nodes]
    classifier = next((c for c in components if isinstance(c, CalibratedIntentClassifier)), None)
    tokenizer = next((c for c in components if isinstance(c, ChineseTokenizer)), None)
    if classifier is None or tokenizer is None:
        raise LookupError("the model has no classifier and tokenizer of ours")
    document = document_of(tokenizer.process([Message({TEXT: text})])[0])
    ranking, _ = classifier.rank(document)
    return explain(classifier, document, ranking[0]["name"])


def _nearest(
    classifier: CalibratedIntentClassifier, columns: NDArray[Any], values: NDArray[Any], count: int
) -> tuple[Neighbour, ...]:
    query = np.zeros(len(classifier.space))
    query[columns] = values
    examples = classifier.examples
    lengths = np.sqrt(np.asarray(examples.multiply(examples).sum(axis=1)).ravel())
    size = float(np.linalg.norm(query))
    if not size:
        return ()
    similarity = (examples @ query) / (np.maximum(lengths, 1e-9) * size)
    best = np.argsort(-similarity, kind="stable")[:count]
    return tuple(
        Neighbour(
            classifier.texts[i],
            classifier.model.intents[classifier.truth[i]],
            float(similarity[i]),
        )
        for i in best
        if similarity[i] > 0
    )
