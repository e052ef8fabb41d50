"""Where this host's engines listen: a small file that their keeper writes and the desk reads."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from kefu.conversation import workers
from kefu.settings import Settings


class EngineState(StrEnum):
    """``draining``: no new turns begin on it; ``failed``: it does not come up, and is tried again;
    ``missing``: its archive is not in the store."""

    STARTING = "starting"
    READY = "ready"
    DRAINING = "draining"
    FAILED = "failed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Listed:
    """One engine: where it listens and how it is."""

    url: str
    state: EngineState


class Directory:
    """The file at ``path``. One process writes it, any number read it at each turn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self._keeper = ""
        self._engines: dict[str, Listed] = {}

    @classmethod
    def of(cls, settings: Settings) -> Directory:
        """That of the desk with these settings: two on one machine have a file each."""
        return cls(settings.home / f"engines-{settings.port}.json")

    def read(self) -> dict[str, Listed] | None:
        """The engines by their model; none of a keeper that has ended.

        ``None``: nobody keeps engines here, there is one at the address of the settings.
        """
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        mark = (found.st_mtime_ns, found.st_ino, found.st_size)
        if mark != self._seen:
            content: dict[str, Any] = json.loads(self._path.read_text(encoding="utf-8"))
            self._keeper = str(content["keeper"])
            self._engines = {
                sha256: Listed(str(one["url"]), EngineState(one["state"]))
                for sha256, one in content["engines"].items()
            }
            self._seen = mark
        if not workers.is_on_this_machine(self._keeper) or workers.is_gone(self._keeper):
            return {}
        return self._engines

    def write(self, engines: Mapping[str, Listed]) -> None:
        """Replace the file in one step."""
        content = {
            "keeper": workers.own_mark(),
            "engines": {
                sha256: {"url": one.url, "state": one.state.value}
                for sha256, one in engines.items()
            },
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.replace(draft, self._path)

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
