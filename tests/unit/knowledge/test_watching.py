"""Articles that are edited while the program runs."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kefu.knowledge import ArticleNotFound, LibraryWatch
from kefu.profiles import Profiles
from kefu.settings import Settings

ARTICLE = "---\ntitle: 旧机回收\ntopic: 服务\nintents: [{}]\n---\n旧机可以抵扣货款。\n"


@pytest.fixture
def watch(tmp_path: Path, profiles: Profiles) -> LibraryWatch:
    shutil.copytree("data/knowledge", tmp_path / "knowledge")
    (tmp_path / "profiles").mkdir()
    return LibraryWatch(Settings(home=tmp_path, profiles_dir=tmp_path / "profiles"), profiles)


def test_an_edited_article_is_found_without_a_restart(watch: LibraryWatch, tmp_path: Path) -> None:
    assert not watch.look()
    with pytest.raises(ArticleNotFound):
        watch.library.article("demo", "old-phones")
    path = tmp_path / "knowledge" / "old-phones.md"
    path.write_text(ARTICLE.format("greet"), encoding="utf-8")
    assert watch.look()
    assert not watch.look()
    passage = watch.library.for_intent("demo", "greet")
    assert passage
    assert passage.text == "旧机可以抵扣货款。"
    path.unlink()
    assert watch.look()
    assert watch.library.for_intent("demo", "greet") is None


def test_a_fault_changes_nothing_until_it_is_mended(watch: LibraryWatch, tmp_path: Path) -> None:
    path = tmp_path / "knowledge" / "old-phones.md"
    path.write_text(ARTICLE.format("no_such_intent"), encoding="utf-8")
    assert not watch.look()
    assert watch.library.articles("demo")
    with pytest.raises(ArticleNotFound):
        watch.library.article("demo", "old-phones")
    path.write_text(ARTICLE.format("greet"), encoding="utf-8")
    assert watch.look()
    assert watch.library.article("demo", "old-phones").title == "旧机回收"
