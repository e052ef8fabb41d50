from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.privacy.mask import mask_export
from kefu.trainer import reading
from kefu.trainer.committing import utterance
from kefu.trainer.errors import EntityMarkInvalid
from kefu.trainer.examples import MARKUP, without_markup
from kefu.trainer.labelling import check_marks
from kefu.trainer.reading import Reading, bit, kinds_in

ANSWER = 0.6


def parse(text: str, *ranking: tuple[str, float], **more: Any) -> dict[str, Any]:
    listed = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    return {
        "text": text,
        "intent": listed[0] if listed else {"name": "order_status", "confidence": 1.0},
        "intent_ranking": listed,
        "entities": [],
        "tokens": [text],
        "thresholds": {"answer": ANSWER, "clarify": 0.3},
        **more,
    }


def read(text: str, *ranking: tuple[str, float], **more: Any) -> Reading:
    [found] = reading.readings(parse(text, *ranking, **more))
    return found


def test_a_pressed_button_is_no_message() -> None:
    assert reading.readings(parse("查订单")) == []
    assert reading.readings(None) == []


@pytest.mark.parametrize(
    ("ranking", "kinds"),
    [
        ([("nlu_fallback", 0.8), ("invoice", 0.2), ("greet", 0.1)], ["low_confidence"]),
        ([("nlu_fallback", 0.45), ("invoice", 0.55)], ["near_threshold"]),
        ([("invoice", 0.65)], ["near_threshold"]),
        ([("invoice", 0.9)], []),
        ([("out_of_scope", 0.9)], ["out_of_scope"]),
        ([("nlu_fallback", 0.8), ("out_of_scope", 0.2)], ["low_confidence", "out_of_scope"]),
    ],
)
def test_what_the_model_was_unsure_of_is_noticed(
    ranking: list[tuple[str, float]], kinds: list[str]
) -> None:
    assert kinds_in(reading.kinds_of(read("发票", *ranking), 1, share=0)) == kinds


def test_the_sample_is_of_confident_messages_and_decided_by_their_id() -> None:
    sure = read("发票", ("invoice", 0.95))
    drawn = [n for n in range(20_000) if reading.kinds_of(sure, n) == bit("confident_sample")]
    assert drawn == [n for n in range(20_000) if reading.is_sampled(n, reading.SAMPLED_SHARE)]
    assert 320 <= len(drawn) <= 480
    unsure = read("发票", ("nlu_fallback", 0.9), ("invoice", 0.1))
    assert not any(reading.kinds_of(unsure, n) & bit("confident_sample") for n in drawn)


def test_several_requests_are_several_messages() -> None:
    found = reading.readings(
        parse(
            "退货",
            ("return_request", 0.9),
            requests=[
                {"text": "退货", "intent": "return_request", "confidence": 0.9},
                {"text": "开票", "intent": "nlu_fallback", "confidence": 0.7},
            ],
        )
    )
    assert [(one.text, one.intent, one.fell_back) for one in found] == [
        ("退货", "return_request", False),
        ("开票", None, True),
    ]


@pytest.mark.parametrize(
    ("first", "second", "said_again"),
    [
        (
            read("东西怎么还没到", ("nlu_fallback", 0.7), ("track_logistics", 0.3)),
            read("我的快递到哪了", ("track_logistics", 0.9)),
            True,
        ),
        (
            read("帮我改一下那个地址", ("nlu_fallback", 0.7), ("invoice", 0.3)),
            read("帮我改一下收货那个地址", ("change_order", 0.9)),
            True,
        ),
        (
            read("东西怎么还没到", ("invoice", 0.95)),
            read("你没听懂我的意思", ("not_solved", 0.9)),
            True,
        ),
        (
            read("东西怎么还没到", ("track_logistics", 0.95)),
            read("到哪了", ("track_logistics", 0.9)),
            False,
        ),
        (read("你好", ("greet", 0.95)), read("没解决", ("not_solved", 0.9)), False),
        (
            read("你们老板叫啥名呀", ("nlu_fallback", 0.7), ("bot_challenge", 0.3)),
            read("你们老板叫啥名字啊", ("nlu_fallback", 0.7), ("bot_challenge", 0.25)),
            True,
        ),
        (
            read("东西怎么还没到", ("nlu_fallback", 0.7), ("thanks", 0.3)),
            read("谢谢", ("thanks", 0.9)),
            False,
        ),
    ],
)
def test_a_message_said_again_was_misunderstood(
    first: Reading, second: Reading, said_again: bool
) -> None:
    assert reading.is_rephrased(first, second) is said_again


def test_the_gravest_kind_and_the_least_sure_come_first() -> None:
    order = [
        reading.hardness(bit("agent_wrong"), 0.99),
        reading.hardness(bit("thumbs_down") | bit("confident_sample"), 0.5),
        reading.hardness(bit("low_confidence"), 0.1),
        reading.hardness(bit("low_confidence"), 0.3),
        reading.hardness(bit("confident_sample"), None),
    ]
    assert order == sorted(order, reverse=True)


def test_nothing_of_anybodys_is_kept_and_characters_keep_their_places() -> None:
    text = "订单2026081100017731，打13912345678，密码abc12345"
    tokens = ["订单", "2026081100017731", "，", "打", "13912345678", "，", "密码", "abc12345"]
    entities = [
        {"entity": "order_number", "value": "2026081100017731", "start": 2, "end": 18},
        {"entity": "phone", "value": "13912345678", "start": 20, "end": 31},
        {"entity": "note", "value": "call 13912345678", "start": 0, "end": 2},
    ]
    raw = read(text, ("inform", 0.9), tokens=tokens, entities=entities)
    clean = reading.masked(raw, [r"\d{16}"])
    assert len(clean.text) == len(text)
    assert clean.text.startswith("订单20")
    assert "".join(clean.tokens) == clean.text
    whole = f"{clean}"
    for secret in ("2026081100017731", "13912345678", "abc12345"):
        assert secret not in whole
    assert clean.entities[0]["value"] == clean.text[2:18]
    assert mask_export(clean.text) == clean.text


@given(st.text(alphabet="0123456789单号 ,密码x", max_size=60))
def test_made_up_texts_pass_the_check_for_personal_data(text: str) -> None:
    found = reading.made_up(mask_export(text))
    assert len(found) == len(text)
    assert mask_export(found) == found


def test_entities_are_marked_and_brackets_of_shoppers_are_no_markup() -> None:
    marks = check_marks("顺丰到了吗", [{"start": 0, "end": 2, "entity": "courier"}])
    assert utterance("顺丰到了吗", marks) == "[顺丰](courier)到了吗"
    valued = [{"start": 0, "end": 2, "entity": "courier", "value": "顺丰速运"}]
    marked = utterance("sf到了吗", valued)
    assert marked == '[sf]{"entity": "courier", "value": "顺丰速运"}到了吗'
    assert without_markup(marked) == "sf到了吗"
    assert not MARKUP.search(utterance("[x](order_number)", []))
    assert utterance("[微笑]你好\n在吗", []) == "[微笑]你好 在吗"


@pytest.mark.parametrize(
    "spans", [[(0, 9)], [(0, 2), (1, 3)], [(2, 2)], [(3, 1)]], ids=["long", "over", "empty", "back"]
)
def test_marks_that_make_no_sense_are_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(EntityMarkInvalid):
        check_marks("顺丰到了", [{"start": a, "end": b, "entity": "x"} for a, b in spans])
