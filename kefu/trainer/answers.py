"""The bot's texts in ``domain.yml`` and the words of entities, changed one line at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from kefu.trainer.errors import FileInvalid
from kefu.trainer.yaml_lines import NotEditable, YamlText

INTENTS = "intents"
RESPONSES = "responses"
WORDS = "words"


def intents_of(domain: str) -> list[str]:
    """The intents that a domain declares."""
    listed = _mapping(YamlText(domain).value()).get(INTENTS)
    items: list[Any] = cast("list[Any]", listed) if isinstance(listed, list) else []
    return [str(next(iter(_mapping(item)), "")) if _is_map(item) else str(item) for item in items]


def entities_of(domain: str) -> list[str]:
    """The entities that a domain declares."""
    listed = _mapping(YamlText(domain).value()).get("entities")
    items: list[Any] = cast("list[Any]", listed) if isinstance(listed, list) else []
    return [str(next(iter(_mapping(item)), "")) if _is_map(item) else str(item) for item in items]


def responses_of(domain: str) -> dict[str, list[str]]:
    """Each response's texts, in file order; a variant without text is an empty one."""
    found: dict[str, list[str]] = {}
    for name, variants in _mapping(_mapping(YamlText(domain).value()).get(RESPONSES)).items():
        items: list[Any] = cast("list[Any]", variants) if isinstance(variants, list) else []
        found[name] = [str(_mapping(item).get("text") or "") for item in items]
    return found


def with_response(domain: str, name: str, index: int, text: str) -> str:
    """The domain with one text changed; raises ``FileInvalid`` where there is none."""
    require_text(text)
    return _edit(domain, lambda yaml: yaml.with_value((RESPONSES, name, index, "text"), text))


def with_variant(domain: str, name: str, text: str) -> str:
    """The domain with one more way to say ``name``: a line of its own after the last."""
    require_text(text)
    yaml = YamlText(domain)
    try:
        variants = yaml.node((RESPONSES, name))
        node = yaml.node((RESPONSES, name, len(variants.value) - 1))
    except KeyError as error:
        raise FileInvalid(f"no response {name}", title=f"没有名为 {name} 的话术。") from error
    line = yaml.lines(yaml.line_of(node), yaml.line_of(node))[0]
    dash = line[: len(line) - len(line.lstrip())]
    last = yaml.last_line(node)
    draft = yaml.with_lines(last + 1, last, [f'{dash}- text: ""{yaml.line_break}'])
    return YamlText(draft).with_value((RESPONSES, name, len(variants.value), "text"), text)


def with_new_response(domain: str, name: str, text: str) -> str:
    """The domain with a response of one text, after all others."""
    require_text(text)
    yaml = YamlText(domain)
    responses = _edit_node(yaml, (RESPONSES,))
    key = yaml.lines(yaml.line_of(responses), yaml.line_of(responses))[0]
    indent = key[: len(key) - len(key.lstrip())]
    last, end = yaml.last_line(responses), yaml.line_break
    lines = [f"{indent}{name}:{end}", f'{indent}  - text: ""{end}']
    draft = yaml.with_lines(last + 1, last, lines)
    return YamlText(draft).with_value((RESPONSES, name, 0, "text"), text)


def with_intent(domain: str, name: str, after: str) -> str:
    """The domain with one more intent, on a line of its own behind ``after``."""
    yaml = YamlText(domain)
    declared = intents_of(domain)
    node = _edit_node(yaml, (INTENTS, declared.index(after)))
    line, last = yaml.lines(yaml.line_of(node), yaml.line_of(node))[0], yaml.last_line(node)
    dash = line[: len(line) - len(line.lstrip())]
    text = yaml.with_lines(last + 1, last, [f"{dash}- {name}{yaml.line_break}"])
    expected = list(declared)
    expected.insert(declared.index(after) + 1, name)
    if intents_of(text) != expected:
        raise NotEditable("the intents are not a plain list")
    return text


def without_variant(domain: str, name: str, index: int) -> str:
    """The domain without one of several ways to say ``name``."""
    return _edit(domain, lambda yaml: yaml.without((RESPONSES, name, index)))


def words_of(text: str) -> tuple[str, dict[str, list[str]]]:
    """The entity of a word file, and its words by value; no words for a file of patterns."""
    content = _mapping(YamlText(text).value())
    found: dict[str, list[str]] = {}
    for value, words in _mapping(content.get(WORDS)).items():
        items: list[Any] = cast("list[Any]", words) if isinstance(words, list) else []
        found[value] = [str(word) for word in items]
    return str(content.get("entity", "")), found


def with_entity_word(text: str, value: str, word: str) -> str:
    """The file with one more word for an entity's value."""
    return _edit(text, lambda yaml: yaml.with_item((WORDS, value), word.strip()))


def without_entity_word(text: str, value: str, word: str) -> str:
    """The file without one of the words for an entity's value."""
    known = words_of(text)[1].get(value, [])
    if word not in known:
        raise FileInvalid(f"no word of {value}", title=f"「{value}」没有「{word}」这个说法。")
    return _edit(text, lambda yaml: yaml.without((WORDS, value, known.index(word))))


def require_text(text: str) -> None:
    if not text.strip():
        raise FileInvalid("an empty text", title="话术不能为空。")


def _edit(text: str, change: Callable[[YamlText], str]) -> str:
    try:
        return change(YamlText(text))
    except (KeyError, IndexError) as error:
        sentence = "找不到要修改的内容，请刷新后再试。"
        raise NotEditable(f"nothing at {error}", title=sentence) from error


def _edit_node(yaml: YamlText, place: Sequence[str | int]) -> Any:
    try:
        return yaml.node(place)
    except KeyError as error:
        raise FileInvalid(f"no {place[0]}", title=f"domain.yml 缺少 {place[0]}。") from error


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
