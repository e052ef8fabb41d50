from __future__ import annotations

import pytest

from kefu_engine.metrics import Judgement, figures, macro_f1, oos_recall_at, summary


def row(
    labels: str, ranking: str, confidence: float, in_scope: float = 0.5, source: str = ""
) -> Judgement:
    return Judgement(tuple(labels.split("|")), tuple(ranking.split()), confidence, in_scope, source)


def test_either_of_two_labels_is_right() -> None:
    assert figures([row("a|b", "b c", 0.9)])["accuracy"] == 1.0
    assert figures([row("a|b", "c b", 0.9)])["accuracy"] == 0.0
    assert figures([row("a|b", "c d b", 0.9)])["top3_in_scope"] == 1.0


def test_in_scope_follows_the_primary_label() -> None:
    rows = [row("out_of_scope|a", "a", 0.9), row("a|out_of_scope", "b", 0.9)]
    result = figures(rows)
    assert result["accuracy"] == 0.5
    assert result["accuracy_in_scope"] == 0.0


def test_coverage_is_the_largest_share_even_after_an_early_error() -> None:
    rows = [row("a", "b", 0.99), *(row("a", "a", 0.9 - i / 100) for i in range(19))]
    rows += [row("a", "b", 0.1 - i / 1000) for i in range(20)]
    result = figures(rows)
    assert result["coverage_at_p95"] == 20 / 40
    assert result["coverage_at_p90"] == 21 / 40


def test_an_out_of_scope_row_answered_with_an_intent_is_wrong() -> None:
    rows = [row("out_of_scope", "a", 0.9), row("out_of_scope", "out_of_scope", 0.8)]
    assert figures(rows)["coverage_at_p90"] == 0.0
    assert figures(rows)["accuracy"] == 0.5


def test_equal_confidences_are_answered_together() -> None:
    rows = [row("a", "a", 0.5)] * 9 + [row("a", "b", 0.5)] * 9
    assert figures(rows)["coverage_at_p90"] == 0.0


def test_out_of_scope_recall_at_a_refusal_rate() -> None:
    inside = [row("a", "a", 0.9, in_scope=i / 20) for i in range(1, 21)]
    outside = [row("out_of_scope", "a", 0.9, in_scope=s) for s in (0.01, 0.05, 0.12, 0.9)]
    assert oos_recall_at([*inside, *outside], 0.05) == 0.5
    assert oos_recall_at([*inside, *outside], 0.10) == 0.75


def test_calibration_error() -> None:
    rows = [row("a", "a" if i % 10 < 7 else "b", 0.9) for i in range(1500)]
    assert figures(rows)["ece"] == pytest.approx(0.2, abs=1e-3)


def test_risk_coverage_prefers_errors_last() -> None:
    good = [row("a", "a", 0.9), row("a", "b", 0.1)]
    bad = [row("a", "b", 0.9), row("a", "a", 0.1)]
    assert figures(good)["aurc"] == 0.25
    assert figures(bad)["aurc"] == 0.75


def test_macro_f1_by_hand() -> None:
    rows = [row("a", "a", 1), row("a", "b", 1), row("b|a", "a", 1), row("b", "b", 1)]
    # a: 1 hit, 1 guess, 2 rows; b: 2 hits, 3 guesses, 2 rows.
    assert macro_f1(rows) == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_figures_that_the_rows_cannot_give_are_null() -> None:
    result = summary([row("out_of_scope", "a", 0.9, source="x")])
    assert result["accuracy_in_scope"] is None
    assert result["oos_recall_at_5"] is None
    assert set(result["sources"]) == {"x"}
    assert figures([])["accuracy"] is None
