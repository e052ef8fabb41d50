"""The names of processes: ``machine:pid:random``, or with their start time to tell for sure."""

from __future__ import annotations

import hashlib
import os
import socket
import uuid
from functools import cache
from pathlib import Path


def new_name() -> str:
    return f"{_machine()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def own_mark() -> str:
    """This process, told apart from a later one with the same process id."""
    return f"{_machine()}:{os.getpid()}:{_start_of(os.getpid())}"


def is_on_this_machine(mark: str) -> bool:
    """Whether the process ids of ``mark`` are those of this machine, since its last start."""
    return mark.rsplit(":", 2)[0] == _machine()


def is_gone(mark: str) -> bool:
    """Whether the process of ``own_mark`` has ended; of other machines nobody here can tell."""
    _, pid, start = mark.rsplit(":", 2)
    return is_on_this_machine(mark) and _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """In clock ticks since the machine's start; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        # Without /proc only the process id tells.
        return "" if Path("/proc/self").exists() else _is_there(pid)
    # The command's name, in brackets, may hold anything.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _is_there(pid: int) -> str:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "running"


def is_dead(worker: str) -> bool:
    """Whether a worker of this machine has ended; of other machines only the lease tells."""
    machine, pid, _ = worker.rsplit(":", 2)
    if machine != _machine():
        return False
    if int(pid) == os.getpid():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _machine() -> str:
    """Where process ids mean the same: containers may share a host name and not their processes."""
    marks: list[str] = []
    for mark in (Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")):
        try:
            marks.append(str(mark.readlink()) if mark.is_symlink() else mark.read_text().strip())
        except OSError:
            continue
    digest = hashlib.sha256(" ".join(marks).encode()).hexdigest()[:12]
    return f"{socket.gethostname()}/{digest}"
