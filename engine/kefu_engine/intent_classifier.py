"""The intent of a message: a linear model on sparse features with calibrated confidence."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from kefu_engine.confidence import Calibration, Judged, calibrate
from kefu_engine.features import Document, FeatureSpace
from kefu_engine.normalizer import normal_text_of
from kefu_engine.source import source_fingerprint

RANKING_LENGTH = 5
THRESHOLDS = "thresholds"
OUT_OF_SCOPE = "out_of_scope"
OUT_OF_SCOPE_SCORE = "out_of_scope_score"
_ARRAYS = "intent_classifier.npz"
_WORDS = "intent_classifier.json"


def document_of(message: Message) -> Document:
    """The message as the classifier reads it; the tokenizer has run on it."""
    words = [token.text for token in message.get("text_tokens") or []]
    return Document(normal_text_of(message).text, words)


def hand_of(message: Message) -> str:
    """Who wrote a training message (``metadata: {hand: …}`` of its block)."""
    intent_metadata = (message.get(METADATA) or {}).get("intent") or {}
    return str(intent_metadata.get("hand", ""))


def folds_of(intents: Sequence[str], hands: Sequence[str], count: int, seed: int) -> np.ndarray:
    """The fold, 0 to ``count - 1``, that each message is judged in, ``(n,)``.

    Where an intent was written by at least ``count`` hands a fold leaves whole hands out, so that
    the judged wording is new to the model; else its messages are dealt at random.
    """
    random = np.random.default_rng(seed)
    folds = np.zeros(len(intents), dtype=np.int64)
    by_intent: defaultdict[str, list[int]] = defaultdict(list)
    for index, intent in enumerate(intents):
        by_intent[intent].append(index)
    for members in by_intent.values():
        names = sorted({hands[i] for i in members})
        if len(names) >= count:
            place = {name: k % count for k, name in enumerate(random.permutation(names).tolist())}
            for i in members:
                folds[i] = place[hands[i]]
        else:
            shuffled = random.permutation(members)
            folds[shuffled] = np.arange(len(members)) % count
    return folds


class LinearModel:
    """One-against-rest logistic regression: ``scores = row · weights + bias``."""

    def __init__(self, intents: Sequence[str], weights: np.ndarray, bias: np.ndarray):
        self.intents = list(intents)
        self.weights = weights
        self.bias = bias

    @classmethod
    def fit(
        cls, matrix: sparse.csr_matrix, truth: np.ndarray, intents: Sequence[str], strength: float
    ) -> LinearModel:
        """Fits every intent against the rest; ``strength`` is the inverse of regularisation.

        An intent absent from ``truth`` scores low on everything.
        """
        weights = np.zeros((matrix.shape[1], len(intents)), dtype=np.float32)
        bias = np.full(len(intents), -10.0, dtype=np.float32)
        solver = LogisticRegression(
            C=strength, solver="liblinear", dual=True, tol=0.01, random_state=0
        )
        for column in np.unique(truth):
            if (truth == column).all():
                bias[column] = 10.0
                continue
            solver.fit(matrix, truth == column)
            weights[:, column] = solver.coef_[0]
            bias[column] = solver.intercept_[0]
        return cls(intents, weights, bias)

    def scores(self, columns: Sequence[int], values: Sequence[float]) -> np.ndarray:
        """Scores of one message, ``(intents,)``."""
        if not columns:
            return self.bias.copy()
        return np.asarray(values, dtype=np.float32) @ self.weights[columns] + self.bias


def cross_validate(
    documents: Sequence[Document],
    truth: np.ndarray,
    folds: np.ndarray,
    intents: Sequence[str],
    strength: float,
) -> Judged:
    """Every message scored by a model, feature space included, that has not seen its fold."""
    scores = np.zeros((len(documents), len(intents)))
    unknown = np.zeros(len(documents))
    for fold in np.unique(folds):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if not len(inside):
            continue
        known = [documents[i] for i in inside]
        space = FeatureSpace.fit(known)
        model = LinearModel.fit(space.matrix(known), truth[inside], intents, strength)
        for index in outside:
            row = space.row(documents[index])
            scores[index] = model.scores(row.columns, row.values)
            unknown[index] = row.unknown
    return Judged(scores, truth, unknown)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks the intents and says how sure it is; unsure, it puts ``nlu_fallback`` first.

    Reads from a message's metadata ``thresholds`` (``{"answer": 0..1}``, the profile's, instead of
    the model's own) and ``masked_intents`` (names that the profile does not offer).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Words come from a tokenizer."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Its version decides the weights."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``strength``: inverse regularisation; ``folds``: of the cross-validated calibration."""
        return {"strength": 10.0, "folds": 5, "seed": 7}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changes with the modules that this class only calls."""
        here = Path(__file__).parent
        names = ("intent_classifier.py", "features.py", "confidence.py", "normalizer.py")
        return source_fingerprint(*(here / name for name in names))

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self.space: FeatureSpace
        self.model: LinearModel
        self.calibration: Calibration
        self.texts: list[str] = []
        self.truth = np.zeros(0, dtype=np.int64)
        self.examples: sparse.csr_matrix

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CalibratedIntentClassifier:
        """A classifier yet to be trained."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the model on all messages with an intent, and its calibration by cross-validation.

        Raises ``ValueError`` when there is no such message.
        """
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        if not messages:
            raise ValueError("no training message has an intent")
        documents = [document_of(message) for message in messages]
        labels = [str(message.get(INTENT)) for message in messages]
        intents = sorted(set(labels))
        self.truth = np.array([intents.index(label) for label in labels])
        strength = float(self._config["strength"])
        self.space = FeatureSpace.fit(documents)
        self.examples = self.space.matrix(documents)
        self.model = LinearModel.fit(self.examples, self.truth, intents, strength)
        folds = folds_of(
            labels, [hand_of(m) for m in messages], self._config["folds"], self._config["seed"]
        )
        self.calibration = calibrate(
            cross_validate(documents, self.truth, folds, intents, strength)
        )
        self.texts = [str(message.get(TEXT)) for message in messages]
        self._persist()
        return self._resource

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(
                folder / _ARRAYS,
                weights=self.model.weights,
                bias=self.model.bias,
                idf=self.space.idf,
                truth=self.truth,
                data=self.examples.data.astype(np.float32),
                indices=self.examples.indices.astype(np.int32),
                indptr=self.examples.indptr.astype(np.int64),
            )
            words = {
                "intents": self.model.intents,
                "vocabularies": [list(v) for v in self.space.vocabularies],
                "unseen": self.space.unseen,
                "calibration": self.calibration.as_dict(),
                "texts": self.texts,
            }
            (folder / _WORDS).write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedIntentClassifier:
        """The classifier as it was trained."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / _WORDS).read_text(encoding="utf-8"))
            with np.load(folder / _ARRAYS, allow_pickle=False) as arrays:
                stored = {name: arrays[name] for name in arrays.files}
        offsets = np.cumsum([0, *map(len, words["vocabularies"])])
        vocabularies = [
            {feature: int(offset) + i for i, feature in enumerate(names)}
            for names, offset in zip(words["vocabularies"], offsets, strict=False)
        ]
        component.space = FeatureSpace(vocabularies, stored["idf"], words["unseen"])
        component.model = LinearModel(words["intents"], stored["weights"], stored["bias"])
        component.calibration = Calibration.from_dict(words["calibration"])
        component.texts = words["texts"]
        component.truth = stored["truth"]
        component.examples = sparse.csr_matrix(
            (stored["data"], stored["indices"], stored["indptr"]),
            (len(component.texts), len(component.space)),
        )
        return component

    def rank(
        self, document: Document, masked: Sequence[str] = ()
    ) -> tuple[list[dict[str, Any]], float]:
        """The best intents with their confidence, and the out-of-scope score (0 to 1).

        The first confidence is the calibrated probability that the intent is right; the others
        share the rest in proportion and never exceed it. Masked intents do not take part.
        """
        row = self.space.row(document)
        scores = self.model.scores(row.columns, row.values).astype(np.float64)
        if masked:
            hidden = [i for i, name in enumerate(self.model.intents) if name in masked]
            if len(hidden) < len(self.model.intents):
                scores[hidden] = -np.inf
        probabilities = self.calibration.probabilities(scores)
        best = np.argsort(-probabilities, kind="stable")[:RANKING_LENGTH]
        ordered = probabilities[best]
        first = self.calibration.confidence(scores, ordered, row.unknown)
        rest = (1 - first) / max(1 - float(ordered[0]), 1e-9)
        names = self.model.intents
        ranking = [{"name": names[best[0]], "confidence": first}]
        ranking += [
            {"name": names[i], "confidence": min(float(p) * rest, first)}
            for i, p in zip(best[1:], ordered[1:], strict=True)
            if p > 0
        ]
        return ranking, self._out_of_scope(probabilities)

    def _out_of_scope(self, probabilities: np.ndarray) -> float:
        if OUT_OF_SCOPE not in self.model.intents:
            return 0.0
        return float(probabilities[self.model.intents.index(OUT_OF_SCOPE)])

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent, ranking, thresholds and the out-of-scope score of every message."""
        for message in messages:
            if message.get(TEXT):
                self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        metadata = message.get(METADATA) or {}
        ranking, score = self.rank(document_of(message), metadata.get("masked_intents") or ())
        own = self.calibration.thresholds
        given = metadata.get("thresholds") or {}
        answer = float(given.get("answer", own.answer))
        clarify = min(float(given.get("clarify", own.clarify)), answer)
        if ranking[0]["confidence"] < answer:
            unsure = 1 - ranking[0]["confidence"]
            ranking.insert(0, {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": unsure})
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(THRESHOLDS, {"answer": answer, "clarify": clarify}, add_to_output=True)
        message.set(OUT_OF_SCOPE_SCORE, score, add_to_output=True)


def classifier_in(components: Iterator[object]) -> CalibratedIntentClassifier:
    """The one classifier among a loaded model's components; ``LookupError`` if there is none."""
    for component in components:
        if isinstance(component, CalibratedIntentClassifier):
            return component
    raise LookupError("the model has no intent classifier of ours")
