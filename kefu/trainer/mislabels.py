"""Utterances that are probably in the wrong intent, after the newest training run."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import structlog

from kefu.engine_process import engine_command, engine_environment
from kefu.settings import Settings
from kefu.trainer.checks import Finding
from kefu.trainer.corpus import Corpus
from kefu.trainer.workspace import write_file

PATIENCE = 120.0

log = structlog.get_logger("kefu.trainer")


class Mislabels:
    """Asks the engine's environment once per model and keeps the answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.home / "cache" / "mislabels"
        self._lock = threading.Lock()

    def findings(self, corpus: Corpus) -> list[Finding]:
        """Of the utterances that still stand where they stood; none where no model is at hand."""
        archive = self._newest()
        if archive is None:
            return []
        with self._lock:
            rows = self._kept(archive) or self._asked(archive)
        standing = {(each.intent, each.plain): each for each in corpus.utterances()}
        found: list[Finding] = []
        for row in rows:
            where = standing.get((row["intent"], row["text"]))
            if where:
                hint = (
                    f"这句话更像「{corpus.title_of(row['suggested'])}」"
                    f"（{row['suggested_probability']:.0%}），"
                    f"而不是「{corpus.title_of(row['intent'])}」（{row['probability']:.0%}），请确认归属。"
                )
                found.append(
                    Finding(
                        "likely_mislabel",
                        where.text,
                        where.file,
                        where.intent,
                        other_intent=row["suggested"],
                        hint=hint,
                    )
                )
        return found

    def _newest(self) -> Path | None:
        """The archive of the run that ended last."""
        cards: list[tuple[str, Path]] = []
        for path in self._settings.models_dir.glob("*.json"):
            try:
                trained_at = str(json.loads(path.read_text(encoding="utf-8"))["trained_at"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
            archive = path.with_suffix(".tar.gz")
            if archive.is_file():
                cards.append((trained_at, archive))
        return max(cards)[1] if cards else None

    def _kept(self, archive: Path) -> list[dict[str, Any]] | None:
        try:
            return json.loads(self._file(archive).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _asked(self, archive: Path) -> list[dict[str, Any]]:
        try:
            found = subprocess.run(
                engine_command(["mislabels", "--model", str(archive.resolve())]),
                env=engine_environment(self._settings),
                cwd=self._settings.home,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=True,
            )
            rows: list[dict[str, Any]] = json.loads(found.stdout)["likely"]
        except (OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            # The other checks are worth having without this one.
            log.warning("no word on likely mislabels", error=type(error).__name__)
            return []
        write_file(self._file(archive), json.dumps(rows, ensure_ascii=False))
        return rows

    def _file(self, archive: Path) -> Path:
        return self._folder / archive.name.replace(".tar.gz", ".json")
