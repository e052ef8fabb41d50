"""The help centre: ``/help/<profile>/`` with topics and search, ``/help/<profile>/<slug>``.

Plain pages made here; they need no script and no build of the web pages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kefu.channels.shopper import InRuntime
from kefu.errors import KefuError
from kefu.knowledge.articles import Article
from kefu.knowledge.errors import ArticleNotFound
from kefu.knowledge.library import ENOUGH, Library
from kefu.knowledge.markdown import to_html
from kefu.profiles import Profile, ProfileNotFound
from kefu.runtime import Runtime

LONGEST_QUESTION = 100
RESULTS = 10
# A result counts only beside the best one: words that all articles hold find them all.
WORTH_SHOWING = 0.3
RELATED = 5

_TEMPLATES = Path(__file__).with_name("templates")
_PAGES = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_METHODS = ["GET", "HEAD"]

router = APIRouter(prefix="/help", include_in_schema=False)


@router.api_route("/style.css", methods=_METHODS)
def style(request: Request) -> Response:
    return _cached(request, (_TEMPLATES / "style.css").read_text("utf-8"), "text/css")


@router.api_route("/{profile}", methods=_METHODS)
def without_slash(profile: str) -> Response:
    return RedirectResponse(f"/help/{profile}/", 308)


@router.api_route("/{profile}/", methods=_METHODS)
def home(request: Request, runtime: InRuntime, profile: str, q: str = "") -> Response:
    """The topics, or with ``q`` what was found."""
    brand = _brand(runtime, profile)
    if brand is None:
        return _problem(ProfileNotFound())
    question = " ".join(q.split())[:LONGEST_QUESTION]
    if question:
        return _results(runtime.library, brand, question)
    featured = [runtime.library.article(profile, slug) for slug in brand.articles]
    topics = by_topic(runtime.library.articles(profile))
    return _page(request, "home.html", brand, question="", featured=featured, topics=topics)


@router.api_route("/{profile}/theme.css", methods=_METHODS)
def theme(request: Request, runtime: InRuntime, profile: str) -> Response:
    """The brand's colour: the pages' policy allows no style within a page."""
    brand = _brand(runtime, profile)
    if brand is None:
        return _problem(ProfileNotFound())
    return _cached(request, f":root {{ --brand: {brand.theme.colour}; }}\n", "text/css")


@router.api_route("/{profile}/{slug}", methods=_METHODS)
def article(request: Request, runtime: InRuntime, profile: str, slug: str) -> Response:
    brand = _brand(runtime, profile)
    if brand is None:
        return _problem(ProfileNotFound())
    try:
        return _article(request, runtime, brand, slug)
    except ArticleNotFound as error:
        return _problem(error, brand)


def _brand(runtime: Runtime, profile: str) -> Profile | None:
    try:
        return runtime.profiles[profile]
    except ProfileNotFound:
        return None


def _article(request: Request, runtime: Runtime, brand: Profile, slug: str) -> Response:
    shown = runtime.library.article(brand.profile, slug)
    related = [
        each
        for each in runtime.library.articles(brand.profile)
        if each.topic == shown.topic and each is not shown
    ]
    return _page(
        request,
        "article.html",
        brand,
        article=shown,
        body=Markup(to_html(shown.body)),  # noqa: S704 - made from Markdown with HTML off
        related=related[:RELATED],
    )


def _results(library: Library, brand: Profile, question: str) -> Response:
    found = library.search(brand.profile, question, RESULTS)
    found = [each for each in found if each.score >= found[0].score * WORTH_SHOWING]
    marks = library.marks(brand.profile, question)
    html = _render(
        "results.html",
        brand,
        question=question,
        fits=bool(found) and found[0].score >= ENOUGH,
        found=[
            {
                "link": each.link,
                "title": mark(each.title, marks),
                "section": mark(each.section, marks),
                "text": mark(each.text, marks),
            }
            for each in found
        ],
    )
    # The address holds what somebody typed: nobody else's cache keeps the answer.
    return Response(html, media_type="text/html", headers={"Cache-Control": "private, no-store"})


def by_topic(articles: Iterable[Article]) -> dict[str, list[Article]]:
    """The articles of each topic, largest topic first."""
    topics: dict[str, list[Article]] = {}
    for each in articles:
        topics.setdefault(each.topic, []).append(each)
    return dict(sorted(topics.items(), key=lambda item: -len(item[1])))


def mark(text: str, words: Iterable[str]) -> Markup:
    """``text`` as HTML with the ``words`` in it marked; what touches or overlaps is one mark."""
    # Letter by letter: some letters are two in lower case.
    plain = "".join(sign.lower()[0] for sign in text)
    found = {
        at
        for word in words
        for begin in range(len(plain))
        if plain.startswith(word, begin)
        for at in range(begin, begin + len(word))
    }
    pieces = groupby(range(len(text)), found.__contains__)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if is_found else piece
        for is_found, piece in (
            (is_found, "".join(text[at] for at in places)) for is_found, places in pieces
        )
    )


def _page(request: Request, template: str, brand: Profile, **values: Any) -> Response:
    return _cached(request, _render(template, brand, **values), "text/html")


def _render(template: str, brand: Profile | None, **values: Any) -> str:
    return _PAGES.get_template(template).render(brand=brand, **values)


def _problem(error: KefuError, brand: Profile | None = None) -> Response:
    html = _render("problem.html", brand, sentence=error.sentence)
    return Response(html, error.status, {"Cache-Control": "no-store"}, "text/html")


def _cached(request: Request, content: str, media_type: str) -> Response:
    """The content, or 304 for who has it already; a browser asks again each time."""
    tag = f'"{hashlib.sha256(content.encode()).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    known = request.headers.get("if-none-match", "")
    if tag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=media_type)
