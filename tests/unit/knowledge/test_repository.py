"""The articles of the repository themselves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kefu.knowledge import Library
from kefu.knowledge.placeholders import fill, values_of
from kefu.profiles import Profiles

FOLDER = Path("data/knowledge")
GUIDES = Path("../shared/guides")
SHINGLE = 12


def test_every_profile_has_fifteen_articles_and_all_together_sixty(
    repository: Library, profiles: Profiles
) -> None:
    for profile in profiles:
        assert len(repository.articles(profile.profile)) >= 15, profile.profile
    assert len(list(FOLDER.rglob("*.md"))) >= 60


def test_every_article_is_found_by_its_own_title(repository: Library, profiles: Profiles) -> None:
    for profile in profiles:
        for article in repository.articles(profile.profile):
            found = repository.search(profile.profile, article.title, 2)
            assert article.slug in [each.slug for each in found], (profile.profile, article.slug)


def test_every_answer_is_short_and_whole(repository: Library, profiles: Profiles) -> None:
    for profile in profiles:
        values = values_of(profile)
        for article in repository.articles(profile.profile):
            assert fill(article.body, values) == article.body
            passage = repository.search(profile.profile, article.title, 1)[0]
            assert 0 < len(passage.text) <= 200


@pytest.mark.skipif(not GUIDES.is_dir(), reason="the guides lie beside the repository only")
def test_no_sentence_comes_from_a_guide() -> None:
    guides = {
        shingle for path in GUIDES.glob("*.txt") for shingle in shingles(path.read_text("utf-8"))
    }
    assert guides
    for path in sorted(FOLDER.rglob("*.md")):
        copied = guides & set(shingles(path.read_text("utf-8")))
        assert not copied, (path, sorted(copied))


def shingles(text: str) -> list[str]:
    plain = re.sub(r"[^0-9a-zA-Z\u3400-\u9fff]", "", text)
    return [plain[at : at + SHINGLE] for at in range(len(plain) - SHINGLE + 1)]
