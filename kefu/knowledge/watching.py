"""Articles that are edited while the program runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from ruamel.yaml.error import YAMLError

from kefu.errors import KefuError
from kefu.knowledge.library import Library, open_library
from kefu.profiles import Profiles
from kefu.profiles.loading import DOMAIN
from kefu.settings import Settings

log = structlog.get_logger("kefu.knowledge")

LOOK_SECONDS = 2.0

Stamp = tuple[tuple[str, int, int], ...]


class LibraryWatch:
    """A library that follows its files. While they hold a fault it stays as it was."""

    def __init__(self, settings: Settings, profiles: Profiles) -> None:
        """Raises ``KnowledgeInvalid``."""
        self._settings = settings
        self._profiles = profiles
        # First the stamp: what is edited while the files are read is read again.
        self._seen = self._stamp()
        self.library: Library = open_library(settings, profiles)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.look)
            except Exception:
                log.exception("articles could not be looked after")

    def look(self) -> bool:
        """Whether edited articles have been taken up."""
        now = self._stamp()
        if now == self._seen:
            return False
        self._seen = now
        try:
            fresh = open_library(self._settings, self._profiles)
        except (KefuError, YAMLError, OSError, UnicodeDecodeError) as error:
            detail = error.detail if isinstance(error, KefuError) else str(error)
            log.warning("edited articles wait for a correction", reason=detail)
            return False
        self.library.renew(fresh)
        log.info("edited articles taken up")
        return True

    def _stamp(self) -> Stamp:
        folder = self._settings.profiles_dir.parent / "knowledge"
        return tuple(_about(path) for path in (*sorted(folder.rglob("*.md")), DOMAIN))


def _about(path: Path) -> tuple[str, int, int]:
    try:
        about = path.stat()
    except FileNotFoundError:
        return str(path), 0, 0
    return str(path), about.st_mtime_ns, about.st_size
