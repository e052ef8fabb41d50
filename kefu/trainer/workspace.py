"""The project's files: read, and saved as one commit at a time.

A save holds a lock, so that two queue up. It notes what it is about to do before it does it: a
process that dies between writing and committing leaves a note that the next save carries out, or
takes back where only some of the files were written.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import structlog

from kefu.trainer.errors import (
    EditedMeanwhile,
    FileInvalid,
    FileUnknown,
    WorkspaceBusy,
    WorkspaceDirty,
)
from kefu.trainer.git import Author, Repository

LOCK = "kefu-trainer.lock"
NOTE = "kefu-trainer-save.json"
QUEUE_SECONDS = 20.0

log = structlog.get_logger("kefu.trainer")


@dataclass(frozen=True, slots=True)
class Plan:
    """New texts by path, and what the commit says of them."""

    texts: Mapping[str, str]
    message: str


@dataclass(frozen=True, slots=True)
class Saved:
    """``commit`` is empty where nothing had to change; ``bases``: the files' new blobs."""

    commit: str | None
    bases: dict[str, str]


class Workspace:
    """The folder of the Rasa project; its paths are relative, with slashes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.repository = Repository(self.folder)

    def path(self, name: str) -> Path:
        """Where a file of the workspace lies; raises ``FileUnknown`` for one outside of it."""
        parts = PurePosixPath(name).parts
        inside = parts and not name.startswith("/") and "\\" not in name and "\0" not in name
        if not inside or any(part in ("..", ".git") or part.startswith(".") for part in parts):
            raise FileUnknown("a path outside the workspace")
        path = self.folder.joinpath(*parts)
        if not path.resolve().is_relative_to(self.folder):
            raise FileUnknown("a path that leads outside the workspace")
        return path

    def read(self, name: str) -> str:
        """The file's text; raises ``FileUnknown`` or, if it is not UTF-8, ``FileInvalid``."""
        try:
            return self.path(name).read_bytes().decode()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise FileUnknown(f"no file {name}") from error
        except UnicodeDecodeError as error:
            raise FileInvalid(f"{name} is not UTF-8", title=f"{name} 不是 UTF-8 编码。") from error

    def base(self, text: str) -> str:
        """The blob id of a text, by which an edit names what it was made on."""
        return self.repository.blob(text.encode())

    def save(self, make: Callable[[], Plan], author: Author) -> Saved:
        """Carry out ``make``, which reads the files as they are, and commit what it plans.

        Raises what ``make`` raises, ``WorkspaceDirty``, ``WorkspaceBusy``, ``GitMissing``,
        ``NotVersioned`` or ``GitFailed``; then no file has changed.
        """
        with self._locked():
            self._repair()
            plan = make()
            texts = {name: text for name, text in plan.texts.items() if text != self._present(name)}
            if texts:
                dirty = self.repository.changed(sorted(texts))
                if dirty:
                    raise WorkspaceDirty(dirty)
            commit = self._write(texts, plan.message, author) if texts else None
            return Saved(commit, {name: self.base(text) for name, text in plan.texts.items()})

    def conflict(self, name: str, ours: str, base: str) -> EditedMeanwhile:
        """What a trainer is told whose edit was made on the blob ``base``, which is outdated."""
        theirs = self.read(name)
        before = self.repository.content_of(base)
        base_text = None if before is None else before.decode(errors="replace")
        merged = marked = None
        if base_text is not None:
            text, clean = self.repository.merge(ours, base_text, theirs)
            merged, marked = (text, None) if clean else (None, text)
        return EditedMeanwhile(
            name,
            theirs=theirs,
            theirs_base=self.base(theirs),
            base_text=base_text,
            merged=merged,
            marked=marked,
        )

    def _present(self, name: str) -> str | None:
        with contextlib.suppress(FileUnknown):
            return self.read(name)
        return None

    def _write(self, texts: Mapping[str, str], message: str, author: Author) -> str:
        before = {name: self._present(name) for name in texts}
        note = {
            "message": message,
            "author": asdict(author),
            "before": before,
            "after": dict(texts),
        }
        note_path = self.repository.git_folder / NOTE
        write_file(note_path, json.dumps(note, ensure_ascii=False))
        try:
            for name, text in texts.items():
                write_file(self.path(name), text)
            commit = self.repository.commit(sorted(texts), message, author)
        except BaseException:
            self._take_back(before)
            note_path.unlink(missing_ok=True)
            raise
        note_path.unlink(missing_ok=True)
        log.info("training data saved", commit=commit, files=sorted(texts))
        return commit

    def _take_back(self, before: Mapping[str, str | None]) -> None:
        for name, text in before.items():
            if text is None:
                self.path(name).unlink(missing_ok=True)
                self.repository.forget_new(name)
            else:
                write_file(self.path(name), text)

    def _repair(self) -> None:
        """Finish, or take back, what a process that died has left."""
        note_path = self.repository.git_folder / NOTE
        try:
            note: dict[str, Any] = json.loads(note_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        after: dict[str, str] = note["after"]
        before: dict[str, str | None] = note["before"]
        written = {name for name, text in after.items() if self._present(name) == text}
        if written == set(after):
            if self.repository.changed(sorted(after)):
                author = Author(**note["author"])
                commit = self.repository.commit(sorted(after), note["message"], author)
                log.warning("finished a save that had died", commit=commit)
        else:
            # A file that is neither is somebody's edit since: it stays.
            self._take_back({name: before[name] for name in written})
            log.warning("took back a save that had died", files=sorted(written))
        note_path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Generator[None]:
        """One save at a time, across threads and processes; raises ``WorkspaceBusy``."""
        with open(self.repository.git_folder / LOCK, "w") as lock:
            end = time.monotonic() + QUEUE_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > end:
                        raise WorkspaceBusy("the lock is held by another save") from error
                    time.sleep(0.02)
            yield


def write_file(path: Path, text: str) -> None:
    """Replace a file in one step; a reader, or a crash, sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with open(draft, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
