"""The workspace's state: which commit its data are of, and a copy that stays as it is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

# What a model is made of, as in the engine's training.
INPUTS = ("data", "domain.yml", "config.yml")
DIRTY = "-dirty"


def data_commit(workspace: Path) -> str | None:
    """The commit of the workspace, ``-dirty`` behind it where its data differ from the commit.

    ``None`` without git, or where the workspace is no checkout.
    """
    commit = _git(workspace, "rev-parse", "HEAD")
    if not commit:
        return None
    changed = _git(workspace, "status", "--porcelain", "--", *INPUTS)
    return commit + (DIRTY if changed else "")


def take_snapshot(workspace: Path, folder: Path) -> None:
    """Copy the inputs into ``folder``: what trainers save meanwhile is for the next run."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in INPUTS:
        source = workspace / name
        if source.is_dir():
            shutil.copytree(source, folder / name, dirs_exist_ok=True)
        elif source.is_file():
            shutil.copy2(source, folder / name)


def _git(workspace: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(workspace), *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
