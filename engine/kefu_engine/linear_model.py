"""The linear model behind the intents, and how it is judged on messages it has not seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from kefu_engine import progress
from kefu_engine.confidence import Judged
from kefu_engine.features import Document, FeatureSpace

WORKERS = 2
_ENOUGH_HANDS = 3
# How much a feature's say in an intent follows from how telling it is of it (0: not at all).
_TELLING = 0.25
# Below it starting processes takes longer than they save.
_WORTH_PROCESSES = 3000


def telling_weights(
    matrix: sparse.csr_matrix, truth: NDArray[Any], classes: int
) -> NDArray[np.float32]:
    """How telling each feature is of each intent, ``(classes, features)``, about 1 on average.

    The naive Bayes log-count ratio of Wang and Manning (2012), without its sign and mixed with 1:
    what occurs as often elsewhere gets a smaller say before the regression sees it.
    """
    present = matrix.copy()
    present.data = np.ones_like(present.data)
    rows = np.arange(len(truth))
    members = sparse.csr_matrix((np.ones(len(truth)), (truth, rows)), (classes, len(truth)))
    inside = (members @ present).toarray()
    outside = inside.sum(axis=0) - inside + 2
    inside += 1
    ratio = np.log(inside / inside.sum(axis=1, keepdims=True))
    ratio -= np.log(outside / outside.sum(axis=1, keepdims=True))
    ratio = np.abs(ratio, out=ratio)
    ratio /= ratio.mean(axis=1, keepdims=True)
    return (1 - _TELLING + _TELLING * ratio).astype(np.float32)


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
        telling = telling_weights(matrix, truth, len(intents))
        scaled = matrix.copy()
        from sklearn.linear_model import LogisticRegression

        solver: Any = LogisticRegression(
            C=strength, solver="liblinear", dual=True, tol=0.01, random_state=0
        )
        for column in np.unique(truth):
            if (truth == column).all():
                bias[column] = 10.0
                continue
            scaled.data = matrix.data * telling[column][matrix.indices]
            solver.fit(scaled, truth == column)
            weights[:, column] = solver.coef_[0] * telling[column]
            bias[column] = solver.intercept_[0]
        return cls(intents, weights, bias)

    def scores(self, columns: Sequence[int], values: Sequence[float]) -> NDArray[Any]:
        """Scores of one message, ``(intents,)``."""
        if not columns:
            return self.bias.copy()
        return np.asarray(values, dtype=np.float32) @ self.weights[columns] + self.bias


def _judge_fold(
    documents: Sequence[Document],
    truth: NDArray[Any],
    part: tuple[NDArray[Any], NDArray[Any]],
    intents: Sequence[str],
    strength: float,
) -> tuple[NDArray[Any], NDArray[Any]]:
    inside, outside = part
    known = [documents[i] for i in inside]
    space = FeatureSpace.fit(known)
    model = LinearModel.fit(space.matrix(known), truth[inside], intents, strength)
    rows = [space.row(documents[i]) for i in outside]
    scores = np.vstack([model.scores(row.columns, row.values) for row in rows])
    return scores, np.array([row.unknown for row in rows])


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
    parts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in set(folds)]
    parts = [part for part in parts if len(part[0])]
    from joblib import Parallel, delayed

    run = Parallel(
        n_jobs=WORKERS if len(documents) >= _WORTH_PROCESSES else 1, return_as="generator"
    )
    judged: Any = run(
        delayed(_judge_fold)(documents, truth, part, intents, strength) for part in parts
    )
    progress.tell_fold(0, len(parts))
    for done, ((_, outside), (found, strange)) in enumerate(zip(parts, judged, strict=True), 1):
        scores[outside] = found
        unknown[outside] = strange
        progress.tell_fold(done, len(parts))
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
