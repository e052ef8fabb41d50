from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kefu.trainer import emerging, vocabulary, watch
from kefu.trainer.vocabulary import Cutter
from kefu.trainer.watch import Heard

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def cutter(tmp_path_factory: pytest.TempPathFactory) -> Cutter:
    return vocabulary.open_tokenizer(ROOT, tmp_path_factory.mktemp("jieba"))


def turn(text: str, days_ago: float = 0, talk: str = "c", **more: object) -> Heard:
    fields = {"intent": "order_status", "confidence": 0.9, "unsure": False, "handed_off": False}
    return Heard(talk, NOW - timedelta(days=days_ago), text, **(fields | more))  # type: ignore[arg-type]


def test_a_day_counts_talks_and_keeps_a_handed_off_one_out_of_the_contained(
    cutter: Cutter,
) -> None:
    turns = [
        turn("订单呢", talk="a"),
        turn("转人工", talk="a", intent="human_agent", confidence=0.7, handed_off=True),
        turn("发票", talk="b", intent="invoice", confidence=0.8),
        turn("", talk="b", intent=None, confidence=None),
    ]
    (day,) = watch.summary(turns, NOW, cutter, [])["days"]
    # 20:00 UTC is the next morning where the shops are.
    assert day["day"] == "2026-11-30"
    assert (day["turns"], day["conversations"], day["contained"], day["handed_off"]) == (4, 2, 1, 1)
    assert day["confidence_mean"] == pytest.approx(0.8)
    assert day["intents"] == {"order_status": 1, "human_agent": 1, "invoice": 1}


def test_a_word_that_no_dictionary_knows_rises(cutter: Cutter) -> None:
    before = ["我的订单到哪了"] * 200
    now = [*["我的订单到哪了"] * 50, *["labubu盲盒什么时候补货"] * 8]
    found = {one["word"]: one for one in vocabulary.rising(cutter, before, now)}
    assert found["labubu"] == {"word": "labubu", "count": 8, "before": 0, "rising": True}
    assert "订单" not in found


def test_a_word_as_frequent_as_before_does_not_rise(cutter: Cutter) -> None:
    found = vocabulary.rising(cutter, ["labubu有货吗"] * 50, ["labubu有货吗"] * 50)
    assert [one["rising"] for one in found if one["word"] == "labubu"] == [False]


def test_messages_alike_make_a_group_with_a_name(cutter: Cutter) -> None:
    texts = [
        "旧手机可以以旧换新吗", "以旧换新怎么弄", "我想以旧换新", "以旧换新能抵多少",
        "今天天气怎么样", "给我讲个笑话吧",
    ]  # fmt: skip
    found = emerging.groups(cutter, texts)
    assert [group["size"] for group in found] == [4]
    assert found[0]["suggested_name"] == "以旧换新"


def test_what_is_shown_is_masked(cutter: Cutter) -> None:
    texts = [f"帮我给13800138{n:03d}充话费" for n in range(4)]
    turns = [turn(text, intent="out_of_scope", confidence=0.5) for text in texts]
    (group,) = watch.summary(turns, NOW, cutter, [])["emerging"]
    assert "13800138" not in "".join(group["texts"])
