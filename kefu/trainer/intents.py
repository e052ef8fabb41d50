"""The intents' titles in the training data, and how trainers find them by the keyboard."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kefu import intents
from kefu.intents import Intents
from kefu.trainer.errors import FileInvalid
from kefu.trainer.yaml_lines import NotEditable, YamlText

_NEW = "requests"


def read(text: str) -> Intents:
    """Raises ``FileInvalid``."""
    try:
        return intents.read(YamlText(text).value() or {})
    except ValueError as error:
        raise FileInvalid(
            str(error), title=f"应当只有 {'、'.join(intents.SECTIONS)}，每一行是「意图: 中文名」。"
        ) from error


def with_title(text: str, intent: str, title: str) -> str:
    """The file with another title of an intent, or with one for a new request: one line."""
    before = read(text)
    for section in intents.SECTIONS:
        if intent in getattr(before, section):
            return YamlText(text).with_value((section, intent), title)
    if not before.requests:
        rest = text.rstrip("\n")
        return f"{rest}{chr(10) * 2 if rest else ''}{_NEW}:\n  {intent}: {title}\n"
    yaml = YamlText(text)
    node = yaml.node((_NEW, list(before.requests)[-1]))
    line, last = yaml.lines(yaml.line_of(node), yaml.line_of(node))[0], yaml.last_line(node)
    indent = line[: len(line) - len(line.lstrip())]
    changed = yaml.with_lines(last + 1, last, [f"{indent}{intent}: {title}{yaml.line_break}"])
    if dict(read(changed).titles) != {**before.titles, intent: title}:
        raise NotEditable("the titles are not a plain mapping")
    return changed


@lru_cache(maxsize=1024)
def pinyin_initials(title: str) -> str:
    """The first letters of a title's syllables: 查订单 is ``cdd``."""
    # Its dictionary takes half a second and 55 MB, which most processes never need.
    import pypinyin  # noqa: PLC0415

    letters: Any = pypinyin.lazy_pinyin(title, style=pypinyin.Style.FIRST_LETTER)
    return "".join(str(letter) for letter in letters).lower()
