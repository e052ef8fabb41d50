"""Starts the servers that are compared, and says how long each took and what it holds in memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import psutil

from benchmarks.engine.talk import SECRET, turn_request

ROOT = Path(__file__).resolve().parents[2]
STOCK = ROOT / "benchmarks" / "stock"


class Server:
    """A process that answers on a port; ``ready`` is seconds from its start to its first answer."""

    def __init__(
        self, command: Sequence[str], env: dict[str, str], cwd: Path, probe: Callable[[], bool]
    ) -> None:
        started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(os.environ) | {"RASA_TELEMETRY_ENABLED": "false"} | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not probe():
            if self.process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {self.process.returncode}")
            time.sleep(0.02)
        self.ready = time.perf_counter() - started

    @property
    def memory(self) -> float:
        """Resident memory in MB, children included."""
        return sum(p.memory_info().rss for p in self._family()) / 1e6

    @property
    def cpu_seconds(self) -> float:
        """CPU time used so far, children included."""
        return sum(sum(p.cpu_times()[:2]) for p in self._family())

    def _family(self) -> list[psutil.Process]:
        whole = psutil.Process(self.process.pid)
        return [whole, *whole.children(recursive=True)]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def answers(url: str, **request: object) -> Callable[[], bool]:
    """A probe: whether ``url`` answers 2xx."""

    def probe() -> bool:
        try:
            method = "POST" if request else "GET"
            return httpx.request(method, url, timeout=30, **request).is_success  # type: ignore[arg-type]
        except httpx.TransportError:
            return False

    return probe


def action_server(port: int) -> Server:
    command = [sys.executable, "-m", "benchmarks.engine.canned_actions", str(port)]
    return Server(command, {}, ROOT, answers(f"http://127.0.0.1:{port}/health"))


def stock_server(
    model: Path, project: Path, port: int, credentials: str = "credentials.yml"
) -> Server:
    """Plain ``rasa run``; ready when its REST channel has answered a message."""
    command = [str(STOCK / ".venv/bin/rasa"), "run", "--model", str(model), "--port", str(port)]
    command += ["--endpoints", "endpoints.yml", "--credentials", credentials]
    url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
    probe = answers(url, json={"sender": "probe", "message": "你好"})
    return Server(command, {}, project, probe)


def engine_server(model: Path, project: Path, port: int, actions_port: int) -> Server:
    """Our engine; ready when a turn has been answered."""
    command = [str(ROOT / "engine/.venv/bin/python"), "-m", "kefu_engine", "serve"]
    command += ["--model", str(model), "--port", str(port)]
    command += ["--actions", f"http://127.0.0.1:{actions_port}"]
    env = {"PYTHONPATH": str(ROOT / "engine"), "KEFU_ENGINE_SECRET": SECRET}
    probe = answers(
        f"http://127.0.0.1:{port}/turn",
        json=turn_request("probe", None, "你好"),
        headers={"X-Kefu-Engine-Secret": SECRET},
    )
    return Server(command, env, project, probe)
