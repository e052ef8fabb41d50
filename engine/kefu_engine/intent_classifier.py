"""The intent of a message: a linear model on sparse features with calibrated confidence."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
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

from kefu_engine.confidence import Calibration, calibrate
from kefu_engine.features import Document, FeatureSpace
from kefu_engine.linear_model import LinearModel, cross_validate, folds_of
from kefu_engine.mislabels import OUT_OF_FOLD
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


class CalibratedIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks the intents and says how sure it is; unsure, it puts ``nlu_fallback`` first.

    Some answers also serve those who meant another intent (an order's card tells where its parcel
    is): the first intent is also taken where it and the intents that its answer serves reach the
    threshold together. Its confidence stays its own.

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
        """``strength``: inverse regularisation; ``folds``: of the cross-validated calibration;
        ``also_serves``: by intent, the other intents that its answer serves as well."""
        return {"strength": 10.0, "folds": 6, "seed": 7, "also_serves": {}}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Changes with the modules that this class only calls."""
        here = Path(__file__).parent
        names = ("intent_classifier", "linear_model", "features", "confidence", "normalizer")
        return source_fingerprint(*(here / f"{name}.py" for name in names))

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

        Raises ``ValueError`` when there is no such message, or ``also_serves`` names an intent that
        no message has.
        """
        messages = [m for m in training_data.intent_examples if m.get(TEXT)]
        if not messages:
            raise ValueError("no training message has an intent")
        documents = [document_of(message) for message in messages]
        labels = [str(message.get(INTENT)) for message in messages]
        intents = sorted(set(labels))
        served = self._config["also_serves"]
        strangers = {*served, *itertools.chain(*served.values())} - set(intents)
        if strangers:
            raise ValueError(f"also_serves: no training message of {sorted(strangers)}")
        self.truth = np.array([intents.index(label) for label in labels])
        strength = float(self._config["strength"])
        self.space = FeatureSpace.fit(documents)
        self.examples = self.space.matrix(documents)
        self.model = LinearModel.fit(self.examples, self.truth, intents, strength)
        folds = folds_of(
            labels, [hand_of(m) for m in messages], self._config["folds"], self._config["seed"]
        )
        judged = cross_validate(documents, self.truth, folds, intents, strength)
        self.calibration = calibrate(
            judged, np.array([[j in self._served_by(i) for j in intents] for i in intents])
        )
        self.texts = [str(message.get(TEXT)) for message in messages]
        self._persist(np.vstack([self.calibration.probabilities(row) for row in judged.scores]))
        return self._resource

    def _persist(self, out_of_fold: NDArray[Any]) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            # A file of its own: only those who look for mislabels read it.
            np.savez_compressed(folder / OUT_OF_FOLD, probabilities=out_of_fold.astype(np.float16))
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

        Masked intents do not take part.
        """
        row = self.space.row(document)
        scores = self.model.scores(row.columns, row.values).astype(np.float64)
        if masked:
            hidden = [i for i, name in enumerate(self.model.intents) if name in masked]
            if len(hidden) < len(self.model.intents):
                scores[hidden] = -np.inf
        confidences = self.calibration.confidences(scores, row.unknown)
        best = np.argsort(-confidences, kind="stable")[:RANKING_LENGTH]
        ranking = [
            {"name": self.model.intents[i], "confidence": float(confidences[i])}
            for i in best
            if confidences[i] > 0
        ]
        return ranking, self._out_of_scope(confidences)

    def _out_of_scope(self, confidences: NDArray[Any]) -> float:
        if OUT_OF_SCOPE not in self.model.intents:
            return 0.0
        return float(confidences[self.model.intents.index(OUT_OF_SCOPE)])

    def _served_by(self, intent: str) -> set[str]:
        """Whom the answer to an intent serves."""
        return {intent, *self._config["also_serves"].get(intent, ())}

    def _mass(self, ranking: Sequence[dict[str, Any]]) -> float:
        """How surely the answer to the first intent serves."""
        served = self._served_by(ranking[0]["name"])
        return sum(i["confidence"] for i in ranking if i["name"] in served)

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
        if self._mass(ranking) < answer:
            unsure = 1 - ranking[0]["confidence"]
            ranking.insert(0, {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": unsure})
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(THRESHOLDS, {"answer": answer, "clarify": clarify}, add_to_output=True)
        message.set(OUT_OF_SCOPE_SCORE, score, add_to_output=True)


# As a statement: the decorator would forget the class's own type.
DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)(
    CalibratedIntentClassifier
)
