"""A small project in a git checkout of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.store import migrate
from kefu.store.database import Database, utc_now
from kefu.store.tables import Staff
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Workspace
from tests.trainer_project import make_checkout

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make_checkout(tmp_path / "project")


@pytest.fixture
def workspace(checkout: Path) -> Workspace:
    return Workspace(checkout)


@pytest.fixture(scope="session")
def jieba_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jieba")


@pytest.fixture
def data(workspace: Workspace, jieba_cache: Path) -> TrainingData:
    return TrainingData(workspace, jieba_cache)


@pytest.fixture
def database(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch, jieba_cache: Path
) -> Database:
    """What ``kefu trainer …`` works on: two trainers, wang and li, and the checkout."""
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    migrate(url)
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "jieba").symlink_to(jieba_cache)
    for name, value in {
        "KEFU_HOME": str(home),
        # Nothing listens there.
        "KEFU_ENGINE_PORT": "9",
        "KEFU_DATABASE_URL": url,
        "KEFU_WORKSPACE": str(checkout),
        "KEFU_PROFILES_DIR": str(ROOT / "data/profiles"),
        "KEFU_MODELS_DIR": str(tmp_path / "models"),
    }.items():
        monkeypatch.setenv(name, value)
    opened = Database(url)
    for username in ("wang", "li"):
        staff = Staff(
            username=username, name=username, password_hash="", active=True, created_at=utc_now()
        )
        opened.write_now(lambda session, staff=staff: session.add(staff))
    return opened
