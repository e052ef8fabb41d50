"""What one turn costs as a talk grows: ``python -m benchmarks.turn``.

Starts the engine and a real action server on the engine's own test project, holds talks over HTTP
one message at a time, and prints the median and the 99th percentile (milliseconds) around given
turns, for turns without and with a custom action.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "engine/tests/project"
PYTHON = ROOT / "engine/.venv/bin/python"
SECRET = "benchmark"
AROUND = (5, 200, 500)
KINDS = {
    "without action": ["你好", "好的", "谢谢"],
    "with action": ["查订单", "升级会员"],
    # What a form adds: validation, and two predictions more.
    "in a form": ["我要退货", "订单号是KF0001", "你好", "不合适", "好的"],
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until_healthy(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise TimeoutError(f"nothing healthy on port {port}")


@contextlib.contextmanager
def process(port: int, *arguments: str) -> Generator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT / "engine"),
        "PYTHONWARNINGS": "ignore",
        "KEFU_ENGINE_SECRET": SECRET,
        "RASA_TELEMETRY_ENABLED": "false",
    }
    running = subprocess.Popen(
        [str(PYTHON), "-m", *arguments], cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_healthy(port)
        yield running
    finally:
        running.terminate()
        running.wait(30)


def train(folder: Path) -> Path:
    """A model of the test project without its custom slot extraction, a call in every turn."""
    project = shutil.copytree(PROJECT, folder / "project")
    domain = project / "domain.yml"
    text = domain.read_text(encoding="utf-8")
    domain.write_text(text.replace("  - action_validate_slot_mappings\n", ""), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine"), "PYTHONWARNINGS": "ignore"}
    command = [str(PYTHON), "-m", "kefu_engine", "train", "--out", str(folder)]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=True
    )
    return folder / f"{done.stdout.strip()}.tar.gz"


def turn(connection: http.client.HTTPConnection, text: str, tracker: Any) -> tuple[float, Any]:
    """Milliseconds from sending the request to having read the answer, and the new tracker."""
    body = {
        "turn_id": "t",
        "conversation_id": "c",
        "attempt": 1,
        "profile": "demo",
        "now": "2026-11-22T10:00:00+08:00",
        "tracker": tracker,
        "message": {"text": text},
        "turn_token": "t",
        "deadline": 9.0,
    }
    data = json.dumps(body)
    started = time.perf_counter()
    connection.request("POST", "/turn", data, {"X-Kefu-Engine-Secret": SECRET})
    response = connection.getresponse()
    raw = response.read()
    spent = (time.perf_counter() - started) * 1000
    answer = json.loads(raw)
    if response.status != 200:
        raise RuntimeError(answer)
    return spent, answer["tracker"]


def hold_talks(port: int, texts: list[str], talks: int) -> dict[int, list[float]]:
    """The milliseconds of the ten turns from each number in ``AROUND``."""
    spent: dict[int, list[float]] = {number: [] for number in AROUND}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for _ in range(talks):
        tracker: Any = None
        for number in range(1, max(AROUND) + 10):
            milliseconds, tracker = turn(connection, texts[(number - 1) % len(texts)], tracker)
            for around in AROUND:
                if around <= number < around + 10:
                    spent[around].append(milliseconds)
    return spent


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talks", type=int, default=5, help="talks of 500 turns per kind")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        model = train(Path(folder))
        actions, engine = free_port(), free_port()
        stack.enter_context(
            process(actions, "rasa_sdk", "--actions", "actions", "--port", str(actions))
        )
        started = time.monotonic()
        running = stack.enter_context(
            process(
                engine,
                *("kefu_engine", "serve", "--model", str(model), "--port", str(engine)),
                *("--actions", f"http://127.0.0.1:{actions}"),
            )
        )
        print(f"ready in {time.monotonic() - started:.2f} s")
        for kind, texts in KINDS.items():
            hold_talks(engine, texts, 1)
            for around, spent in hold_talks(engine, texts, options.talks).items():
                cuts = statistics.quantiles(spent, n=100, method="inclusive")
                print(f"{kind:15} turn {around:3}: p50 {cuts[49]:5.2f} ms  p99 {cuts[98]:6.2f} ms")
        status = Path(f"/proc/{running.pid}/status").read_text()
        peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        print(f"memory at its peak {int(peak) / 1024:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
