"""From scores to probabilities that can be believed, and the thresholds that follow from them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

WRONG_AMONG_ANSWERED = 0.05
HIT_AMONG_SUGGESTED = 0.6
SUGGESTIONS = 3
ALSO_RIGHT = 0.1
"""Of the messages taken for another intent than their writer's, the share that a second reader
takes for it too: two careful readers agree on nine messages in ten."""
_SMALLEST_SAMPLE = 30
_STEP = 1e-6


@dataclass(frozen=True, slots=True)
class Thresholds:
    """At ``answer`` and above the bot answers, at ``clarify`` and above it asks, below it hands
    over. ``answer`` is compared with how surely the answer serves, ``clarify`` with how surely the
    first intent is meant. ``coverage`` is the share answered in cross-validation."""

    answer: float
    clarify: float
    coverage: float = 0.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What cross-validation taught about the classifier's scores.

    ``temperature`` multiplies the scores before the softmax; ``weights`` and ``bias`` are those of
    a logistic judge of the first intent, over the signs that ``signs`` lists.
    """

    temperature: float
    weights: tuple[float, ...]
    bias: float
    thresholds: Thresholds
    accuracy: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """For the model's archive."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Calibration:
        """The inverse of ``as_dict``."""
        fields: dict[str, Any] = {**data, "weights": tuple(data["weights"])}
        fields["thresholds"] = Thresholds(**data["thresholds"])
        return cls(**fields)

    def probabilities(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Softmax of one message's scores, ``(intents,)``; ``-inf`` scores get 0."""
        scaled = scores * self.temperature
        shifted = np.exp(scaled - scaled.max())
        return shifted / shifted.sum()

    def confidences(self, scores: NDArray[Any], unknown: float) -> NDArray[Any]:
        """How surely each intent is meant, ``(intents,)``; they add up to 1 or less.

        The most probable intent gets the judge's verdict on whether it is right, the others share
        the rest in proportion and never exceed it. ``unknown`` is the share of the message that no
        training message has.
        """
        probabilities = self.probabilities(scores)
        first = int(probabilities.argmax())
        odds = self.bias
        for weight, sign in zip(
            self.weights, signs(probabilities, float(scores.max()), unknown), strict=True
        ):
            odds += weight * sign
        sure = 1 - (1 - ALSO_RIGHT) / (1 + math.exp(odds))
        share = (1 - sure) / max(1 - float(probabilities[first]), 1e-9)
        # The limit rises a little with the probability, so that the order stays.
        found = np.minimum(probabilities * share, sure * (1 - _STEP * (1 - probabilities)))
        found[first] = sure
        return found


def signs(probabilities: NDArray[Any], best_score: float, unknown: float) -> tuple[float, ...]:
    """What speaks for or against the first intent: its log odds, its lead over the second, its
    own score (how much it resembles any training message of the intent), the unknown share."""
    highest = np.sort(probabilities)[-2:]
    first = min(float(highest[-1]), 1 - 1e-9)
    second = float(highest[0]) if len(highest) > 1 else 1e-9
    return (
        math.log(first / (1 - first)),
        min(math.log(first / max(second, 1e-9)), 10.0),
        best_score,
        unknown,
    )


@dataclass(slots=True)
class Judged:
    """Cross-validated messages: scores ``(n, intents)``, the true intents' columns ``(n,)``, and
    the unknown shares ``(n,)``."""

    scores: NDArray[Any]
    truth: NDArray[Any]
    unknown: NDArray[Any]


def _log_loss(temperature: float, scores: NDArray[Any], truth: NDArray[Any]) -> float:
    scaled = scores * temperature
    peak = scaled.max(axis=1)
    normaliser = np.log(np.exp(scaled - peak[:, None]).sum(axis=1)) + peak
    return float(np.mean(normaliser - scaled[np.arange(len(truth)), truth]))


def threshold_for(
    confidences: NDArray[Any], good: NDArray[Any], share: float
) -> tuple[float, float]:
    """The lowest confidence above which at least ``share`` of the messages are good, and the
    share of all messages that lie above it; ``(1.0, 0.0)`` if no threshold reaches it."""
    order = np.argsort(-confidences, kind="stable")
    precision = np.cumsum(good[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(precision >= share)
    reached = reached[reached >= min(_SMALLEST_SAMPLE, len(order)) - 1]
    if not len(reached):
        return 1.0, 0.0
    last = int(reached[-1])
    return float(confidences[order[last]]), (last + 1) / len(order)


def calibrate(judged: Judged, served: NDArray[Any] | None = None) -> Calibration:
    """The calibration and the thresholds that cross-validated scores support.

    ``served[i, j]`` says that the answer to intent ``i`` is right for who means ``j`` as well,
    ``(intents, intents)``; by default an answer serves its own intent alone.
    """
    rows = range(len(judged.truth))
    from scipy.optimize import minimize_scalar

    fitted: Any = minimize_scalar(
        _log_loss, bounds=(0.05, 20.0), args=(judged.scores, judged.truth), method="bounded"
    )
    draft = Calibration(float(fitted.x), (1.0, 0.0, 0.0, 0.0), 0.0, Thresholds(1.0, 1.0))
    probabilities = np.vstack([draft.probabilities(row) for row in judged.scores])
    right = probabilities.argmax(axis=1) == judged.truth
    table = np.array(
        [
            signs(probabilities[i], float(judged.scores[i].max()), float(judged.unknown[i]))
            for i in rows
        ]
    )
    if not right.all() and right.any():
        from sklearn.linear_model import LogisticRegression

        judge: Any = LogisticRegression(C=1.0, max_iter=1000).fit(table, right)
        weights = tuple(float(w) for w in judge.coef_[0])
        draft = replace(draft, weights=weights, bias=float(judge.intercept_[0]))
    sure = np.vstack([draft.confidences(judged.scores[i], float(judged.unknown[i])) for i in rows])
    accuracy = round(float(right.mean()), 4)
    return replace(draft, thresholds=_thresholds(sure, judged.truth, served), accuracy=accuracy)


def _thresholds(sure: NDArray[Any], truth: NDArray[Any], served: NDArray[Any] | None) -> Thresholds:
    """From the confidences of every intent, ``(n, intents)``."""
    serves = np.eye(sure.shape[1], dtype=bool) if served is None else served
    ranking = np.argsort(-sure, axis=1, kind="stable")
    first = ranking[:, 0]
    mass = (sure * serves[first]).sum(axis=1)
    answer, coverage = threshold_for(mass, serves[first, truth], 1 - WRONG_AMONG_ANSWERED)
    asked = mass < answer
    suggested = (ranking[:, :SUGGESTIONS] == truth[:, None]).any(axis=1)
    best = sure[np.arange(len(truth)), first]
    clarify, _ = threshold_for(best[asked], suggested[asked], HIT_AMONG_SUGGESTED)
    return Thresholds(round(answer, 4), round(min(clarify, answer), 4), round(coverage, 4))
