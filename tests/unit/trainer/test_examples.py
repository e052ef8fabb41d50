from __future__ import annotations

import pytest

from kefu.trainer.errors import FileInvalid, UtteranceUnknown
from kefu.trainer.examples import ExampleFile, one_line
from kefu.trainer.yaml_lines import NotEditable

FILE = """\
version: "3.1"

nlu:
# spoken to the first
- intent: greet
  metadata:
    hand: h1
  examples: |
    - 你好  
    - [顺丰](courier)早上好 # 不是注释
    - "引号"

- synonym: 顺丰
  examples: |
    - 顺丰速运

- intent: thanks
  examples: |
      - 谢谢
      -多谢
"""  # noqa: W291 - the blanks at a line's end are the point


def test_intent_hand_and_markup_are_read() -> None:
    found = ExampleFile(FILE).examples
    assert [(e.intent, e.hand, e.text) for e in found] == [
        ("greet", "h1", "你好"),
        ("greet", "h1", "[顺丰](courier)早上好 # 不是注释"),
        ("greet", "h1", '"引号"'),
        ("thanks", "unknown", "谢谢"),
        ("thanks", "unknown", "多谢"),
    ]
    assert found[1].plain == "顺丰早上好 # 不是注释"


def test_an_edit_keeps_blanks_indentation_and_markup() -> None:
    file = ExampleFile(FILE)
    assert file.changed("greet", "你好", "您好") == FILE.replace("你好  ", "您好  ")
    assert file.changed("thanks", "多谢", "谢啦") == FILE.replace("-多谢", "-谢啦")
    marked = "[顺丰](courier)早上好 # 不是注释"
    new = '[圆通]{"entity": "courier"}早上好'
    assert file.changed("greet", marked, new) == FILE.replace(marked, new)


def test_a_new_hand_gets_a_block_after_the_intents_last() -> None:
    new = ExampleFile(FILE).added("greet", "shoppers", ["在吗", "哈喽"])
    block = "\n- intent: greet\n  metadata:\n    hand: shoppers\n  examples: |\n"
    block += "    - 在吗\n    - 哈喽\n"
    assert new == FILE.replace('    - "引号"\n', f'    - "引号"\n{block}')


def test_the_last_example_takes_its_block_along() -> None:
    once = ExampleFile(FILE).removed("thanks", "谢谢")
    twice = ExampleFile(once).removed("thanks", "多谢")
    assert "thanks" not in twice
    assert "顺丰速运" in twice


def test_the_only_example_of_a_file_stays() -> None:
    file = ExampleFile("nlu:\n- intent: a\n  examples: |\n    - b\n")
    with pytest.raises(NotEditable):
        file.removed("a", "b")


def test_a_file_without_a_last_line_break_gets_one() -> None:
    text = "nlu:\n- intent: a\n  examples: |\n    - b"
    assert ExampleFile(text).added("a", "unknown", ["c"]) == f"{text}\n    - c\n"


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(UtteranceUnknown):
        ExampleFile(FILE).changed("greet", "谢谢", "x")
    with pytest.raises(UtteranceUnknown):
        ExampleFile(FILE).added("no_such", "h", ["x"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n", "version 和 nlu"),
        ("nlu: a\n", "列表"),
        ("nlu:\n- intent: a\n  examples: '- b'\n", "第 3 行"),
    ],
)
def test_what_is_no_training_file_is_told(text: str, words: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        ExampleFile(text)
    assert words in caught.value.sentence


def test_a_message_becomes_one_line() -> None:
    assert one_line(" - 我要\n退货\u2028谢谢\x85 \t!") == "我要 退货 谢谢 !"
    assert one_line("\n\u200b".replace("\u200b", " ")) == ""
