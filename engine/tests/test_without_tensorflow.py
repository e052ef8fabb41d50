"""The stock Rasa commands work without TensorFlow, and the engine starts fast and small."""

from __future__ import annotations

import contextlib
import http.server
import importlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from kefu_engine.without_tensorflow import Inert, TensorFlowMissing
from tests.conftest import ENGINE, Served, environment, free_port, run_engine, serving


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
        *("rasa", "test", "nlu", "--model", str(stock), "--nlu", "data/nlu"),
        *("--out", str(tmp_path / "results")),
    )
    assert judged.returncode == 0, judged.stderr
    assert (tmp_path / "results/intent_report.json").is_file()
    assert (tmp_path / "results/intent_confusion_matrix.png").stat().st_size > 10_000
    assert (tmp_path / "results/intent_histogram.png").stat().st_size > 10_000
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
    with action_server() as (url, tokens):
        spoken = subprocess.run(
            [
                *(sys.executable, "-m", "kefu_engine", "rasa", "shell", "--model", str(stock)),
                *("--endpoints", str(ENGINE.parent / "endpoints.yml"), "--port", str(free_port())),
            ],
            cwd=ENGINE / "tests/project",
            env=environment() | {"KEFU_ACTIONS_URL": url, "KEFU_TURN_TOKEN": "a-developer"},
            input="查订单\n/stop\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert "您有一个订单" in spoken.stdout, spoken.stderr
    assert set(tokens) == {"a-developer"}


@contextlib.contextmanager
def action_server() -> Generator[tuple[str, list[str | None]]]:
    """A server of the action protocol, with the turn tokens it was sent."""
    tokens: list[str | None] = []

    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            called = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            tokens.append(self.headers.get("X-Kefu-Turn-Token"))
            known = called["next_action"] == "action_order_status"
            responses = [{"text": "您有一个订单"}] if known else []
            body = json.dumps({"events": [], "responses": responses}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", tokens
        finally:
            server.shutdown()


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
