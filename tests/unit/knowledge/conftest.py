"""Articles and profiles made for one test, and the library of the repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kefu.knowledge import Library, load_library, open_library
from kefu.profiles import Profile, Profiles, load_profiles
from kefu.settings import Settings

INTENTS = frozenset({"return_request", "refund_progress", "invoice", "membership"})

Write = Callable[..., Path]


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    return tmp_path / "knowledge"


@pytest.fixture
def write(knowledge: Path) -> Write:
    """Write an article; without ``head`` its front matter is made from its title."""

    def article(name: str, body: str, *, title: str = "", head: str | None = None) -> Path:
        path = knowledge / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        front = f"title: {title or name}\ntopic: 售后\n" + (head or "")
        path.write_text(f"---\n{front}---\n{body}", encoding="utf-8")
        return path

    return article


def profile(name: str, **more: object) -> Profile:
    return Profile.model_validate(
        {"profile": name, "brand": f"{name}商城", "greeting": "您好", **more}
    )


@pytest.fixture
def load(knowledge: Path, tmp_path: Path) -> Callable[..., Library]:
    """Load what was written, for the profiles ``shop`` and ``wallet`` unless others are given."""

    def library(*profiles: Profile) -> Library:
        given = profiles or (profile("shop"), profile("wallet"))
        return load_library(knowledge, given, INTENTS, tmp_path / "cache")

    return library


@pytest.fixture(scope="session")
def profiles() -> Profiles:
    return load_profiles(Path("data/profiles"))


@pytest.fixture(scope="session")
def repository(profiles: Profiles, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The repository's own articles."""
    return open_library(Settings(home=tmp_path_factory.mktemp("kefu")), profiles)
