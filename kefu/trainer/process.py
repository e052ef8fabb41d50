"""An engine command as a child of the worker: followed by its progress, logged, ended on demand."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TextIO

from kefu.errors import KefuError
from kefu.privacy.mask import mask_log
from kefu.supervisor import die_with_parent

# Rasa's progress bars, each redrawn a hundred times.
_BAR = re.compile(r"Processed \w+: .*it/s")
TICK = 0.5
GRACE = 10.0


class CommandCancelled(KefuError):
    """The command was ended because somebody asked for it."""

    code: ClassVar[str] = "cancelled"
    title: ClassVar[str] = "任务已取消。"


class CommandFailed(KefuError):
    """The command ended with an error; the detail is what it said last."""

    code: ClassVar[str] = "command_failed"
    title: ClassVar[str] = "任务执行失败，请查看日志。"


@dataclass(slots=True)
class _Followed:
    """What the command has said: ``step`` is the last, ``tail`` its last words."""

    log: TextIO
    progress: int = 0
    step: str = "准备中"
    tail: list[str] = field(default_factory=list[str])

    def read(self, stream: TextIO) -> None:
        for line in stream:
            if not self._is_progress(line) and not _BAR.match(line):
                masked = mask_log(line.rstrip("\n"))
                self.log.write(masked + "\n")
                self.log.flush()
                if masked.strip():
                    self.tail = [*self.tail[-4:], masked.strip()]

    def _is_progress(self, line: str) -> bool:
        if not line.startswith('{"progress"'):
            return False
        with contextlib.suppress(ValueError, KeyError):
            told = json.loads(line)
            self.progress, self.step = int(told["progress"]), str(told["step"])
            self.log.write(f"[{self.progress:3d} %] {self.step}\n")
            self.log.flush()
            return True
        return False


def run_followed(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    report: Callable[[int, str], bool],
) -> str:
    """Run a command to its end; its standard output.

    ``report`` is told percentage and step about twice a second, and says whether to stop. The
    command leads a process group of its own, which is ended as a whole. Raises
    ``CommandCancelled`` or ``CommandFailed``.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as kept_log:
        followed = _Followed(kept_log)
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the worker's threads end with a command
        )
        assert process.stdout
        assert process.stderr
        output: list[str] = []
        readers = [
            threading.Thread(target=followed.read, args=(process.stderr,)),
            threading.Thread(target=output.extend, args=(process.stdout,)),
        ]
        try:
            for reader in readers:
                reader.start()
            stopped = _follow(process, followed, report)
        finally:
            end_group(process)
            for reader in readers:
                reader.join()
            process.stdout.close()
            process.stderr.close()
        if stopped:
            raise CommandCancelled("asked to stop")
        if process.returncode:
            raise CommandFailed(" / ".join(followed.tail) or f"exit code {process.returncode}")
        report(followed.progress, followed.step)
        return "".join(output)


def _follow(
    process: subprocess.Popen[str], followed: _Followed, report: Callable[[int, str], bool]
) -> bool:
    while True:
        try:
            process.wait(TICK)
        except subprocess.TimeoutExpired:
            if report(followed.progress, followed.step):
                return True
        else:
            return False


def end_group(process: subprocess.Popen[str]) -> None:
    """End the command and everything that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    deadline = time.monotonic() + GRACE
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            if time.monotonic() > deadline - GRACE / 2:
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.05)
    process.wait()
