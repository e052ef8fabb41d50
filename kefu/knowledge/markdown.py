"""Markdown as articles use it: to plain sections for quoting, to HTML for the help centre.

Raw HTML and pictures are off; a link leads to a web page, a phone, a mailbox or another article.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"

_SAFE_LINK = re.compile(rf"https?://\S+|mailto:\S+|tel:[\d+-]+|/(?!/)\S*|{SLUG}(?:#s\d+)?|#s\d+")
_MAY_BE_TOP = re.compile(r"^ {0,3}(?:#\s|=+\s*$)", re.MULTILINE)
_NO_BLANK = re.compile(r"[\u2e80-\u9fff\uff00-\uffef\u3000-\u303f“”‘’…—]")


@dataclass(frozen=True, slots=True)
class Section:
    """``lines`` are plain: a paragraph, a list item (``1. ``, ``· ``) or a table row each.

    The text before the first ``##`` has no title. ``anchor`` is the id of its heading in HTML.
    """

    title: str
    anchor: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


class _Renderer(RendererHTML):
    """Anchors for sections; a line break in the source is no blank between Chinese characters."""

    def heading_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any
    ) -> str:
        if tokens[idx].tag == "h2":
            env["sections"] = env.get("sections", 0) + 1
            tokens[idx].attrSet("id", f"s{env['sections']}")
        return self.renderToken(tokens, idx, options, env)

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        if str(tokens[idx].attrGet("href")).startswith("http"):
            tokens[idx].attrSet("rel", "noopener noreferrer")
        return self.renderToken(tokens, idx, options, env)

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: Any) -> str:
        return _gap(tokens, idx)


def _is_safe(url: str) -> bool:
    return bool(_SAFE_LINK.fullmatch(url))


def _engine() -> MarkdownIt:
    engine = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    engine.enable("table").disable("image")
    # markdown-it declares it as a method; replacing it is its documented way.
    engine.validateLink = _is_safe
    return engine


_ENGINE = _engine()


def to_html(markdown: str) -> str:
    return _ENGINE.render(markdown, {})


def links_in(markdown: str) -> tuple[str, ...]:
    """Where the links lead, in order."""
    return tuple(
        str(child.attrGet("href"))
        for token in _ENGINE.parse(markdown)
        for child in token.children or ()
        if child.type == "link_open"
    )


def top_heading_line(markdown: str) -> int | None:
    """The line (from 0) of the first ``#`` heading: the title stands in the front matter."""
    if not _MAY_BE_TOP.search(markdown):
        return None
    for token in _ENGINE.parse(markdown):
        if token.type == "heading_open" and token.tag == "h1":
            return token.map[0] if token.map else 0
    return None


def sections_of(markdown: str) -> tuple[Section, ...]:
    """The text cut at its ``##`` headings; what stands before the first only if there is any."""
    titles = [""]
    found: list[list[str]] = [[]]
    heading = False
    for kind, text in _lines(_ENGINE.parse(markdown)):
        heading = kind == "h2"
        if heading:
            titles.append(text)
            found.append([])
        else:
            found[-1].append(text)
    return tuple(
        Section(title, f"s{number}" if number else "", tuple(lines))
        for number, (title, lines) in enumerate(zip(titles, found, strict=True))
        if number or lines
    )


def _lines(tokens: Sequence[Token]) -> Iterator[tuple[str, str]]:
    """Each line's kind (``h2`` or another tag) and its plain text."""
    mark = tag = ""
    cells: list[str] = []
    for token in tokens:
        match token.type:
            case "list_item_open":
                mark = f"{token.info}. " if token.info else "· "
            case "heading_open" | "paragraph_open":
                tag = token.tag
            case "tr_open":
                cells = []
            case "tr_close":
                yield "tr", "　".join(cells)
            case "th_open" | "td_open":
                tag = "td"
            case "inline" if tag == "td":
                cells.append(_plain(token.children or ()))
            case "inline":
                yield tag, mark + _plain(token.children or ())
                mark = ""
            case "code_block" | "fence":
                yield "pre", token.content.strip()
            case _:
                pass


def _plain(children: Sequence[Token]) -> str:
    return "".join(
        _gap(children, index)
        if child.type == "softbreak"
        else " "
        if child.type == "hardbreak"
        else child.content
        for index, child in enumerate(children)
    )


def _gap(tokens: Sequence[Token], index: int) -> str:
    before = tokens[index - 1].content[-1:] if index else ""
    after = tokens[index + 1].content[:1] if index + 1 < len(tokens) else ""
    return "" if _NO_BLANK.match(before) or _NO_BLANK.match(after) else " "
