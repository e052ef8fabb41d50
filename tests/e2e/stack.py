"""The real thing for tests: ``python -m kefu up`` with its processes and own databases."""

from __future__ import annotations

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psutil

from kefu.profiles import load_profiles
from kefu.shop import demo, migrate
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_post import post_office
from tests.shop_server import KEY, ShopServer

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 240.0
# For a shop whose service shares a busy machine with the tests; what happens to an answer that
# comes late is tested where the shop's service is late on purpose.
PATIENT = {
    "KEFU_SHOP_DEADLINE": "10",
    "KEFU_CARRIER_DEADLINE": "11",
    "KEFU_ACTION_DEADLINE": "20",
    "KEFU_ENGINE_DEADLINE": "25",
    "KEFU_TURN_LEASE": "35",
}
# The module that each process runs: what it is told to do may be the same.
PROCESS_MARKS = {"engine": "kefu_engine", "actions": "actions", "desk": "kefu"}


def free_ports() -> int:
    """A port that is free together with its two followers.

    Below those that the system gives to outgoing connections: none of these may take a port
    while its process starts, or restarts after a kill.
    """
    for _ in range(50):
        first = random.randrange(10_000, 32_000, 3)
        if all(is_free(first + step) for step in range(3)):
            return first
    raise AssertionError("no three free ports in a row")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def command_line(process: psutil.Process) -> list[str]:
    """The arguments of a process; none if it has just ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@dataclass
class Stack:
    """One running Kefu. ``home`` holds its databases; ``lines`` what it printed so far."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_ports)
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def admin_password(self) -> str:
        for line in self.lines:
            if found := re.search(r"with the password (\S+)", line):
                return found.group(1)
        raise AssertionError("no admin password was printed:\n" + "".join(self.lines))

    @property
    def shop_database(self) -> str:
        """Where the shop's data lie, also when Kefu reaches them over HTTP."""
        return f"sqlite:///{self.home / 'shop.db'}"

    def start(self) -> None:
        """Start and wait for the ready line."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("KEFU_")}
        environment |= {"KEFU_HOME": str(self.home), "KEFU_PORT": str(self.port), "KEFU_DEMO": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kefu", "up"],
            cwd=ROOT,
            env=environment | self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for_line("Kefu is ready", READY_WITHIN)

    def _read(self) -> None:
        assert self.process
        assert self.process.stdout
        with self.process.stdout as output:
            for line in output:
                self.lines.append(line)

    def wait_for_line(self, text: str, seconds: float, after: int = 0) -> None:
        """Wait until a line (from index ``after``) contains ``text``."""
        assert self.process
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if any(text in line for line in self.lines[after:]):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no line with {text!r}:\n" + "".join(self.lines[-60:]))

    def pid(self, name: str) -> int:
        """The process id of ``engine``, ``actions`` or ``desk``."""
        assert self.process
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for child in psutil.Process(self.process.pid).children():
                if PROCESS_MARKS[name] in command_line(child):
                    return child.pid
            time.sleep(0.05)
        raise AssertionError(f"no process {name}")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid(name), number)

    def wait_ready(self, seconds: float = 30) -> None:
        """Wait until /readyz says that every part answers."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.base_url}/readyz", timeout=2).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("not ready again:\n" + "".join(self.lines[-60:]))

    def waiting(self) -> set[str]:
        """The conversations that an agent finds waiting after logging in."""
        with httpx.Client(base_url=f"{self.base_url}/api/v1/desk", timeout=10) as agent:
            agent.headers["Origin"] = self.base_url
            body = {"username": "admin", "password": self.admin_password}
            agent.post("/login", json=body).raise_for_status()
            found = agent.get("/conversations", params={"state": "waiting"}).json()
        return {one["conversation_id"] for one in found["conversations"]}

    def stop(self) -> list[psutil.Process]:
        """Press Ctrl-C; the processes that were left behind (none, if all is well)."""
        if not self.process or self.process.poll() is not None:
            return []
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        _, left = psutil.wait_procs(family, timeout=1)
        return left


@contextmanager
def running_stack(home: Path, shop: str = "bundled", **env: str) -> Generator[Stack]:
    """A Kefu on the demo shop, which it reaches as ``shop`` says: ``bundled``, or over ``http``.

    It must leave no process behind.
    """
    with ExitStack() as services:
        stack = Stack(home=home, env=env)
        if shop == "http":
            migrate(stack.shop_database)
            demo.seed(stack.shop_database, datetime.now(UTC))
            stack.env |= PATIENT | services.enter_context(shop_over_http(home))
        try:
            stack.start()
            yield stack
        finally:
            left = stack.stop()
        assert not left, f"processes left behind: {left}"


@contextmanager
def shop_over_http(
    home: Path, profiles_dir: Path = ROOT / "data" / "profiles"
) -> Generator[dict[str, str]]:
    """A service for the shop in ``home/shop.db``, and the settings that lead a ``Stack`` to it.

    Like a real one it sends its own notices, into ``home/notices.log``.
    """
    url = f"sqlite:///{home / 'shop.db'}"
    profiles = load_profiles(profiles_dir)
    with (
        closing(SqlGateway(url, profiles.policies)) as bundled,
        ShopServer(bundled) as server,
        post_office(url, home, profiles),
    ):
        yield {"KEFU_SHOP_URL": server.url, "KEFU_SHOP_KEY": KEY}
