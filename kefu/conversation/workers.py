"""The names under which desks hold turns: ``host:pid:random``."""

from __future__ import annotations

import os
import socket
import uuid


def new_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_dead(worker: str) -> bool:
    """Whether a worker of this machine has ended; of other machines only the lease tells."""
    host, pid, _ = worker.rsplit(":", 2)
    if host != socket.gethostname():
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
