from __future__ import annotations

import statistics
import time
from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.explanation import explain
from kefu_engine.features import masked
from kefu_engine.intent_classifier import CalibratedIntentClassifier, document_of
from kefu_engine.linear_model import folds_of

from .conftest import FEW, Parse, stored


def ranking(message: object) -> list[str]:
    return [i["name"] for i in message.get("intent_ranking")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("發票抬頭開錯了能重開嗎", "invoice"),
        ("密码忘记了怎么找回", "password_reset"),
        ("给我转人工客服", "human_agent"),
        ("太谢谢你了", "thanks"),
    ],
)
def test_plain_requests_are_understood(parse: Parse, text: str, intent: str) -> None:
    message = parse(text, thresholds={"answer": 0.0})
    assert message.get("intent")["name"] == intent
    assert ranking(message)[0] == intent
    assert 1 < len(ranking(message)) <= 5


def test_below_the_turns_threshold_the_fallback_comes_first(parse: Parse) -> None:
    sure = parse("发票抬头怎么改", thresholds={"answer": 0.0})
    unsure = parse("发票抬头怎么改", thresholds={"answer": 1.0})
    assert unsure.get("intent")["name"] == "nlu_fallback"
    assert ranking(unsure) == ["nlu_fallback", *ranking(sure)]
    assert unsure.get("thresholds")["answer"] == 1.0


def test_without_thresholds_in_the_turn_the_models_own_hold(parse: Parse, pipeline: tuple) -> None:
    own = pipeline[1].calibration.thresholds
    assert 0 < own.clarify <= own.answer < 1
    for metadata in ({}, {"thresholds": None}):
        thresholds = parse("发票", **metadata).get("thresholds")
        assert thresholds == {"answer": own.answer, "clarify": own.clarify}


def test_masked_intents_leave_the_rest_their_share(parse: Parse) -> None:
    free = parse("发票抬头怎么改", thresholds={"answer": 0.0})
    masked = parse("发票抬头怎么改", thresholds={"answer": 0.0}, masked_intents=["invoice"])
    assert "invoice" not in ranking(masked)
    assert set(ranking(masked)) >= set(ranking(free)[1:])
    confidences = [i["confidence"] for i in masked.get("intent_ranking")]
    assert confidences == sorted(confidences, reverse=True)


def test_all_intents_but_one_masked(parse: Parse) -> None:
    others = [intent for intent in FEW if intent != "thanks"]
    message = parse("发票", thresholds={"answer": 0.0}, masked_intents=others)
    assert ranking(message) == ["thanks"]


@pytest.mark.parametrize("text", ["\u200b", "???", "🙂", "x" * 3000, "鑫淼焱"])
def test_odd_messages_get_a_finite_confidence(parse: Parse, text: str) -> None:
    confidences = [i["confidence"] for i in parse(text).get("intent_ranking")]
    assert all(0 <= c <= 1 for c in confidences)


def test_an_answer_that_serves_both_readings_is_given(
    parse: Parse, pipeline: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "发票地址"
    message = parse(text, thresholds={"answer": 0.0})
    names = ranking(message)
    first, second = (i["confidence"] for i in message.get("intent_ranking")[:2])
    assert second > 0.02
    between = {"answer": first + second - 0.01}
    assert parse(text, thresholds=between).get("intent")["name"] == "nlu_fallback"
    monkeypatch.setitem(pipeline[1]._config, "also_serves", {names[0]: [names[1]]})
    assert parse(text, thresholds=between).get("intent") == {"name": names[0], "confidence": first}
    assert parse(text, thresholds={"answer": 1.0}).get("intent")["name"] == "nlu_fallback"
    # It holds one way: what serves the second says nothing of the first.
    monkeypatch.setitem(pipeline[1]._config, "also_serves", {names[1]: [names[0]]})
    assert parse(text, thresholds=between).get("intent")["name"] == "nlu_fallback"


def test_an_unknown_intent_among_the_served_is_refused(tmp_path: Path) -> None:
    config = {"also_serves": {"thanks": ["no_such"]}}
    data = TrainingData([Message.build("谢谢", "thanks"), Message.build("发票", "invoice")])
    with pytest.raises(ValueError, match="no_such"):
        stored(CalibratedIntentClassifier, LocalModelStorage.create(tmp_path), config, data)


def test_chat_is_out_of_scope(parse: Parse) -> None:
    chat = parse("明天北京会下雨吗").get("out_of_scope_score")
    assert chat > 0.5 > parse("发票抬头怎么改").get("out_of_scope_score")


def test_cross_validation_finds_most_messages_and_a_use_for_its_threshold(pipeline: tuple) -> None:
    calibration = pipeline[1].calibration
    assert calibration.accuracy > 0.7
    assert calibration.thresholds.coverage > 0.4


def test_a_message_takes_under_half_a_millisecond(parse: Parse, pipeline: tuple) -> None:
    message = parse("我上周买的那件衣服到现在还没有到 麻烦帮我看下到哪里了")
    document = document_of(message)
    times = []
    for _ in range(300):
        started = time.thread_time_ns()
        pipeline[1].rank(document)
        times.append(time.thread_time_ns() - started)
    assert statistics.median(times) < 500_000


def test_an_explanation_names_pieces_and_neighbours(parse: Parse, pipeline: tuple) -> None:
    message = parse("发票抬头写错了", thresholds={"answer": 0.0})
    explanation = explain(pipeline[1], document_of(message), "invoice")
    assert any("发票" in e.text or "抬头" in e.text for e in explanation.evidence)
    assert len(explanation.neighbours) == 3
    assert explanation.neighbours[0].intent == "invoice"
    similarities = [n.similarity for n in explanation.neighbours]
    assert similarities == sorted(similarities, reverse=True)
    with pytest.raises(ValueError, match="no_such"):
        explain(pipeline[1], document_of(message), "no_such")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("订单kf20261108004217到哪了", "订单kf20261011000003到哪了"),
        ("2026 0811 0012 3456到哪了", "202608110012345678到哪了"),
        ("138 0013 7754打不通", "13900139026打不通"),
    ],
)
def test_features_see_the_shape_of_a_number_alone(one: str, other: str) -> None:
    assert masked(one) == masked(other)
    assert len(masked(one)) < 10


def test_folds_leave_whole_hands_out_where_there_are_enough() -> None:
    intents = ["a"] * 30 + ["b"] * 10
    hands = [f"h{i % 6}" for i in range(30)] + ["h0"] * 10
    folds = folds_of(intents, hands, 3, 1)
    for hand in set(hands[:30]):
        assert len({folds[i] for i in range(30) if hands[i] == hand}) == 1
    assert set(folds[:30]) == {0, 1, 2}
    assert np.bincount(folds[30:]).tolist() == [4, 3, 3]
