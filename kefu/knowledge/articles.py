"""Article files: front matter, body, and everything that an author can get wrong in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from kefu.knowledge.errors import Fault, KnowledgeInvalid
from kefu.knowledge.markdown import SLUG, Section, links_in, sections_of, top_heading_line
from kefu.knowledge.placeholders import fill, unknown_in, values_of
from kefu.profiles import Profile

_ARTICLE_LINK = re.compile(rf"(?:/help/([^/]+)/)?({SLUG})(?:#s\d+)?")
_FILE = re.compile(r"---\n(.*?\n)---[ \t]*\n?(.*)", re.DOTALL)


class FrontMatter(BaseModel):
    """What stands between the two ``---`` lines. ``profiles`` empty: every profile's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=40)
    topic: str = Field(min_length=1, max_length=12)
    intents: list[str] = []
    profiles: list[str] = []
    keywords: list[str] = []


@dataclass(frozen=True, slots=True)
class Article:
    """An article as one profile shows it. ``own``: written for this profile alone."""

    slug: str
    title: str
    topic: str
    intents: tuple[str, ...]
    keywords: tuple[str, ...]
    body: str
    sections: tuple[Section, ...]
    own: bool


@dataclass(frozen=True, slots=True)
class _Source:
    """One file; ``body_line`` is the line on which the body starts, from 1."""

    path: Path
    slug: str
    owner: str | None
    matter: FrontMatter
    matter_text: str
    body: str

    @property
    def body_line(self) -> int:
        return self.matter_text.count("\n") + 3

    def line_of(self, key: str) -> int:
        return _line_of(self.matter_text, key)

    def is_for(self, profile: str) -> bool:
        if self.owner is not None:
            return self.owner == profile
        return not self.matter.profiles or profile in self.matter.profiles


def load_articles(
    folder: Path, profiles: Collection[Profile], intents: Collection[str]
) -> dict[str, list[Article]]:
    """By profile its articles, own ones first; raises ``KnowledgeInvalid`` with all faults.

    An own article replaces the shared one of the same slug.
    """
    reader = _Reader(folder, {each.profile for each in profiles}, intents)
    sources = reader.read()
    shelves = {each.profile: reader.shelve(each, sources) for each in profiles}
    if reader.faults:
        raise KnowledgeInvalid(reader.faults)
    return shelves


@dataclass
class _Reader:
    folder: Path
    profiles: Collection[str]
    intents: Collection[str]
    faults: list[Fault] = field(default_factory=list[Fault])
    _sections: dict[str, tuple[Section, ...]] = field(
        default_factory=dict[str, tuple[Section, ...]]
    )

    def fault(self, path: Path, line: int, english: str, chinese: str) -> None:
        found = Fault(path, line, english, chinese)
        if found not in self.faults:
            self.faults.append(found)

    def read(self) -> list[_Source]:
        sources = [self._read_file(path) for path in sorted(self.folder.rglob("*.md"))]
        found = [each for each in sources if each is not None]
        for source in found:
            self._check(source)
        self._check_doubles(found)
        return found

    def _read_file(self, path: Path) -> _Source | None:
        owner = "/".join(path.relative_to(self.folder).parts[:-1]) or None
        if owner is not None and owner not in self.profiles:
            self.fault(path, 1, f"no profile is called {owner!r}", f"没有名为 {owner} 的店铺配置")
            return None
        if not re.fullmatch(SLUG, path.stem):
            self.fault(
                path,
                1,
                "a file name is lower-case letters, digits and hyphens",
                "文件名只能用小写字母、数字和连字符",
            )
            return None
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        cut = _FILE.fullmatch(text)
        if not cut:
            self.fault(
                path, 1, "no front matter between two --- lines", "开头缺少两行 --- 之间的说明"
            )
            return None
        matter = self._read_matter(path, cut[1])
        return matter and _Source(path, path.stem, owner, matter, cut[1], cut[2])

    def _read_matter(self, path: Path, text: str) -> FrontMatter | None:
        try:
            content: Any = YAML(typ="safe").load(text)  # pyright: ignore[reportUnknownMemberType]
            return FrontMatter.model_validate(content or {})
        except MarkedYAMLError as error:
            marked: Any = error
            line = marked.problem_mark.line + 2 if marked.problem_mark else 1
            self.fault(path, line, f"not YAML: {marked.problem}", "说明部分不是正确的 YAML")
        except ValidationError as error:
            for each in error.errors():
                key = ".".join(str(part) for part in each["loc"])
                line = _line_of(text, key.partition(".")[0])
                self.fault(path, line, f"{key}: {each['msg']}", f"{key} 缺少或不符合要求")
        return None

    def _check(self, source: _Source) -> None:
        unknown = [name for name in source.matter.intents if name not in self.intents]
        for name in unknown:
            self.fault(
                source.path,
                source.line_of("intents"),
                f"unknown intent {name!r}",
                f"没有名为 {name} 的意图",
            )
        for name in source.matter.profiles:
            if name not in self.profiles or source.owner:
                self.fault(
                    source.path,
                    source.line_of("profiles"),
                    f"{name!r} is no profile, or the article lies in a profile's folder",
                    f"没有名为 {name} 的店铺配置，或文章已放在某个店铺的文件夹里",
                )
        if "![" in source.body:
            line = source.body_line + _line_with(source.body, "![")
            self.fault(source.path, line, "a picture: articles hold none", "文章里不能放图片")
        top = top_heading_line(source.body)
        if top is not None:
            self.fault(
                source.path,
                source.body_line + top,
                "a # heading: the title stands in the front matter",
                "标题写在开头的说明里，正文请从 ## 开始",
            )

    def _check_doubles(self, sources: list[_Source]) -> None:
        owned = {(each.owner, each.slug) for each in sources}
        for source in sources:
            for name in source.matter.profiles if source.owner is None else ():
                if (name, source.slug) in owned:
                    self.fault(
                        source.path,
                        source.line_of("profiles"),
                        f"duplicate slug: {name} has an article {source.slug!r} of its own",
                        f"{name} 已有同名文章 {source.slug}",
                    )

    def shelve(self, profile: Profile, sources: list[_Source]) -> list[Article]:
        name = profile.profile
        own = {each.slug for each in sources if each.owner == name}
        mine = [
            each for each in sources if each.is_for(name) and (each.owner or each.slug not in own)
        ]
        mine.sort(key=lambda each: (each.owner is None, each.slug))
        values = values_of(profile)
        titles: dict[str, _Source] = {}
        for each in mine:
            first = titles.setdefault(fill(each.matter.title, values), each)
            if first is not each:
                self.fault(
                    each.path,
                    each.line_of("title"),
                    f"{first.path} has the same title",
                    f"与 {first.path} 的标题重复",
                )
        slugs = {each.slug for each in mine}
        for slug in profile.articles:
            if slug not in slugs:
                self.fault(
                    self.folder.parent / "profiles" / f"{name}.yml",
                    1,
                    f"articles: {slug!r} is not among the articles of {name!r}",
                    f"articles 里的 {slug} 不是 {name} 的文章",
                )
        for each in mine:
            self._check_links(each, name, fill(each.body, values), slugs)
        return [self._fill(each, profile, values) for each in mine]

    def _check_links(self, source: _Source, profile: str, body: str, slugs: set[str]) -> None:
        for link in links_in(body) if "](" in body else ():
            found = _ARTICLE_LINK.fullmatch(link)
            if found and (found[1] not in {None, profile} or found[2] not in slugs):
                self.fault(
                    source.path,
                    source.body_line + _line_with(source.body, link),
                    f"profile {profile!r} has no article {link!r}",
                    f"{profile} 没有链接所指的文章 {link}",
                )

    def _fill(self, source: _Source, profile: Profile, values: Mapping[str, str]) -> Article:
        for start, text in ((2, source.matter_text), (source.body_line, source.body)):
            for line, placeholder in unknown_in(text, values):
                self.fault(
                    source.path,
                    start + line,
                    f"profile {profile.profile!r} has no value for {placeholder}",
                    f"{profile.profile} 没有 {placeholder} 这个值",
                )
        body = fill(source.body, values)
        matter = source.matter
        return Article(
            slug=source.slug,
            title=fill(matter.title, values),
            topic=matter.topic,
            intents=tuple(matter.intents),
            keywords=tuple(fill(each, values) for each in matter.keywords),
            body=body,
            sections=self._cut(source, body),
            own=source.owner is not None,
        )

    def _cut(self, source: _Source, body: str) -> tuple[Section, ...]:
        if body not in self._sections:
            sections = self._sections[body] = sections_of(body)
            for line, english, chinese in _section_faults(source.body, sections):
                self.fault(source.path, source.body_line + line, english, chinese)
        return self._sections[body]


def _section_faults(body: str, sections: tuple[Section, ...]) -> Iterator[tuple[int, str, str]]:
    if not sections:
        yield 0, "the article has neither text nor a section", "正文是空的，既没有文字也没有小节"
    for section in sections:
        if section.title and not section.text:
            line = _line_with(body, section.title)
            yield line, f"section {section.title!r} is empty", f"小节「{section.title}」是空的"
        if "](" in section.text:
            yield (
                _line_with(body, "]("),
                "a link that is not allowed",
                "有不允许的链接",
            )


def _line_of(matter_text: str, key: str) -> int:
    """The file's line on which a key of the front matter stands; the first without one."""
    found = re.search(rf"^{re.escape(key)}\s*:", matter_text, re.MULTILINE)
    return matter_text.count("\n", 0, found.start()) + 2 if found else 1


def _line_with(text: str, words: str) -> int:
    at = text.find(words)
    return text.count("\n", 0, at) if at > 0 else 0
