"""From scores to probabilities that can be believed, and the thresholds that follow from them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.linear_model import LogisticRegression

WRONG_AMONG_ANSWERED = 0.05
HIT_AMONG_SUGGESTED = 0.6
SUGGESTIONS = 3
_SMALLEST_SAMPLE = 30


@dataclass(frozen=True, slots=True)
class Thresholds:
    """At ``answer`` and above the bot answers, at ``clarify`` and above it asks, below it hands
    over. ``coverage`` is the share of messages answered in cross-validation."""

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

    def confidence(self, scores: NDArray[Any], ordered: NDArray[Any], unknown: float) -> float:
        """The probability that the first intent is right.

        ``ordered`` are the probabilities from the highest down, ``unknown`` the share of the
        message that no training message has.
        """
        odds = self.bias
        for weight, sign in zip(
            self.weights, signs(ordered[:SUGGESTIONS], float(scores.max()), unknown), strict=True
        ):
            odds += weight * sign
        return 1 / (1 + math.exp(-odds))


def signs(ordered: NDArray[Any], best_score: float, unknown: float) -> tuple[float, ...]:
    """What speaks for or against the first intent: its log odds, its lead over the second, its
    own score (how much it resembles any training message of the intent), the unknown share."""
    first = min(float(ordered[0]), 1 - 1e-9)
    second = float(ordered[1]) if len(ordered) > 1 else 1e-9
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


def calibrate(judged: Judged) -> Calibration:
    """The calibration and the thresholds that cross-validated scores support."""
    fitted: Any = minimize_scalar(
        _log_loss, bounds=(0.05, 20.0), args=(judged.scores, judged.truth), method="bounded"
    )
    temperature = float(fitted.x)
    draft = Calibration(temperature, (1.0, 0.0, 0.0, 0.0), 0.0, Thresholds(1.0, 1.0))
    probabilities = np.vstack([draft.probabilities(row) for row in judged.scores])
    ranking = np.argsort(-probabilities, axis=1, kind="stable")
    ordered = np.take_along_axis(probabilities, ranking, axis=1)[:, :SUGGESTIONS]
    right = ranking[:, 0] == judged.truth
    suggested = (ranking[:, :SUGGESTIONS] == judged.truth[:, None]).any(axis=1)
    table = np.array(
        [
            signs(row, float(scores.max()), float(unknown))
            for row, scores, unknown in zip(ordered, judged.scores, judged.unknown, strict=True)
        ]
    )
    if right.all() or not right.any():
        weights, bias = draft.weights, draft.bias
    else:
        judge: Any = LogisticRegression(C=1.0, max_iter=1000).fit(table, right)
        weights = tuple(float(w) for w in judge.coef_[0])
        bias = float(judge.intercept_[0])
    confidences = 1 / (1 + np.exp(-(table @ np.array(weights) + bias)))
    answer, coverage = threshold_for(confidences, right, 1 - WRONG_AMONG_ANSWERED)
    asked = confidences < answer
    clarify, _ = threshold_for(confidences[asked], suggested[asked], HIT_AMONG_SUGGESTED)
    return Calibration(
        temperature,
        weights,
        bias,
        Thresholds(round(answer, 4), round(min(clarify, answer), 4), round(coverage, 4)),
        round(float(right.mean()), 4),
    )
