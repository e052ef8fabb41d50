"""The engine's commands, run in its real environment by the real command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kefu.engine_process import PROJECT_DIR


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    places = {"KEFU_HOME": str(folder / "home"), "KEFU_MODELS_DIR": str(folder / "models")}
    return subprocess.Popen(
        [sys.executable, "-m", "kefu", *arguments],
        cwd=PROJECT_DIR,
        env=dict(os.environ) | places | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("arguments", [["train"], ["rasa", "--version"], ["nlu", "parse", "你好"]])
def test_a_missing_engine_is_one_sentence(tmp_path: Path, arguments: list[str]) -> None:
    process = start(tmp_path, *arguments, KEFU_ENGINE_PYTHON="/nope")
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1, said
    assert "/nope" in said
    assert "KEFU_ENGINE_PYTHON" in said


def test_a_training_that_is_told_to_end_leaves_nothing(tmp_path: Path) -> None:
    process = start(tmp_path, "train")
    models = tmp_path / "models"
    end = time.monotonic() + 60
    while not (models.is_dir() and any(models.iterdir())):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "no training began"
        time.sleep(0.05)
    trainers = psutil.Process(process.pid).children(recursive=True)
    assert trainers
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert not [trainer for trainer in trainers if trainer.is_running()]
    assert not list(models.iterdir())
