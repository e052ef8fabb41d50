"""The project's git, through its command line in a clean environment."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kefu.errors import KefuError
from kefu.trainer.errors import GitFailed, GitMissing, NotVersioned, WorkspaceBusy

PATIENCE = 30.0
# Another git command holds the index for moments only.
LOCK_TRIES, LOCK_PAUSE = 20, 0.1
# What a project of Kefu's certainly tracks: else the folder only lies inside some other checkout.
LANDMARK = "domain.yml"

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.autocrlf=false",
    "core.quotePath=false",
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "gc.auto=0",
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changed something: a trainer's name and user name."""

    name: str
    username: str

    @property
    def email(self) -> str:
        """Nobody's mailbox (RFC 2606)."""
        return f"{_plain(self.username) or 'trainer'}@kefu.invalid"


@dataclass(frozen=True, slots=True)
class Commit:
    """``at`` is ISO 8601; ``files`` are relative to the workspace."""

    commit: str
    author: str
    at: str
    message: str
    files: tuple[str, ...]


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c not in "<>").strip()


class Repository:
    """The checkout that holds ``folder``; paths are relative to ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def git_folder(self) -> Path:
        """Raises ``GitMissing``, ``NotVersioned`` or ``GitFailed``."""
        found = self._run("rev-parse", "--absolute-git-dir", check=False)
        if found.returncode:
            words = _words(found)
            if "dubious ownership" in words:
                raise GitFailed(
                    words,
                    title="项目文件夹属于另一个系统用户，git 拒绝写入。请让管理员执行 "
                    f"git config --global --add safe.directory {self.folder.resolve()}",
                )
            raise NotVersioned(words)
        if self._run("ls-files", "--error-unmatch", "--", LANDMARK, check=False).returncode:
            raise NotVersioned(f"{LANDMARK} is not tracked")
        return Path(found.stdout.decode().strip())

    def blob(self, content: bytes) -> str:
        """The id that git gives to this content."""
        found = self._run("hash-object", "--stdin", "--no-filters", given=content)
        return found.stdout.decode().strip()

    def content_of(self, blob: str) -> bytes | None:
        """What a blob holds; ``None`` if there is no such blob."""
        if not blob.isalnum():
            return None
        found = self._run("cat-file", "blob", blob, check=False)
        return None if found.returncode else found.stdout

    def blob_at_head(self, path: str) -> str | None:
        found = self._run("rev-parse", "--verify", "--quiet", f"HEAD:./{path}", check=False)
        return None if found.returncode else found.stdout.decode().strip()

    def changed(self, paths: Sequence[str]) -> list[str]:
        """Those of ``paths`` that differ from the last commit, staged or not."""
        found = self._run(
            "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *paths
        )
        if not found.stdout:
            return []
        return [path for path in paths if self._run("status", "-s", "--", path).stdout]

    def head(self) -> str | None:
        found = self._run("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        return None if found.returncode else found.stdout.decode().strip()

    def commit(self, paths: Sequence[str], message: str, author: Author) -> str:
        """Commit these files as they stand, and nothing else that is staged or changed."""
        who = {
            "GIT_AUTHOR_NAME": _plain(author.name) or _plain(author.username) or "trainer",
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": "Kefu",
            "GIT_COMMITTER_EMAIL": "kefu@kefu.invalid",
        }
        self._locking("add", "--intent-to-add", "--", *paths)
        options = ("--only", "--no-verify", "--quiet", "--cleanup=verbatim", "--file=-")
        self._locking("commit", *options, "--", *paths, given=message.encode(), more=who)
        return self.head() or ""

    def forget_new(self, path: str) -> None:
        """Take back ``add --intent-to-add`` for a file that is gone again."""
        self._locking("rm", "--cached", "--quiet", "--ignore-unmatch", "--", path)

    def log(self, paths: Sequence[str], limit: int = 100) -> list[Commit]:
        """The newest commits that touched ``paths``."""
        form = "%x1e%H%x1f%an%x1f%aI%x1f%B%x1f"
        found = self._run(
            "log", f"-{limit}", f"--format={form}", "--name-only", "--relative", "--", *paths
        )
        commits: list[Commit] = []
        for record in found.stdout.decode(errors="replace").split("\x1e")[1:]:
            commit, author, at, message, files = record.split("\x1f")
            names = tuple(line for line in files.splitlines() if line)
            commits.append(Commit(commit, author, at, message.strip(), names))
        return commits

    def merge(self, ours: str, base: str, theirs: str) -> tuple[str, bool]:
        """The three-way merge, and whether it is free of conflicts."""
        with tempfile.TemporaryDirectory(prefix="kefu-merge-") as folder:
            names: list[str] = []
            for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
                path = Path(folder) / name
                path.write_bytes(text.encode())
                names.append(str(path))
            labels = ("-L", "您的修改", "-L", "原文", "-L", "对方的修改")
            found = self._run("merge-file", "-p", "--diff3", *labels, *names, check=False)
        if found.returncode < 0 or found.returncode > 127:
            raise GitFailed(_words(found))
        return found.stdout.decode(), found.returncode == 0

    def _locking(
        self, *arguments: str, given: bytes | None = None, more: dict[str, str] | None = None
    ) -> None:
        """A command that needs the index; another that holds it is waited for."""
        tries = 0
        while True:
            found = self._run(*arguments, given=given, more=more, check=False)
            if not found.returncode:
                return
            tries += 1
            if "index.lock" not in _words(found) or tries == LOCK_TRIES:
                raise _refusal(found)
            time.sleep(LOCK_PAUSE)

    def _run(
        self,
        *arguments: str,
        given: bytes | None = None,
        more: dict[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        options = [part for setting in _SETTINGS for part in ("-c", setting)]
        try:
            found = subprocess.run(
                ["git", *options, *arguments],
                cwd=self.folder,
                env=_environment() | (more or {}),
                input=given if given is not None else b"",
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise NotVersioned(f"{self.folder} does not exist") from error
            raise GitMissing("git is not on the PATH") from error
        except subprocess.TimeoutExpired as error:
            raise WorkspaceBusy(f"git {arguments[0]} took over {PATIENCE:g} s") from error
        if check and found.returncode:
            raise GitFailed(f"git {arguments[0]}: {_words(found)}")
        return found


def _environment() -> dict[str, str]:
    """Nothing of git's own settings by variable, English words, no question to anyone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"LC_ALL": "C", "LANGUAGE": "C", "GIT_TERMINAL_PROMPT": "0"}


def _words(found: subprocess.CompletedProcess[bytes]) -> str:
    return found.stderr.decode(errors="replace").strip()[-500:]


def _refusal(found: subprocess.CompletedProcess[bytes]) -> KefuError:
    words = _words(found)
    if "index.lock" in words:
        return WorkspaceBusy(words)
    if "during a merge" in words or "during a cherry-pick" in words or "during a rebase" in words:
        return GitFailed(
            words, title="项目正在合并代码，暂时不能保存。请让管理员完成或取消合并后再试。"
        )
    return GitFailed(words)
