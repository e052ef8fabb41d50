"""Change one value of a YAML file and no other line of it.

ruamel.yaml knows where every value stands; the edit happens in the text itself, so that comments,
order, quotes and line breaks stay. Each edit is read back: what it was to change has changed, and
nothing else.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any, ClassVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from kefu.trainer.errors import FileInvalid

Place = Sequence[str | int]

_BYTE_ORDER_MARK = "\ufeff"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_BLOCK_STYLES = ("|", ">")


class NotEditable(FileInvalid):
    """The value is written in a way that cannot be changed without touching its neighbours."""

    code: ClassVar[str] = "not_editable"
    title: ClassVar[str] = "这里的写法不支持单独修改，请在「文件」里编辑整个文件。"


class YamlText:
    """A YAML document as text, with the place of each value in it. It is never changed itself."""

    def __init__(self, text: str) -> None:
        """Raises ``FileInvalid`` naming the line that is not YAML."""
        self.text = text
        self._offset = len(_BYTE_ORDER_MARK) if text.startswith(_BYTE_ORDER_MARK) else 0
        self._starts = [0]
        self._starts += [match.end() for match in re.finditer("\n", text)]
        # ruamel.yaml declares no types for what it composes.
        loader: Any = YAML(pure=True)
        try:
            self.root: Any = loader.compose(text[self._offset :])
        except MarkedYAMLError as error:
            told: Any = error
            mark = told.problem_mark or told.context_mark
            line = mark.line + 1 if mark else 1
            raise FileInvalid(
                f"line {line}: {told.problem}", title=f"第 {line} 行不是正确的 YAML 写法。"
            ) from error
        except (YAMLError, ValueError) as error:
            raise FileInvalid(str(error).splitlines()[0]) from error

    def value(self, place: Place = ()) -> Any:
        """Mappings, lists and texts as they stand at ``place``; texts stay texts.

        Raises ``KeyError`` where there is nothing.
        """
        return _plain(self.node(place))

    def node(self, place: Place = ()) -> Any:
        """ruamel's node at ``place``; raises ``KeyError``."""
        node = self.root
        for part in place:
            node = _child(node, part)
        return node

    def line_of(self, node: Any) -> int:
        """The line, from 0, on which a node begins."""
        return self._line_at(self._begin(node))

    def lines(self, first: int, last: int) -> list[str]:
        """Lines ``first`` to ``last``, both included, each with its line break."""
        return [self._line(number) for number in range(first, last + 1)]

    def body(self, node: Any) -> tuple[int, int]:
        """First and last line of a block scalar's content, without blank lines at its end.

        The last lies before the first where there is no content.
        """
        first = self.line_of(node) + 1
        last, indent = first - 1, -1
        for number in range(first, len(self._starts)):
            line = self._line(number)
            depth = len(line) - len(line.lstrip(" "))
            if not line.strip():
                continue
            if indent < 0:
                indent = depth
                if number > self._line_at(self._end(node)):
                    break
            if depth < indent or self._starts[number] >= self._end(node):
                break
            last = number
        return first, last

    def with_lines(self, first: int, last: int, lines: Sequence[str]) -> str:
        """The text with lines ``first`` to ``last`` replaced; ``last < first`` only inserts."""
        begin = self._starts[first] if first < len(self._starts) else len(self.text)
        end = self._starts[last + 1] if last + 1 < len(self._starts) else len(self.text)
        if last < first:
            end = begin
        before = self.text[:begin]
        if lines and before and not before.endswith("\n"):
            before += self.line_break
        return before + "".join(lines) + self.text[end:]

    @property
    def line_break(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def with_value(self, place: Place, value: str) -> str:
        """The text with one scalar replaced, in its own style where that can hold the value.

        Raises ``KeyError`` or ``NotEditable``.
        """
        node = self.node(place)
        if not is_scalar(node):
            raise NotEditable("no scalar")
        expected = _replaced(self.value(), place, value)
        begin, end = self._begin(node), self._end(node)
        if node.style in _BLOCK_STYLES:
            return self._checked(self._with_block(node, value), expected)
        tried: list[str] = []
        for render in _renderings(node.style):
            new = render(value)
            if new not in tried:
                tried.append(new)
                text = self.text[:begin] + new + self.text[end:]
                if _reads_as(text, expected):
                    return text
        raise NotEditable("no style holds the value")

    def with_item(self, place: Place, value: str) -> str:
        """The text with one more scalar at the end of a list, written like the item before it.

        Raises ``KeyError`` or ``NotEditable``.
        """
        node = self.node(place)
        if not is_list(node):
            raise NotEditable("no list")
        items: list[Any] = node.value
        expected = _replaced(self.value(), place, [*self.value(place), value])
        style = items[-1].style if items and is_scalar(items[-1]) else '"'
        for render in _renderings(None if style in _BLOCK_STYLES else style):
            text = self._with_item_as(node, render(value))
            if _reads_as(text, expected):
                return text
        raise NotEditable("no style holds the item")

    def without(self, place: Place) -> str:
        """The text without an item of a list or a key of a mapping.

        Raises ``KeyError``, or ``NotEditable`` for the last of its kind, which would leave nothing.
        """
        parent, part = self.node(place[:-1]), place[-1]
        pairs: list[Any] = parent.value
        index = part if is_list(parent) else _key_index(parent, part)
        if not isinstance(index, int) or not 0 <= index < len(pairs):
            raise KeyError(part)
        rest: Any = self.value(place[:-1]).copy()
        del rest[part]
        expected = _replaced(self.value(), place[:-1], rest)
        if len(pairs) == 1:
            raise NotEditable("the last one", title="至少要保留一项，不能全部删除。")
        first = pairs[index] if is_list(parent) else pairs[index][0]
        last = pairs[index] if is_list(parent) else pairs[index][1]
        if parent.flow_style:
            return self._checked(self._without_in_flow(parent, index, first, last), expected)
        begin, end = self.line_of(first), self.last_line(last)
        return self._checked(self.with_lines(begin, end, []), expected)

    def _with_item_as(self, node: Any, rendered: str) -> str:
        items: list[Any] = node.value
        if node.flow_style:
            at = self._end(node) - 1
            comma = ", " if items else ""
            if items:
                at = self._end(items[-1])
            return self.text[:at] + comma + rendered + self.text[at:]
        if not items:
            raise NotEditable("an empty list")
        line = self._line(self.line_of(items[-1]))
        prefix = line[: self._begin(items[-1]) - self._starts[self.line_of(items[-1])]]
        if prefix.strip() != "-":
            raise NotEditable("the item does not begin its line")
        after = self.last_line(items[-1]) + 1
        return self.with_lines(after, after - 1, [prefix + rendered + self.line_break])

    def _without_in_flow(self, parent: Any, index: int, first: Any, last: Any) -> str:
        pairs: list[Any] = parent.value
        begin, end = self._begin(first), self._end(last)
        if index + 1 < len(pairs):
            following = pairs[index + 1]
            end = self._begin(following if is_list(parent) else following[0])
        else:
            before = pairs[index - 1]
            begin = self._end(before if is_list(parent) else before[1])
        return self.text[:begin] + self.text[end:]

    def _with_block(self, node: Any, value: str) -> str:
        first, last = self.body(node)
        if last < first or node.style == ">":
            raise NotEditable("a folded or an empty block")
        line = self._line(first)
        indent = line[: len(line) - len(line.lstrip(" "))]
        lines = value.removesuffix("\n").split("\n")
        return self.with_lines(
            first, last, [(indent + line if line else "") + self.line_break for line in lines]
        )

    def _checked(self, text: str, expected: Any) -> str:
        if not _reads_as(text, expected):
            raise NotEditable("the edit would change something else")
        return text

    def last_line(self, node: Any) -> int:
        """The last line that a node itself takes."""
        if is_scalar(node):
            if node.style in _BLOCK_STYLES:
                return max(self.body(node)[1], self.line_of(node))
            return self._line_at(max(self._end(node) - 1, self._begin(node)))
        if node.flow_style:
            return self._line_at(self._end(node) - 1)
        below: Any = node.value[-1]
        return self.last_line(below[1] if is_mapping(node) else below)

    def _begin(self, node: Any) -> int:
        return node.start_mark.index + self._offset

    def _end(self, node: Any) -> int:
        return node.end_mark.index + self._offset

    def _line_at(self, index: int) -> int:
        return bisect_right(self._starts, index) - 1

    def _line(self, number: int) -> str:
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self.text)
        return self.text[self._starts[number] : end]


def is_mapping(node: Any) -> bool:
    return isinstance(node, MappingNode)


def is_list(node: Any) -> bool:
    return isinstance(node, SequenceNode)


def is_scalar(node: Any) -> bool:
    return isinstance(node, ScalarNode)


def _child(node: Any, part: str | int) -> Any:
    if is_mapping(node):
        index = _key_index(node, part)
        if index is not None:
            return node.value[index][1]
    elif is_list(node) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    raise KeyError(part)


def _key_index(node: Any, part: str | int) -> int | None:
    return next((i for i, (key, _) in enumerate(node.value) if key.value == str(part)), None)


def _plain(node: Any) -> Any:
    if is_mapping(node):
        return {key.value: _plain(value) for key, value in node.value}
    if is_list(node):
        return [_plain(item) for item in node.value]
    return None if node is None else node.value


def _replaced(whole: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    part = place[0]
    copy: Any = whole.copy()
    copy[part] = _replaced(copy[part], place[1:], value)
    return copy


def _reads_as(text: str, expected: Any) -> bool:
    try:
        return YamlText(text).value() == expected
    except FileInvalid:
        return False


def _as_plain(value: str) -> str:
    return value


def _as_single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _as_double(value: str) -> str:
    return '"' + "".join(_escaped(character) for character in value) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _renderings(style: str | None) -> list[Any]:
    own = {"'": _as_single, '"': _as_double}.get(style or "", _as_plain)
    return [own, _as_double]
