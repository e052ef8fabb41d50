"""A small project in a git checkout of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Workspace
from tests.trainer_project import make_checkout


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
