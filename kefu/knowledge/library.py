"""The help articles of all profiles: found by words, by intent, by name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML

from kefu.knowledge.articles import Article, load_articles
from kefu.knowledge.errors import ArticleNotFound
from kefu.knowledge.index import Hit, Index
from kefu.knowledge.markdown import Section
from kefu.knowledge.words import Cutter
from kefu.profiles import Profile, Profiles
from kefu.profiles.loading import DOMAIN
from kefu.settings import Settings

LONGEST_QUOTE = 200
# Chosen on questions with and without an article; docs/knowledge.md has the figures.
ENOUGH = 8.5

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”」』）)]*\n*|[^。！？!?\n]+\n*|\n+")
# What stands after the last clause, which is whole.
_CLAUSE = re.compile(r"(?<=[^，、；：])[，、；：][^，、；：]*$")


@dataclass(frozen=True, slots=True)
class Passage:
    """What is quoted of an article: plain text of at most ``LONGEST_QUOTE`` characters.

    ``section`` is empty for the text before the first heading, ``anchor`` the id of the section on
    the article's page. ``score`` is bm25, the higher the better; 0 where words had no say.
    """

    slug: str
    title: str
    section: str
    text: str
    url: str
    anchor: str
    score: float

    @property
    def link(self) -> str:
        """The address of the section itself."""
        return f"{self.url}#{self.anchor}" if self.anchor else self.url


class Shelf:
    """One profile's articles, own ones first."""

    def __init__(self, profile: str, articles: list[Article], index: Index) -> None:
        self.profile = profile
        self.articles = articles
        self.by_slug = {each.slug: each for each in articles}
        self._index = index

    def search(self, words: str, limit: int, intent: str | None = None) -> list[Passage]:
        within = None
        if intent is not None:
            within = {at for at, each in enumerate(self.articles) if intent in each.intents}
        return [self._passage(hit) for hit in self._index.search(words, limit, within)]

    def marks(self, words: str) -> list[str]:
        return self._index.marks(words)

    def for_intent(self, intent: str) -> Passage | None:
        """The article that names the intent first; own ones win over shared ones."""
        meant = [each for each in self.articles if intent in each.intents]
        if not meant:
            return None
        best = min(meant, key=lambda each: (not each.own, each.intents.index(intent)))
        return self._quote(best, best.sections[0], 0.0)

    def _passage(self, hit: Hit) -> Passage:
        article = self.articles[hit.article]
        return self._quote(article, article.sections[hit.section], hit.score)

    def _quote(self, article: Article, section: Section, score: float) -> Passage:
        return Passage(
            slug=article.slug,
            title=article.title,
            section=section.title,
            text=shorten(section.text),
            url=f"/help/{self.profile}/{article.slug}",
            anchor=section.anchor,
            score=score,
        )


class Library:
    """All shelves. An unknown profile has no articles, hence ``ArticleNotFound``."""

    def __init__(self, shelves: Mapping[str, Shelf]) -> None:
        self._shelves = shelves

    def renew(self, fresh: Library) -> None:
        """Hold what ``fresh`` holds."""
        self._shelves = fresh._shelves

    def search(self, profile: str, words: str, limit: int = 5) -> list[Passage]:
        """One passage per article, best first, however little it fits; see ``answer``."""
        return self._shelf(profile).search(words, limit)

    def answer(self, profile: str, words: str) -> Passage | None:
        """The passage that answers ``words``, or ``None`` if no article fits."""
        return next((each for each in self.search(profile, words, 1) if each.score >= ENOUGH), None)

    def for_intent(self, profile: str, intent: str, words: str = "") -> Passage | None:
        """The passage for ``intent``; ``words`` choose among several articles and sections."""
        shelf = self._shelf(profile)
        named = shelf.for_intent(intent)
        if named is None:
            return None
        return next(
            (each for each in shelf.search(words, 1, intent) if each.score >= ENOUGH), named
        )

    def marks(self, profile: str, words: str) -> list[str]:
        """The parts of ``words`` that are looked for, to be marked in what was found."""
        return self._shelf(profile).marks(words)

    def articles(self, profile: str) -> list[Article]:
        return self._shelf(profile).articles

    def article(self, profile: str, slug: str) -> Article:
        """Raises ``ArticleNotFound``."""
        try:
            return self._shelf(profile).by_slug[slug]
        except KeyError:
            raise ArticleNotFound("no such article") from None

    def _shelf(self, profile: str) -> Shelf:
        try:
            return self._shelves[profile]
        except KeyError:
            raise ArticleNotFound("no such profile") from None


def open_library(settings: Settings, profiles: Profiles) -> Library:
    """The library beside the folder of profiles; raises ``KnowledgeInvalid``."""
    return load_library(
        settings.profiles_dir.parent / "knowledge",
        profiles,
        domain_intents(DOMAIN),
        settings.home / "cache" / "knowledge",
    )


def load_library(
    folder: Path, profiles: Iterable[Profile], intents: Collection[str], cache_folder: Path
) -> Library:
    """Read, check and index ``*.md`` of ``folder``; raises ``KnowledgeInvalid``.

    ``cache_folder`` is one that may be emptied at any time.
    """
    shelves = load_articles(folder, list(profiles), intents)
    cutter = Cutter("\n".join(_texts(shelves)), cache_folder)

    @cache
    def terms_of(text: str) -> str:  # Profiles share most texts.
        return " ".join(cutter.terms(text))

    return Library(
        {
            name: Shelf(name, articles, Index(articles, cutter, terms_of))
            for name, articles in shelves.items()
        }
    )


def _texts(shelves: Mapping[str, list[Article]]) -> list[str]:
    texts = (
        (each.title, each.body, *each.keywords) for found in shelves.values() for each in found
    )
    return list(dict.fromkeys(text for group in texts for text in group))


def domain_intents(domain: Path) -> frozenset[str]:
    """The names of all intents in Rasa's ``domain.yml``."""
    yaml: Any = YAML(typ="safe")
    content: dict[str, list[Any]] = yaml.load(domain)
    # An intent with settings is a mapping of one key.
    return frozenset(
        next(iter(cast("dict[str, Any]", each))) if isinstance(each, dict) else str(each)
        for each in content["intents"]
    )


def shorten(text: str, longest: int = LONGEST_QUOTE) -> str:
    """As many whole sentences from the start as fit; at least a part of the first."""
    kept, text = "", text.strip()
    for sentence in _SENTENCE.findall(text):
        if len((kept + sentence).rstrip()) > longest:
            break
        kept += sentence
    return kept.rstrip() or (text and f"{_CLAUSE.sub('', text[: longest - 1])}…")
