"""The commands on a shop behind its own HTTP service, which keeps its own data."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from kefu.cli import app

KEY = "k" * 32


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {
        "KEFU_HOME": str(tmp_path),
        "KEFU_SHOP_URL": "https://shop.example.invalid/kefu",
        "KEFU_SHOP_KEY": KEY,
    }


def test_migrating_touches_the_desks_database_alone(env: dict[str, str], tmp_path: Path):
    done = CliRunner().invoke(app, ["migrate"], env=env)
    assert done.exit_code == 0, done.output
    assert (tmp_path / "kefu.db").exists()
    assert not (tmp_path / "shop.db").exists()


def test_such_a_shop_is_not_seeded(env: dict[str, str], tmp_path: Path):
    done = CliRunner().invoke(app, ["seed"], env=env)
    assert done.exit_code == 1
    assert "keeps its own data" in done.output
    assert list(tmp_path.iterdir()) == []


def test_without_a_key_nothing_starts(env: dict[str, str], tmp_path: Path):
    done = CliRunner().invoke(app, ["up"], env=env | {"KEFU_SHOP_KEY": "short", "KEFU_PORT": "1"})
    assert done.exit_code == 1
    assert "KEFU_SHOP_KEY" in done.output
    assert not (tmp_path / "kefu.db").exists()
