"""Round trips on every YAML file of the project: an edit shows in its own lines and no other."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kefu.trainer.errors import FileInvalid
from kefu.trainer.examples import ExampleFile, one_line
from kefu.trainer.yaml_lines import NotEditable, Place, YamlText

ROOT = Path(__file__).parents[3]
TRAINED = sorted((ROOT / "data/nlu").glob("*.yml"))
OTHERS = [
    path
    for path in [*sorted((ROOT / "data").rglob("*.yml")), ROOT / "domain.yml"]
    if path not in TRAINED
]

# What people type, and what YAML has a meaning for.
words = st.text(
    alphabet=st.one_of(
        st.sampled_from("退货款呢吗啊 ：:#-'\"{}[]|>&*!%@`,?\\~=😀ａＢ１9\t"),
        st.characters(exclude_categories=["Cs", "Cc", "Cn"]),
    ),
    min_size=1,
    max_size=30,
)


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and the lines that came."""
    old, new = before.split("\n"), after.split("\n")
    gone: list[str] = []
    come: list[str] = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone += old[i:j]
            come += new[k:m]
    return gone, come


@pytest.fixture(scope="module", params=TRAINED, ids=lambda path: path.name)
def trained(request: pytest.FixtureRequest) -> tuple[str, ExampleFile]:
    """The beginning of the file, so that a hundred edits stay quick; its blocks are whole."""
    text = request.param.read_text("utf-8")
    short = "\n\n".join(text.split("\n\n")[:4]) + "\n"
    return short, ExampleFile(short)


def test_there_are_files_to_try() -> None:
    assert len(TRAINED) >= 7
    assert len(OTHERS) >= 17


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_an_edited_utterance_is_one_changed_line(
    trained: tuple[str, ExampleFile], data: st.DataObject
) -> None:
    text, file = trained
    example = data.draw(st.sampled_from(file.examples))
    new = one_line(data.draw(words))
    assume(new and new != example.text)
    gone, come = changed_lines(text, file.changed(example.intent, example.text, new))
    assert (gone, come) == ([f"    - {example.text}"], [f"    - {new}"])


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_an_added_utterance_is_one_added_line(
    trained: tuple[str, ExampleFile], data: st.DataObject
) -> None:
    text, file = trained
    block = data.draw(st.sampled_from(file.blocks))
    new = one_line(data.draw(words))
    assume(new)
    gone, come = changed_lines(text, file.added(block.intent, block.hand, [new]))
    assert (gone, come) == ([], [f"    - {new}"])


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_deleted_utterance_is_one_removed_line(
    trained: tuple[str, ExampleFile], data: st.DataObject
) -> None:
    text, file = trained
    example = data.draw(st.sampled_from(file.examples))
    gone, come = changed_lines(text, file.removed(example.intent, example.text))
    assert (gone, come) == ([f"    - {example.text}"], [])


@pytest.mark.parametrize("path", TRAINED, ids=lambda path: path.name)
def test_the_last_utterance_of_the_whole_file_can_be_edited(path: Path) -> None:
    text = path.read_text("utf-8")
    file = ExampleFile(text)
    last = file.examples[-1]
    gone, come = changed_lines(text, file.changed(last.intent, last.text, "换一句"))
    assert (gone, come) == ([f"    - {last.text}"], ["    - 换一句"])


def scalars(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [found for key, below in value.items() for found in scalars(below, (*place, key))]
    if isinstance(value, list):
        return [found for i, below in enumerate(value) for found in scalars(below, (*place, i))]
    return [place]


def lists(value: Any, place: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [found for key, below in value.items() for found in lists(below, (*place, key))]
    if isinstance(value, list):
        below = [found for i, item in enumerate(value) for found in lists(item, (*place, i))]
        return [place, *below] if len(value) > 1 and isinstance(value[0], str) else below
    return []


LISTED = [path for path in OTHERS if lists(YamlText(path.read_text("utf-8")).value())]


@pytest.fixture(scope="module", params=LISTED, ids=lambda path: str(path.relative_to(ROOT)))
def listed(request: pytest.FixtureRequest) -> YamlText:
    return YamlText(request.param.read_text("utf-8"))


@pytest.fixture(scope="module", params=OTHERS, ids=lambda path: str(path.relative_to(ROOT)))
def other(request: pytest.FixtureRequest) -> YamlText:
    return YamlText(request.param.read_text("utf-8"))


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_an_edited_value_is_one_changed_line(other: YamlText, data: st.DataObject) -> None:
    place: Place = data.draw(st.sampled_from(scalars(other.value())))
    new = data.draw(words)
    node = other.node(place)
    assume(new != other.value(place) and node.start_mark.line == node.end_mark.line)
    text = other.with_value(place, new)
    gone, come = changed_lines(other.text, text)
    assert (len(gone), len(come)) == (1, 1)
    assert YamlText(text).value(place) == new


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_an_added_item_is_one_line(listed: YamlText, data: st.DataObject) -> None:
    place: Place = data.draw(st.sampled_from(lists(listed.value())))
    new = data.draw(words)
    text = listed.with_item(place, new)
    gone, come = changed_lines(listed.text, text)
    # In a list written on one line, that line changes.
    assert (len(gone), len(come)) in {(0, 1), (1, 1)}
    assert YamlText(text).value(place) == [*listed.value(place), new]


@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_removed_item_is_one_line(listed: YamlText, data: st.DataObject) -> None:
    place: Place = data.draw(st.sampled_from(lists(listed.value())))
    items = listed.value(place)
    index = data.draw(st.integers(0, len(items) - 1))
    text = listed.without([*place, index])
    gone, come = changed_lines(listed.text, text)
    assert (len(gone), len(come)) in {(1, 0), (1, 1)}
    assert YamlText(text).value(place) == [*items[:index], *items[index + 1 :]]


def test_comments_quotes_and_line_breaks_stay() -> None:
    text = "# head\r\na: 'x'  # why\r\nb:\r\n  # of c\r\n  - \"c\"\r\n\r\n  - d # last\r\n"
    yaml = YamlText(text)
    assert yaml.with_value(["a"], "it's") == text.replace("'x'", "'it''s'")
    assert yaml.with_item(["b"], "e") == text + "  - e\r\n"
    assert yaml.without(["b", 0]) == text.replace('  - "c"\r\n', "")
    assert yaml.with_value(["b", 1], "# 1") == text.replace("- d", '- "# 1"')


def test_a_byte_order_mark_moves_nothing() -> None:
    assert YamlText("\ufeffa: b\n").with_value(["a"], "c") == "\ufeffa: c\n"


def test_a_literal_block_keeps_its_indentation() -> None:
    text = "a:\n  b: |\n     one\n     two\n\nc: d\n"
    changed = YamlText(text).with_value(["a", "b"], "one\nthree\n")
    assert changed == text.replace("two", "three")


def test_what_is_no_yaml_is_told_with_its_line() -> None:
    with pytest.raises(FileInvalid) as caught:
        YamlText("a: b\nc: [d\n")
    assert "第 3 行" in caught.value.sentence


def test_the_last_item_is_not_deleted() -> None:
    with pytest.raises(NotEditable):
        YamlText("a:\n  - b\n").without(["a", 0])
