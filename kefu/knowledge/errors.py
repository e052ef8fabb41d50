"""What can be wrong with the articles, and with a question for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from kefu.errors import KefuError


class ArticleNotFound(KefuError):
    """The profile has no article of this name."""

    code: ClassVar[str] = "article_not_found"
    title: ClassVar[str] = "没有找到这篇帮助文章，您可以返回帮助中心看看其他内容。"
    status: ClassVar[int] = 404


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake of an author: where it stands, in English and in Chinese what it is."""

    path: Path
    line: int
    english: str
    chinese: str


class KnowledgeInvalid(KefuError):
    """Articles cannot be read; all faults are named at once, with file and line."""

    code: ClassVar[str] = "knowledge_invalid"
    title: ClassVar[str] = "帮助文章有误，请按提示修改。"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        detail = "\n".join(f"{each.path}:{each.line}: {each.english}" for each in faults)
        places = "\n".join(f"{each.path} 第 {each.line} 行：{each.chinese}" for each in faults)
        super().__init__(detail, title=f"{self.title}\n{places}")
