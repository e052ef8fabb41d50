"""One model of the small project, one real action server and one engine process for all tests."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import kefu_engine  # noqa: F401 - Rasa can only be imported after it
from kefu_engine import logs

logs.configure()

ENGINE = Path(__file__).parents[1]
PROJECT = Path(__file__).parent / "project"
SECRET = "engine-test-secret"
NOW = "2026-11-22T10:00:00+08:00"
# No proxy of the machine may come between the tests and their own servers.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ENGINE),
        "KEFU_ENGINE_SECRET": SECRET,
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "LC_ALL": "C.UTF-8",
    }


def run_engine(
    *arguments: str, cwd: Path = PROJECT, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kefu_engine", *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def call(
    url: str, body: Any = None, *, secret: str | None = SECRET, raw: bytes | None = None
) -> tuple[int, dict[str, Any]]:
    data = raw if raw is not None else None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers["X-Kefu-Engine-Secret"] = secret
    try:
        with HTTP.open(urllib.request.Request(url, data, headers), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@contextlib.contextmanager
def process(
    *command: str, health: str, log: Path, cwd: Path = PROJECT
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        running = subprocess.Popen(
            command, cwd=cwd, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            assert running.poll() is None, log.read_text()
            with contextlib.suppress(OSError):
                if call(health, secret=None)[0] == 200:
                    break
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield running
    finally:
        running.terminate()
        running.wait(30)


def turn_body(message: str | dict[str, Any], /, **given: Any) -> dict[str, Any]:
    return {
        "turn_id": "t1",
        "conversation_id": "c1",
        "attempt": 1,
        "profile": "demo",
        "now": NOW,
        "model": None,
        "tracker": None,
        "message": {"text": message} if isinstance(message, str) else message,
        "turn_token": "a-turn-token",
        "context": {},
        "thresholds": None,
        "masked_intents": [],
        "deadline": 9.0,
        **given,
    }


@dataclass
class Talk:
    """A conversation held over HTTP, as the desk holds it."""

    url: str
    tracker: dict[str, Any] | None = None
    replies: list[str | None] = field(default_factory=list)

    def say(self, message: str | dict[str, Any], **given: Any) -> dict[str, Any]:
        status, answer = self.try_to_say(message, **given)
        assert status == 200, answer
        self.tracker = answer["tracker"]
        self.replies = [reply["text"] for reply in answer["replies"]]
        return answer

    def try_to_say(self, message: str | dict[str, Any], **given: Any) -> tuple[int, dict[str, Any]]:
        body = turn_body(message, **{"tracker": self.tracker, **given})
        return call(f"{self.url}/turn", body)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def model_path(models: Path) -> Path:
    done = run_engine("train", "--out", str(models))
    assert done.returncode == 0, done.stderr
    # The hash stands alone on stdout: the supervisor reads it.
    return models / f"{done.stdout.strip()}.tar.gz"


@pytest.fixture(scope="session")
def actions_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = (sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port))
    log = tmp_path_factory.mktemp("actions") / "log"
    with process(*command, health=f"http://127.0.0.1:{port}/health", log=log):
        yield f"http://127.0.0.1:{port}"


@dataclass
class Served:
    url: str
    log: Path
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def serving(model: Path, actions: str, log: Path, *options: str) -> Iterator[Served]:
    port = free_port()
    command = (
        *(sys.executable, "-m", "kefu_engine", "serve", "--model", str(model)),
        *("--port", str(port), "--actions", actions, *options),
    )
    url = f"http://127.0.0.1:{port}"
    with process(*command, health=f"{url}/health", log=log) as running:
        yield Served(url, log, running)


@pytest.fixture(scope="session")
def engine(
    model_path: Path, actions_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    log = tmp_path_factory.mktemp("engine") / "log"
    with serving(model_path, actions_url, log) as served:
        yield served


@pytest.fixture
def talk(engine: Served) -> Talk:
    return Talk(engine.url)
