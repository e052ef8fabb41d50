"""The linear model behind the intents, and how it is judged on messages it has not seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from kefu_engine.confidence import Judged
from kefu_engine.features import Document, FeatureSpace

_ENOUGH_HANDS = 3


class LinearModel:
    """One-against-rest logistic regression: ``scores = row · weights + bias``."""

    def __init__(self, intents: Sequence[str], weights: NDArray[Any], bias: NDArray[Any]):
        self.intents = list(intents)
        self.weights = weights
        self.bias = bias

    @classmethod
    def fit(
        cls, matrix: sparse.csr_matrix, truth: NDArray[Any], intents: Sequence[str], strength: float
    ) -> LinearModel:
        """Fits every intent against the rest; ``strength`` is the inverse of regularisation.

        An intent absent from ``truth`` scores low on everything.
        """
        weights = np.zeros((matrix.shape[1], len(intents)), dtype=np.float32)
        bias = np.full(len(intents), -10.0, dtype=np.float32)
        solver: Any = LogisticRegression(
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

    def scores(self, columns: Sequence[int], values: Sequence[float]) -> NDArray[Any]:
        """Scores of one message, ``(intents,)``."""
        if not columns:
            return self.bias.copy()
        return np.asarray(values, dtype=np.float32) @ self.weights[columns] + self.bias


def cross_validate(
    documents: Sequence[Document],
    truth: NDArray[Any],
    folds: NDArray[Any],
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


def folds_of(intents: Sequence[str], hands: Sequence[str], count: int, seed: int) -> NDArray[Any]:
    """The fold, 0 to ``count - 1``, that each message is judged in, ``(n,)``.

    Where enough hands wrote an intent a fold leaves whole hands out, so that the judged wording is
    new to the model; else its messages are dealt at random.
    """
    random = np.random.default_rng(seed)
    folds = np.zeros(len(intents), dtype=np.int64)
    by_intent: defaultdict[str, list[int]] = defaultdict(list)
    for index, intent in enumerate(intents):
        by_intent[intent].append(index)
    for members in by_intent.values():
        names = sorted({hands[i] for i in members})
        if len(names) >= _ENOUGH_HANDS:
            place = {name: k % count for k, name in enumerate(random.permutation(names).tolist())}
            for i in members:
                folds[i] = place[hands[i]]
        else:
            shuffled = random.permutation(members)
            folds[shuffled] = np.arange(len(members)) % count
    return folds
