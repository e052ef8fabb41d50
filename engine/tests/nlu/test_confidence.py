from __future__ import annotations

import numpy as np

from kefu_engine.confidence import ALSO_RIGHT, Calibration, Judged, calibrate, threshold_for


def simulated(count: int, seed: int) -> Judged:
    """Overconfident scores: the true intent leads in about seven messages of ten."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 6, count)
    scores = random.normal(0, 4, (count, 6))
    scores[np.arange(count), truth] += random.choice([0.0, 12.0], count, p=[0.35, 0.65])
    return Judged(scores, truth, random.uniform(0, 1, count))


def confidences(calibration: Calibration, judged: Judged) -> tuple[np.ndarray, np.ndarray]:
    found, right = [], []
    for scores, truth, unknown in zip(judged.scores, judged.truth, judged.unknown, strict=True):
        sure = calibration.confidences(scores, float(unknown))
        assert sure.sum() <= 1 + 1e-9
        found.append(sure.max())
        right.append(sure.argmax() == truth)
    return np.array(found), np.array(right)


def test_confidence_fits_what_two_readers_take_for_right() -> None:
    calibration = calibrate(simulated(3000, 1))
    found, right = confidences(calibration, simulated(3000, 2))
    right = right + ALSO_RIGHT * ~right
    order = np.argsort(found)
    error = [abs(found[b].mean() - right[b].mean()) for b in np.array_split(order, 10)]
    assert np.mean(error) < 0.04


def test_the_answer_threshold_keeps_its_promise_on_new_messages() -> None:
    calibration = calibrate(simulated(3000, 1))
    found, right = confidences(calibration, simulated(3000, 2))
    answered = found >= calibration.thresholds.answer
    assert answered.mean() > 0.2
    assert right[answered].mean() > 0.93
    assert calibration.thresholds.clarify <= calibration.thresholds.answer


def test_no_threshold_when_the_target_is_out_of_reach() -> None:
    assert threshold_for(np.linspace(0, 1, 100), np.zeros(100), 0.95) == (1.0, 0.0)


def test_a_calibration_survives_the_archive() -> None:
    calibration = calibrate(simulated(300, 3))
    assert Calibration.from_dict(calibration.as_dict()) == calibration


def test_an_answer_that_serves_two_intents_is_given_more_often() -> None:
    judged = simulated(3000, 1)
    served = np.eye(6, dtype=bool)
    served[:3, :3] = served[3:, 3:] = True
    alone, together = calibrate(judged).thresholds, calibrate(judged, served).thresholds
    assert together.coverage > alone.coverage + 0.02


def test_one_intent_alone_is_always_meant() -> None:
    calibration = calibrate(Judged(np.ones((5, 1)), np.zeros(5, dtype=int), np.zeros(5)))
    assert 0 < calibration.confidences(np.ones(1), 0.0)[0] <= 1
