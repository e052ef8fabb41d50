"""Help articles that trainers save: one with a fault would keep the whole shop from starting."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from kefu.errors import KefuError
from kefu.knowledge.articles import load_articles
from kefu.knowledge.errors import Fault, KnowledgeInvalid
from kefu.profiles import Profiles, load_profiles
from kefu.trainer.errors import FileInvalid

KNOWLEDGE = "data/knowledge"
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)


def title_of(path: Path) -> str | None:
    """What stands as the title in an article's front matter; ``None`` for any other file."""
    if path.suffix != ".md":
        return None
    front = path.read_text(encoding="utf-8", errors="replace").split("---", 2)[1:2]
    found = _TITLE.search(front[0]) if front else None
    return found and found[1]


def require_readable(
    workspace: Path, texts: Mapping[str, str], intents: Collection[str], domain: Path
) -> None:
    """Raises ``FileInvalid`` where new texts bring a fault that was not there before."""
    changed = {name: text for name, text in texts.items() if name.startswith(f"{KNOWLEDGE}/")}
    if not changed:
        return
    try:
        profiles = load_profiles(workspace / "data/profiles", domain)
    except KefuError:
        return  # Engineers' business; nothing can be said of the articles until it is settled.
    with tempfile.TemporaryDirectory() as draft:
        folder = Path(draft, KNOWLEDGE)
        shutil.copytree(workspace / KNOWLEDGE, folder)
        before = {_told(folder, fault) for fault in _faults(folder, profiles, intents)}
        for name, text in changed.items():
            path = Path(draft, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found = _faults(folder, profiles, intents)
        new = [each for each in found if _told(folder, each) not in before]
        if new:
            raise FileInvalid(
                "; ".join(each.english for each in new),
                title="帮助文章有误，没有保存。"
                + "；".join(
                    f"{each.path.relative_to(draft).as_posix()} 第 {each.line} 行：{each.chinese}"
                    for each in new[:5]
                )
                + "。",
            )


def _faults(folder: Path, profiles: Profiles, intents: Collection[str]) -> tuple[Fault, ...]:
    try:
        load_articles(folder, list(profiles), intents)
    except KnowledgeInvalid as error:
        return error.faults
    return ()


def _told(folder: Path, fault: Fault) -> tuple[str, str]:
    """A fault as it is known again when lines have moved."""
    inside = fault.path.is_relative_to(folder)
    return (fault.path.relative_to(folder).as_posix() if inside else fault.path.name, fault.english)
