"""Dictionary files: one word a line, ``#`` begins a comment. Edits touch their own lines only."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.trainer.errors import FileInvalid
from kefu.trainer.normal_form import normal

LONGEST_WORD = 30


def words(text: str) -> list[str]:
    """The words as they are written."""
    found = (line.split("#", 1)[0].strip() for line in text.splitlines())
    return [word for word in found if word]


def with_words(text: str, added: Sequence[str]) -> str:
    """``added`` at the end, one line each; those that are there already add nothing.

    Raises ``FileInvalid`` for what is no word.
    """
    known = {normal(word) for word in words(text)}
    end = "\r\n" if "\r\n" in text else "\n"
    lines: list[str] = []
    for word in added:
        require_word(word)
        if normal(word) not in known:
            known.add(normal(word))
            lines.append(word.strip() + end)
    gap = end if lines and text and not text.endswith("\n") else ""
    return text + gap + "".join(lines)


def without_words(text: str, removed: Sequence[str]) -> str:
    """Without the lines of these words."""
    gone = {normal(word) for word in removed}
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if normal(line.split("#", 1)[0].strip()) not in gone)


def require_word(word: str) -> None:
    """Raises ``FileInvalid`` for what cannot be one entry of a dictionary."""
    stripped = word.strip()
    if not stripped or len(stripped) > LONGEST_WORD or "#" in stripped or len(stripped.split()) > 1:
        raise FileInvalid(
            "not a word", title=f"词语不能为空、不能带空格或 #，最长 {LONGEST_WORD} 个字。"
        )
