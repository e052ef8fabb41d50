"""Full-text search over one profile's articles: SQLite FTS5 in memory, ranked by bm25.

Two tables: whole articles decide which one is meant, sections which part of it is quoted.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kefu.knowledge.articles import Article
from kefu.knowledge.words import PAIR, Cutter

_SCHEMA = """
CREATE VIRTUAL TABLE articles USING fts5(
  title, keywords, headings, text, content='', tokenize="unicode61 tokenchars '_'");
CREATE VIRTUAL TABLE sections USING fts5(
  heading, text, content='', tokenize="unicode61 tokenchars '_'");
"""
# The numbers weigh the columns in order. FTS5's bm25 is the better the smaller it is.
_ARTICLES = """
SELECT rowid, -bm25(articles, 10, 4, 2, 1) AS score FROM articles
WHERE articles MATCH ? ORDER BY score DESC, rowid
"""
_SECTIONS = """
SELECT rowid FROM sections WHERE sections MATCH ? ORDER BY bm25(sections, 3, 1), rowid
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article's and its best section's place; a higher ``score`` (bm25) fits better."""

    article: int
    section: int
    score: float


class Index:
    """Made once from articles, then only read; safe to use from several threads."""

    def __init__(
        self, articles: Sequence[Article], cutter: Cutter, terms_of: Callable[[str], str]
    ) -> None:
        """``terms_of``: a text's terms joined by blanks, as ``cutter`` gives them."""
        self._cutter = cutter
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.executescript(_SCHEMA)
        self._places: list[tuple[int, int]] = []
        for number, article in enumerate(articles):
            self._add(number, article, terms_of)
        self._connection.commit()

    def _add(self, number: int, article: Article, terms_of: Callable[[str], str]) -> None:
        headings = [terms_of(each.title) for each in article.sections]
        texts = [terms_of(each.text) for each in article.sections]
        self._connection.execute(
            "INSERT INTO articles (rowid, title, keywords, headings, text) VALUES (?, ?, ?, ?, ?)",
            (
                number,
                terms_of(article.title),
                terms_of("，".join(article.keywords)),
                " ".join(headings),
                " ".join(texts),
            ),
        )
        for at, row in enumerate(zip(headings, texts, strict=True)):
            self._connection.execute(
                "INSERT INTO sections (rowid, heading, text) VALUES (?, ?, ?)",
                (len(self._places), *row),
            )
            self._places.append((number, at))

    def search(self, question: str, limit: int, within: Collection[int] | None = None) -> list[Hit]:
        """The best articles first; ``within`` are the only ones that count."""
        articles, sections = self._ask(self._cutter.asked(question))
        if not articles:
            articles, sections = self._ask(self._cutter.terms(question))
        best: dict[int, int] = {}
        for (row,) in sections:
            article, section = self._places[row]
            best.setdefault(article, section)
        return [
            Hit(article, best.get(article, 0), score)
            for article, score in articles
            if within is None or article in within
        ][:limit]

    def marks(self, question: str) -> list[str]:
        """The words and pairs of characters looked for, as they stand in texts."""
        return [term.removeprefix(PAIR) for term in self._cutter.asked(question)]

    def _ask(self, terms: Sequence[str]) -> tuple[list[tuple[int, float]], list[tuple[int]]]:
        """Articles with their scores, and sections, that hold any of ``terms``."""
        if not terms:
            return [], []
        match = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
        with self._lock:
            articles = self._connection.execute(_ARTICLES, (match,)).fetchall()
            sections = self._connection.execute(_SECTIONS, (match,)).fetchall()
        return articles, sections
