"""The same question counted from turn to turn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kefu_engine import repeats

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def test_the_same_words_count_whatever_signs_stand_around_them() -> None:
    asked = repeats.asked_now(None, "发票怎么开", "invoice", NOW)
    again = repeats.asked_now(asked, " 發票怎麼開？？", "invoice", NOW + timedelta(minutes=2))
    assert (asked["count"], again["count"]) == (1, 2)


def test_other_words_begin_anew() -> None:
    asked = repeats.asked_now(None, "发票怎么开", "invoice", NOW)
    assert repeats.asked_now(asked, "发票在哪开", "invoice", NOW)["count"] == 1


def test_the_parcel_may_be_asked_about_every_day() -> None:
    asked = repeats.asked_now(None, "到哪了", "track_logistics", NOW)
    later = NOW + repeats.REMEMBERED_FOR + timedelta(seconds=1)
    assert repeats.asked_now(asked, "到哪了", "track_logistics", later)["count"] == 1


@pytest.mark.parametrize(
    "intent", ["greet", "thanks", "urge_reply", "human_agent", "complaint", "nlu_fallback", None]
)
def test_small_talk_and_calls_for_a_person_are_never_counted(intent: str | None) -> None:
    assert not repeats.counts(intent)


def test_a_service_is_counted() -> None:
    assert repeats.counts("invoice")
