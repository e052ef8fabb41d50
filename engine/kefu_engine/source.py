"""Fingerprints of the files that a trained component depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def source_fingerprint(*paths: str | Path) -> str:
    """SHA-256 over names and contents of ``paths``, in the given order.

    Rasa's training cache knows a component's class source and config only; whatever else decides
    the outcome (helper modules, dictionaries, patterns) has to be named here.
    """
    digest = hashlib.sha256()
    for path in map(Path, paths):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def data_files(folder: str | Path, suffixes: Iterable[str]) -> list[Path]:
    """The files of ``folder`` with one of ``suffixes``, by name."""
    wanted = frozenset(suffixes)
    return sorted(path for path in Path(folder).iterdir() if path.suffix in wanted)
