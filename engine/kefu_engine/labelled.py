"""Files of labelled messages.

A header line ``text<TAB>label<TAB>source``, then a message a line; ``label`` is ``a`` or ``a|b``
(either is right), ``source`` is optional.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from kefu_engine.errors import EngineError


class EvaluationFileInvalid(EngineError):
    """The file is not a table of labelled messages; the detail names the line."""

    code: ClassVar[str] = "evaluation_file_invalid"
    title: ClassVar[str] = "评测文件格式不正确。"


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A row of the file."""

    text: str
    labels: tuple[str, ...]
    source: str


def read_rows(path: Path) -> list[LabelledText]:
    """The rows of an evaluation file. Raises ``EvaluationFileInvalid``."""
    try:
        # Not splitlines(): a message may hold one of the rarer line separators.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationFileInvalid(f"{path}: {error}") from error
    if lines[0].rstrip("\r").split("\t")[:2] != ["text", "label"]:
        raise EvaluationFileInvalid(f"{path}: the first line must be text<TAB>label[<TAB>source]")
    rows: list[LabelledText] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.rstrip("\r").split("\t")
        labels = tuple(label for label in cells[1].split("|") if label) if len(cells) > 1 else ()
        if not cells[0] or not labels:
            raise EvaluationFileInvalid(f"{path}: line {number} has no text or no label")
        rows.append(LabelledText(cells[0], labels, cells[2] if len(cells) > 2 else ""))
    return rows
