from __future__ import annotations

import pytest

from kefu.handoff.sentiment import Said, in_distress, judge


def said(*texts: str) -> list[Said]:
    return [Said(text) for text in texts]


@pytest.mark.parametrize(
    ("texts", "label"),
    [
        (["你好", "我想查一下订单"], "calm"),
        (["请问这个有货吗？", "谢谢"], "calm"),
        (["怎么还没发货", "都好几天了"], "impatient"),
        (["到底什么时候能退款"], "impatient"),
        (["你们就是骗子！！我要投诉"], "angry"),
        (["太差了", "没人管吗！！", "我要打12315"], "angry"),
        (["垃圾平台"], "angry"),
    ],
)
def test_words_tell_how_a_shopper_feels(texts: list[str], label: str) -> None:
    assert judge(said(*texts)).label == label


def test_the_newest_message_counts_most() -> None:
    calmed = judge(said("气死我了", "好的谢谢", "谢谢，辛苦了"))
    enraged = judge(said("谢谢，辛苦了", "好的谢谢", "气死我了"))
    assert calmed.score > enraged.score


def test_what_the_bot_took_for_abuse_counts_though_no_word_is_known() -> None:
    assert judge([Said("你个机器懂个啥", "abuse")]).label == "angry"
    assert judge([Said("你个机器懂个啥")]).label == "calm"


def test_scores_stay_between_the_ends() -> None:
    assert judge(said(*["骗子！！垃圾！！投诉"] * 9)).score == -1
    assert judge(said(*["谢谢，非常满意"] * 9)).score <= 1
    assert judge([]).score == 0


def test_full_width_marks_are_marks() -> None:
    assert judge(said("人呢！！！")).score < 0


@pytest.mark.parametrize("text", ["我银行卡被盗刷了", "我在医院等着急用", "钱没了我不想活了"])
def test_distress_is_heard(text: str) -> None:
    assert in_distress(["你好", text])
    assert not in_distress(["你好", "我想退货"])
