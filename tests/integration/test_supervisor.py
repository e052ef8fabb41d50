"""Real child processes: small HTTP servers, killed, refusing to start, ignoring SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import structlog.testing

from kefu.supervisor import Program, StartFailed, Supervisor

SERVER = """
import http.server, pathlib, signal, sys
{prelude}
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *a): pass
with open(sys.argv[2], "a") as f: f.write("started\\n")
http.server.HTTPServer.allow_reuse_address = True
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def server(folder: Path, name: str = "one", prelude: str = "") -> Program:
    script = folder / f"{name}.py"
    script.write_text(SERVER.format(prelude=prelude))
    port = free_port()
    starts = folder / f"{name}.starts"
    return Program(
        name,
        [sys.executable, str(script), str(port), str(starts)],
        f"http://127.0.0.1:{port}/",
        dict(os.environ),
        folder,
    )


async def start(supervisor: Supervisor) -> asyncio.Task[None]:
    ready = asyncio.Event()
    running = asyncio.create_task(supervisor.run(ready))
    await asyncio.wait_for(ready.wait(), 20)
    return running


def children() -> list[psutil.Process]:
    return [c for c in psutil.Process().children(recursive=True) if c.is_running()]


async def test_what_is_killed_comes_back_and_stop_leaves_nothing(tmp_path: Path) -> None:
    program = server(tmp_path)
    supervisor = Supervisor([program])
    running = await start(supervisor)
    (first,) = [c for c in children() if "one.py" in " ".join(c.cmdline())]
    os.kill(first.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while (tmp_path / "one.starts").read_text().count("started") < 2:
        assert time.monotonic() < end, "not restarted"
        await asyncio.sleep(0.05)
    supervisor.stop()
    await asyncio.wait_for(running, 10)
    assert not [c for c in children() if "one.py" in " ".join(c.cmdline())]


async def test_a_process_that_never_gets_ready_ends_the_start_and_the_others(
    tmp_path: Path,
) -> None:
    broken = server(tmp_path, "broken", "sys.exit(3)")
    supervisor = Supervisor([server(tmp_path), broken], ready_within=2)
    with pytest.raises(StartFailed, match="broken"):
        await asyncio.wait_for(supervisor.run(), 15)
    assert not [c for c in children() if str(tmp_path) in " ".join(c.cmdline())]


async def test_one_that_ignores_the_request_to_end_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.supervisor.STOP_GRACE", 0.5)
    deaf = server(tmp_path, "deaf", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")
    supervisor = Supervisor([deaf])
    running = await start(supervisor)
    supervisor.stop()
    await asyncio.wait_for(running, 10)
    assert not [c for c in children() if "deaf.py" in " ".join(c.cmdline())]


async def test_what_cannot_be_started_at_all_is_said_and_tried_again(tmp_path: Path) -> None:
    program = server(tmp_path)
    python = tmp_path / "python"
    supervisor = Supervisor([replace(program, command=[str(python), *program.command[1:]])])
    with structlog.testing.capture_logs() as said:
        ready = asyncio.Event()
        running = asyncio.create_task(supervisor.run(ready))
        await asyncio.sleep(0.1)
        assert [entry["event"] for entry in said] == ["process could not be started, trying again"]
        assert "No such file" in said[0]["error"]
        python.symlink_to(sys.executable)
        await asyncio.wait_for(ready.wait(), 20)
        supervisor.stop("SIGTERM")
        await asyncio.wait_for(running, 10)
    assert [entry["reason"] for entry in said if entry["event"] == "stopping"] == ["SIGTERM"]


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_children_end_when_the_supervisor_itself_is_killed(tmp_path: Path) -> None:
    program = server(tmp_path)
    script = tmp_path / "supervise.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import asyncio, os, pathlib
            from kefu.supervisor import Program, Supervisor
            asyncio.run(Supervisor([Program("one", {list(program.command)!r}, {program.health!r},
                dict(os.environ), pathlib.Path({str(tmp_path)!r}))]).run())
            """
        )
    )
    environment = dict(os.environ) | {"PYTHONPATH": os.getcwd()}
    supervisor = subprocess.Popen(
        [sys.executable, str(script)],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 15
    while not (tmp_path / "one.starts").exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    family = psutil.Process(supervisor.pid).children(recursive=True)
    supervisor.kill()
    supervisor.wait()
    _, alive = psutil.wait_procs(family, timeout=5)
    assert not alive
