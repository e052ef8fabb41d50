"""A YAML file and the line that each of its values stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

Place = Sequence[str | int]

_DUPLICATE = re.compile(r'found duplicate key "?(.*?)"? with value')


class NotYaml(Exception):
    """The file cannot be read as YAML; ``line`` counts from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Source:
    """``content`` is the file's plain values."""

    content: Any
    _root: Node | None

    def line(self, place: Place) -> int:
        """The line of the value at ``place``, or of what is nearest above it; counts from 1."""
        node, line = self._root, _line_of(self._root)
        for part in place:
            found = _child(node, part)
            if found is None:
                break
            node, line = found
        return line


def _plain_days() -> Any:
    """Leaves days as text: a wrong one is the schema's to tell, with its line."""
    base: Any = SafeConstructor
    plain: Any = type("PlainDays", (base,), {})
    plain.add_constructor("tag:yaml.org,2002:timestamp", base.construct_yaml_str)
    return plain


_PLAIN_DAYS = _plain_days()


def read(path: Path) -> Source:
    """The file's content and lines; raises ``NotYaml`` also for a key that stands twice."""
    yaml: Any = YAML(typ="safe", pure=True)
    yaml.Constructor = _PLAIN_DAYS
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"))
        content = yaml.constructor.construct_document(root) if root else None
    except UnicodeDecodeError as error:
        raise NotYaml(1, f"不是 UTF-8 编码：{error.reason}") from error
    except MarkedYAMLError as error:
        raise NotYaml(_marked_line(error), _reason(error)) from error
    except (YAMLError, ValueError) as error:
        raise NotYaml(1, f"YAML 语法错误：{str(error).splitlines()[0]}") from error
    return Source(content, root)


def _marked_line(error: Any) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _reason(error: Any) -> str:
    problem = str(error.problem or error.context)
    twice = _DUPLICATE.match(problem)
    return f"同一个键写了两次：{twice[1]}" if twice else f"YAML 语法错误：{problem}"


def _line_of(node: Any) -> int:
    return node.start_mark.line + 1 if node is not None else 1


def _child(node: Any, part: str | int) -> tuple[Any, int] | None:
    """The node of a key or an index below ``node``, and the line it is found on."""
    below: Any = getattr(node, "value", None)
    if isinstance(node, MappingNode):
        for key, value in below:
            if key.value == str(part):
                return value, _line_of(key)
    elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(below):
        return below[part], _line_of(below[part])
    return None
