from __future__ import annotations

import json
from pathlib import Path

from kefu import intents
from kefu.intents import Intents, ModelIntents

OLD = Intents(requests={"invoice": "发票"}, talk={"greet": "打招呼", "rant": "抱怨"})


def test_the_newer_title_is_right_and_in_one_place_only() -> None:
    newer = Intents(requests={"invoice": "开发票", "rant": "投诉"})
    assert OLD.under(newer) == Intents(
        requests={"invoice": "开发票", "rant": "投诉"}, talk={"greet": "打招呼"}
    )


def test_what_has_no_title_is_called_by_its_name() -> None:
    assert OLD.title("nlu_fallback") == "没有听懂"
    assert OLD.title("no_such") == "no_such"


def test_a_card_without_titles_or_of_another_form_has_none() -> None:
    assert intents.of_card({}) == Intents()
    assert intents.of_card({"titles": {"trade_in": "以旧换新"}}) == Intents()


def test_each_model_has_the_titles_it_was_trained_with(tmp_path: Path) -> None:
    card = {"titles": {"requests": {"trade_in": "以旧换新"}, "talk": None}}
    (tmp_path / "abc.json").write_text(json.dumps(card), encoding="utf-8")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    known = ModelIntents(tmp_path)
    assert known.of("abc").services["trade_in"] == "以旧换新"
    assert "invoice" in known.of("abc").services
    for other in (None, "bad", "gone"):
        assert "trade_in" not in known.of(other).services
