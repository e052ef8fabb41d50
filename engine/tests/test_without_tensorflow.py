"""The stock Rasa commands work without TensorFlow, and the engine starts fast and small."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kefu_engine.without_tensorflow import Inert, TensorFlowMissing
from tests.conftest import ENGINE, Served, environment, run_engine, serving


def python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(
        command, env=environment(), cwd=ENGINE, capture_output=True, text=True, check=False
    )


def test_a_component_that_needs_tensorflow_says_so() -> None:
    with pytest.raises(TensorFlowMissing):
        list(Inert.data)
    with pytest.raises(TensorFlowMissing):
        float(Inert.value())


def test_rasa_may_not_be_imported_first() -> None:
    done = python(
        "import sys, types; sys.modules['rasa'] = types.ModuleType('rasa'); import kefu_engine"
    )
    assert "kefu_engine must be imported before rasa" in done.stderr


def test_tensorflow_is_not_installed() -> None:
    done = python("import importlib.metadata as m; m.version('tensorflow')")
    assert "PackageNotFoundError" in done.stderr


def test_rasa_validates_the_data() -> None:
    done = run_engine("rasa", "data", "validate", "--fail-on-warnings")
    assert "No story structure conflicts found" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_rasa_trains_and_tests_and_talks(tmp_path: Path) -> None:
    trained = run_engine("rasa", "train", "--out", str(tmp_path), "--fixed-model-name", "stock")
    assert trained.returncode == 0, trained.stderr
    stock = tmp_path / "stock.tar.gz"
    judged = run_engine(
        *("rasa", "test", "nlu", "--model", str(stock), "--nlu", "data/nlu", "--no-plot"),
        *("--out", str(tmp_path / "results")),
    )
    assert judged.returncode == 0, judged.stderr
    assert (tmp_path / "results/intent_report.json").is_file()
    spoken = subprocess.run(
        [sys.executable, "-m", "kefu_engine", "rasa", "shell", "nlu", "--model", str(stock)],
        cwd=ENGINE / "tests/project",
        env=environment(),
        input="谢谢\n/stop\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert '"name": "thanks"' in spoken.stdout, spoken.stderr


def test_the_engine_is_ready_in_four_seconds_and_300_megabytes(
    model_path: Path, actions_url: str, tmp_path: Path
) -> None:
    fastest = 60.0
    for attempt in range(3):
        started = time.monotonic()
        with serving(model_path, actions_url, tmp_path / f"log{attempt}") as served:
            fastest = min(fastest, time.monotonic() - started)
            assert resident_megabytes(served) < 300
        if fastest < 4:
            break
    assert fastest < 4


def resident_megabytes(served: Served) -> float:
    status = Path(f"/proc/{served.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def test_other_libraries_are_told_that_nothing_is_a_tensor() -> None:
    tensorflow = importlib.import_module("tensorflow")
    assert tensorflow.is_tensor([1.0]) is False
