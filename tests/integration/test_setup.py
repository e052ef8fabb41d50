"""What the set-up scripts say on a machine that lacks something."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder for PATH with bash and nothing else."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("bash", "env"):
        found = shutil.which(name)
        assert found
        (tools / name).symlink_to(found)
    return tools


def run(script: str, path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / script)],
        env={"PATH": str(path), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def pretend(tools: Path, name: str, answer: str, status: int = 0) -> None:
    tool = tools / name
    tool.write_text(f"#!/usr/bin/env bash\necho '{answer}'\nexit {status}\n")
    tool.chmod(0o755)


def one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    assert result.returncode != 0
    (line,) = result.stderr.strip().splitlines()
    return line


def test_no_python_is_said_in_one_sentence(bare: Path) -> None:
    assert "Python 3.11" in one_sentence(run("find-python", bare))


def test_a_python_that_is_too_old_does_not_count(bare: Path) -> None:
    pretend(bare, "python3", "", status=1)
    assert "install it" in one_sentence(run("find-python", bare))


def test_the_python_that_was_named_is_found(bare: Path) -> None:
    result = run("find-python", bare, KEFU_PYTHON=sys.executable)
    assert result.stdout.strip() == sys.executable


def test_no_node_is_said_in_one_sentence(bare: Path) -> None:
    assert "found none" in one_sentence(run("check-node", bare))


def test_an_old_node_is_named_with_its_version(bare: Path) -> None:
    pretend(bare, "node", "v18.12.0", status=1)
    assert "v18.12.0" in one_sentence(run("check-node", bare))


def test_node_without_npm_is_said_in_one_sentence(bare: Path) -> None:
    pretend(bare, "node", "v22.1.0")
    assert "npm" in one_sentence(run("check-node", bare))


def test_a_step_that_fails_shows_what_it_printed(tmp_path: Path) -> None:
    result = subprocess.run(
        [str(ROOT / "scripts/step"), "Trying", "bash", "-c", "echo the reason; exit 7"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 7
    assert "Trying … failed" in result.stderr
    assert "the reason" in result.stderr
    assert not result.stdout


def test_a_taken_port_ends_the_start_with_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "kefu", "up"],
            cwd=ROOT,
            env=os.environ | {"KEFU_PORT": str(port), "KEFU_HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    sentence = one_sentence(result)
    assert str(port) in sentence
    assert "KEFU_PORT" in sentence
