"""A candidate beside the live model: what counts as mended, broken, worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kefu_engine.comparison import Settings, read_messages
from kefu_engine.labelled import LabelledText
from kefu_engine.readings import ANSWERED, ASKED, HANDED_OFF, Readings
from kefu_engine.replay import Replayed, on_frozen, per_day, replay, threshold_table
from kefu_engine.significance import bootstrap_interval, loses, mcnemar
from tests.conftest import run_engine


def readings(*messages: tuple[str, float], serves: dict[str, set[str]] | None = None) -> Readings:
    """Each message's best intent and how sure it is; answered from 0.8, asked from 0.4."""
    sure = np.array([confidence for _, confidence in messages])
    return Readings(
        [[(intent, confidence)] for intent, confidence in messages],
        sure,
        sure,
        0.8,
        0.4,
        {intent: frozenset(others) for intent, others in (serves or {}).items()},
    )


def known(text: str, *labels: str) -> Replayed:
    return Replayed(text, labels, independent=True)


def test_outcomes_follow_the_thresholds_and_who_asks_for_a_person_gets_one() -> None:
    found = readings(("invoice", 0.9), ("invoice", 0.5), ("invoice", 0.1), ("human_agent", 0.9))
    assert found.outcomes().tolist() == [ANSWERED, ASKED, HANDED_OFF, HANDED_OFF]
    assert found.outcomes(0.45).tolist() == [ANSWERED, ANSWERED, HANDED_OFF, HANDED_OFF]


@pytest.mark.parametrize(
    ("live", "candidate", "label", "verdict"),
    [
        (("greet", 0.9), ("invoice", 0.9), "invoice", "mended"),
        (("invoice", 0.5), ("invoice", 0.9), "invoice", "mended"),
        (("invoice", 0.9), ("greet", 0.9), "invoice", "broken"),
        (("invoice", 0.9), ("invoice", 0.2), "invoice", "broken"),
        (("invoice", 0.9), ("greet", 0.9), None, "changed"),
        (("thanks", 0.9), ("greet", 0.9), "invoice", "changed"),
        (("invoice", 0.9), ("invoice", 0.85), "invoice", "same"),
        (("invoice", 0.9), ("invoice", 0.2), "out_of_scope", "mended"),
        (("human_agent", 0.9), ("human_agent", 0.9), "human_agent", "same"),
    ],
)
def test_a_changed_answer_is_judged_by_its_label(
    live: tuple[str, float], candidate: tuple[str, float], label: str | None, verdict: str
) -> None:
    message = known("话", label) if label else Replayed("话", (), independent=False)
    result, _ = replay([message], readings(candidate), readings(live), 10)
    assert result[verdict] == 1
    assert [item["verdict"] for item in result["items"]] == ([] if verdict == "same" else [verdict])


def test_an_answer_that_serves_the_label_too_is_right() -> None:
    new = readings(("order_status", 0.9), serves={"order_status": {"track_logistics"}})
    result, _ = replay([known("到哪了", "track_logistics")], new, readings(("greet", 0.9)), 10)
    assert result["mended"] == 1


def test_the_same_text_is_listed_once_and_broken_ones_come_first() -> None:
    messages = [known("甲", "a"), known("乙", "b"), known("乙", "b"), known("丙", "c")]
    live = readings(("x", 0.9), ("b", 0.9), ("b", 0.9), ("c", 0.9))
    candidate = readings(("a", 0.9), ("x", 0.9), ("x", 0.9), ("c", 0.9))
    result, discordant = replay(messages, candidate, live, 10)
    assert [(one["text"], one["count"]) for one in result["items"]] == [("乙", 2), ("甲", 1)]
    assert discordant == (2, 1)
    assert (result["same"], result["mended"], result["broken"]) == (1, 1, 2)


def test_labels_that_the_candidate_learnt_say_nothing_of_its_worth() -> None:
    learnt = [Replayed(str(n), ("a",), independent=False) for n in range(20)]
    live, candidate = readings(*[("b", 0.9)] * 20), readings(*[("a", 0.9)] * 20)
    result, discordant = replay(learnt, candidate, live, 10)
    assert result["mended"] == 20
    assert discordant == (0, 0)


def test_a_label_is_given_frozen_or_learnt(tmp_path: Path) -> None:
    data, messages = tmp_path / "nlu", tmp_path / "m.jsonl"
    data.mkdir()
    (data / "all.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: invoice\n  metadata:\n    hand: h1\n'
        "  examples: |\n    - 开个票呗\n    - 能开专票吗\n",
        encoding="utf-8",
    )
    lines = [
        {"text": "给我换个抬头", "label": "invoice"},
        # Written into the data since it was labelled.
        {"text": "能开专票吗？", "label": "invoice"},
        {"text": "开个票呗"},
        {"text": "你好"},
        {"text": "谁也不知道"},
    ]
    messages.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found = read_messages(messages, Settings(data=str(data)), {"你好": ("greet",)})
    assert [(one.labels, one.independent) for one in found] == [
        (("invoice",), True),
        (("invoice",), False),
        (("invoice",), False),
        (("greet",), True),
        ((), False),
    ]


def test_a_loss_is_significant_when_chance_does_not_explain_it() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(6, 0) == pytest.approx(0.03125)
    assert loses(6, 0)
    assert not loses(5, 0), "0.0625: one time in sixteen"
    assert not loses(0, 6), "a gain"
    assert not loses(30, 28)


def test_the_interval_holds_the_mean_and_narrows_with_more() -> None:
    random = np.random.default_rng(1)
    few, many = random.random(50) < 0.3, random.random(5000) < 0.3
    narrow = bootstrap_interval(many.astype(float), 1000, 7)
    wide = bootstrap_interval(few.astype(float), 1000, 7)
    assert narrow
    assert wide
    assert narrow[0] < many.mean() < narrow[1]
    assert narrow[1] - narrow[0] < (wide[1] - wide[0]) / 3
    assert bootstrap_interval(np.zeros(0), 1000, 7) is None


def test_the_frozen_set_counts_what_was_right_before_and_is_wrong_now() -> None:
    rows = [LabelledText("一", ("a",), ""), LabelledText("二", ("a", "b"), "")]
    result = on_frozen(rows, readings(("x", 0.9), ("b", 0.2)), readings(("a", 0.9), ("x", 0.9)), 7)
    assert [one["text"] for one in result.figures["broken"]] == ["一"]
    assert result.figures["mended"] == 1
    assert result.discordant == (1, 1)
    (intent,) = result.figures["per_intent"]
    assert (intent["intent"], intent["rows"], intent["candidate"], intent["live"]) == (
        "a", 2, 0.5, 0.5,
    )  # fmt: skip
    assert intent["ci"][0] == -1.0
    assert result.risk_coverage["live"][-1] == [1.0, 0.5]


def test_a_day_is_the_messages_over_their_days() -> None:
    live = readings(*[("a", 0.9)] * 90, *[("a", 0.1)] * 10)
    candidate = readings(*[("a", 0.9)] * 100)
    found: Any = per_day(candidate, live, 10.0, 500, 7)
    assert found["handoffs"]["live"] == 1.0
    assert found["handoffs"]["candidate"] == 0.0
    low, high = found["handoffs"]["ci"]
    assert low < -1.0 < high < 0
    assert found["wrong_answers"]["live"] == pytest.approx(0.9)
    assert per_day(candidate, live, None, 500, 7) is None


def test_a_higher_threshold_answers_less_and_errs_less() -> None:
    random = np.random.default_rng(2)
    table = threshold_table(readings(*[("a", float(c)) for c in random.random(500)]), 5.0)
    answered = [row["answered"] for row in table]
    assert answered == sorted(answered, reverse=True)
    assert table[0]["wrong_share"] > table[-1]["wrong_share"]
    for row in table:
        assert row["answered"] + row["asked"] + row["handed_off"] == pytest.approx(1, abs=0.001)
    assert 0.8 in [row["threshold"] for row in table], "the present one is among them"


def test_no_message_and_no_row_is_a_result_too() -> None:
    nothing = readings()
    assert replay([], nothing, nothing, 10)[0]["messages"] == 0
    assert threshold_table(nothing, None) == []
    assert on_frozen([], nothing, nothing, 7).figures["candidate"]["accuracy"] is None


def test_the_command_compares_two_archives(tmp_path: Path, model_path: Path) -> None:
    frozen, messages, out = tmp_path / "f.tsv", tmp_path / "m.jsonl", tmp_path / "out.json"
    frozen.write_text("text\tlabel\n你好\tgreet\n", encoding="utf-8")
    messages.write_text(json.dumps({"text": "你好"}) + "\n", encoding="utf-8")
    done = run_engine(
        "compare", "--candidate", str(model_path), "--live", str(model_path),
        "--frozen", str(frozen), "--messages", str(messages), "--out", str(out),
        "--settings", '{"days": 1}',
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stderr.splitlines() if line.startswith('{"prog')]
    assert told[-1] == {"progress": 100, "step": "完成"}
    assert [one["progress"] for one in told] == sorted(one["progress"] for one in told)
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["replay"]["same"] == 1
    assert result["frozen"]["candidate"]["accuracy"] == 1.0
    assert result["significant_loss"] is False
    assert result["frozen_broken"] is False
