"""The example utterances of one file in Rasa's training data format, line by line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kefu.trainer.errors import FileInvalid, UtteranceUnknown
from kefu.trainer.yaml_lines import NotEditable, YamlText, is_list, is_mapping

MARKUP = re.compile(r"\[(?P<text>[^\]]+)\](?:\((?P<entity>[^)]*)\)|\{(?P<more>[^}]*)\})")
_EXAMPLE = re.compile(r"^(?P<before>\s*-[ \t]*)(?P<text>.*?)(?P<after>[ \t]*\r?\n?)$", re.DOTALL)
# A message is one line, whatever separators its writer's keyboard knows.
_SEPARATORS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, slots=True)
class Example:
    """``text`` may hold entity markup; ``line`` counts from 0."""

    intent: str
    hand: str
    text: str
    line: int = field(compare=False, default=0)

    @property
    def plain(self) -> str:
        """The message as the shopper would have typed it."""
        return without_markup(self.text)


@dataclass(frozen=True, slots=True)
class Block:
    """One item of ``nlu``: lines ``first`` to ``last`` with the examples between."""

    intent: str
    hand: str
    first: int
    last: int
    indent: str
    examples: tuple[Example, ...]


def without_markup(text: str) -> str:
    return MARKUP.sub(lambda match: match["text"], text)


def one_line(text: str) -> str:
    """The text as an example can hold it: no line breaks, no leading dash or blank."""
    return _SEPARATORS.sub(" ", text).strip().lstrip("-").strip()


class ExampleFile:
    """A training file's text; edits return the new text. Raises ``FileInvalid``."""

    def __init__(self, text: str) -> None:
        self._yaml = YamlText(text)
        self.blocks = [block for item in self._items() if (block := self._block(item))]

    @property
    def examples(self) -> list[Example]:
        return [example for block in self.blocks for example in block.examples]

    def changed(self, intent: str, old: str, new: str) -> str:
        """``old`` of ``intent`` reads ``new``; raises ``UtteranceUnknown``."""
        found = self._find(intent, old)
        match = _EXAMPLE.match(self._yaml.lines(found.line, found.line)[0])
        assert match is not None
        text = self._yaml.with_lines(
            found.line, found.line, [f"{match['before']}{new}{match['after']}"]
        )
        expected = [
            Example(each.intent, each.hand, new) if each is found else each
            for each in self.examples
        ]
        return _checked(text, expected)

    def removed(self, intent: str, old: str) -> str:
        """Without ``old``; its block goes with its last example. Raises ``UtteranceUnknown``."""
        found = self._find(intent, old)
        block = next(each for each in self.blocks if any(e is found for e in each.examples))
        first = last = found.line
        if len(block.examples) == 1:
            if len(self.blocks) == 1:
                raise NotEditable("the last example", title="文件里至少要保留一条例句。")
            first, last = block.first, block.last
            if not "".join(self._yaml.lines(last + 1, last + 1)).strip():
                last += 1
        text = self._yaml.with_lines(first, last, [])
        return _checked(text, [each for each in self.examples if each is not found])

    def added(self, intent: str, hand: str, texts: Sequence[str]) -> str:
        """``texts`` at the end of the intent's block of this hand, or in a new block after it.

        Raises ``UtteranceUnknown`` where the file has no block of the intent.
        """
        if not texts:
            return self._yaml.text
        of_intent = [block for block in self.blocks if block.intent == intent]
        if not of_intent:
            raise UtteranceUnknown(f"no block of {intent}")
        block = next((each for each in reversed(of_intent) if each.hand == hand), None)
        end = self._yaml.line_break
        new = [Example(intent, hand, text) for text in texts]
        if block:
            line = block.examples[-1].line
            match = _EXAMPLE.match(self._yaml.lines(line, line)[0])
            assert match is not None
            lines = [f"{match['before']}{text}{end}" for text in texts]
            after = line + 1
        else:
            block = of_intent[-1]
            lines = [end, *(text + end for text in _block_lines(block.indent, intent, hand, texts))]
            after = block.last + 1
        text = self._yaml.with_lines(after, after - 1, lines)
        at = next(i for i, e in enumerate(self.examples) if e is block.examples[-1]) + 1
        return _checked(text, [*self.examples[:at], *new, *self.examples[at:]])

    def begun(self, intent: str, hand: str, texts: Sequence[str]) -> str:
        """A new intent with its first utterances, in a block of its own at the end."""
        end = self._yaml.line_break
        indent = self.blocks[-1].indent if self.blocks else ""
        block = (line + end for line in _block_lines(indent, intent, hand, texts))
        text = f"{self._yaml.text.rstrip()}{end}{end}{''.join(block)}"
        return _checked(text, [*self.examples, *(Example(intent, hand, text) for text in texts)])

    def _find(self, intent: str, text: str) -> Example:
        for example in self.examples:
            if example.intent == intent and example.text == text:
                return example
        raise UtteranceUnknown(f"no such utterance of {intent}")

    def _items(self) -> list[Any]:
        root = self._yaml.root
        if not is_mapping(root):
            raise FileInvalid("no mapping", title="文件应当以 version 和 nlu 开头。")
        for key, value in root.value:
            if key.value == "nlu":
                if not is_list(value):
                    raise FileInvalid("nlu is no list", title="nlu 下面应当是一个列表。")
                return list(value.value)
        return []

    def _block(self, item: Any) -> Block | None:
        fields = {key.value: value for key, value in getattr(item, "value", ())}
        if "intent" not in fields or "examples" not in fields:
            return None
        content = fields["examples"]
        line = self._yaml.line_of(content)
        if content.style != "|":
            raise FileInvalid(
                f"line {line + 1}: examples are no literal block",
                title=f"第 {line + 1} 行：例句应当写成「examples: |」，每行一条。",
            )
        intent = str(fields["intent"].value)
        hand = _noted(fields.get("metadata"), "hand") or "unknown"
        first, last = self._yaml.body(content)
        examples: list[Example] = []
        for number, text in enumerate(self._yaml.lines(first, last), first):
            match = _EXAMPLE.match(text)
            if match and match["text"]:
                examples.append(Example(intent, hand, match["text"], number))
        start = self._yaml.line_of(item)
        opening = self._yaml.lines(start, start)[0]
        indent = opening[: len(opening) - len(opening.lstrip(" "))]
        last = max(last, *(self._yaml.line_of(value) for value in fields.values()))
        return Block(intent, hand, start, last, indent, tuple(examples)) if examples else None


def _noted(metadata: Any, key: str) -> str:
    pairs: Any = getattr(metadata, "value", ())
    return next((str(v.value) for k, v in pairs if k.value == key), "")


def _block_lines(indent: str, intent: str, hand: str, texts: Sequence[str]) -> list[str]:
    return [
        f"{indent}- intent: {intent}",
        f"{indent}  metadata:",
        f"{indent}    hand: {hand}",
        f"{indent}  examples: |",
        *(f"{indent}    - {text}" for text in texts),
    ]


def _checked(text: str, expected: Sequence[Example]) -> str:
    """The new text, if it reads exactly as the edit meant it."""
    if ExampleFile(text).examples != list(expected):
        raise NotEditable("the edit would change something else")
    return text
