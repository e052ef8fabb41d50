"""Where pictures lie: ``<root>/<profile>/<two digits>/<id>.jpg``, readable by this user alone.

Several desks share one folder: a network file system or a mounted bucket.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from kefu.attachments.pictures import Picture


class Size(StrEnum):
    FULL = "full"
    THUMBNAIL = "thumbnail"


class PictureFiles:
    """Every method blocks: call it in a thread."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, profile: str, attachment_id: str, size: Size) -> Path:
        """Where it lies, if it is there."""
        suffix = ".jpg" if size is Size.FULL else ".thumbnail.jpg"
        return self._root / profile / attachment_id[:2] / f"{attachment_id}{suffix}"

    def keep(self, profile: str, attachment_id: str, picture: Picture) -> None:
        """Write both files; once this returns they survive a power cut."""
        full = self.path(profile, attachment_id, Size.FULL)
        for folder in (self._root, self._root / profile, full.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(self.path(profile, attachment_id, Size.THUMBNAIL), picture.thumbnail)
        _write(full, picture.content)
        _sync(full.parent)

    def remove(self, profile: str, attachment_id: str) -> None:
        """Remove both files; what is gone already is no error."""
        for size in Size:
            self.path(profile, attachment_id, size).unlink(missing_ok=True)

    def written_before(self, moment: datetime) -> Iterator[tuple[str, str]]:
        """Profile and id of every picture written before ``moment``, drafts included."""
        for path in self._root.glob("*/??/*"):
            with suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < moment:
                    yield path.parent.parent.name, path.name.partition(".")[0]

    def remove_drafts(self, profile: str, attachment_id: str) -> None:
        """Remove whatever bears this id, also what a crash left half-written."""
        for path in (self._root / profile / attachment_id[:2]).glob(f"{attachment_id}.*"):
            path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    """Under its name only once it is whole."""
    draft = path.with_name(f"{path.name}.draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
