"""Training: the project's files in, ``models/<sha256>.tar.gz`` and its card out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import platform
import sys
import tarfile
import tempfile
import time
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kefu_engine import RASA_VERSION, progress
from kefu_engine.errors import EngineError

TRAINING_DATA = ("data/nlu", "data/rules", "data/stories")
TITLES = "data/intents.yml"
INPUTS = (*TRAINING_DATA, "data/dictionary", "data/entities", TITLES, "domain.yml", "config.yml")


class TrainingFailed(EngineError):
    """Rasa trained no model; what it said stands on stderr."""

    code = "training_failed"
    title = "模型训练失败。"


def inputs_sha256(project: Path) -> str:
    """The hash of everything a model is made of: data, configuration and the engine's source."""
    digest = hashlib.sha256(f"rasa {RASA_VERSION} python {platform.python_version()}\n".encode())
    source = Path(__file__).parent
    for root, path in (*_project_files(project), *((source, one) for one in _files(source))):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def train(project: Path, out: Path, *, if_changed: bool, note: dict[str, Any] | None = None) -> str:
    """The SHA-256 of a model trained on ``project``'s files, written into the folder ``out``.

    With ``if_changed`` the newest model of the same inputs is returned instead, if there is one.
    ``note`` is kept in the card beside what is known here.
    Raises ``TrainingFailed``.
    """
    out = out.resolve()
    inputs = inputs_sha256(project)
    if if_changed and (known := _trained_on(inputs, out)):
        return known
    out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    progress.tell(2, "读取训练数据")
    with (
        tempfile.TemporaryDirectory(dir=out) as folder,
        _saying_on_stderr(),
        _reading_utterances_once(),
        progress.following_rasa(),
    ):
        archive = _run_rasa(project, Path(folder))
        seconds = time.monotonic() - started
        progress.tell(97, "保存模型")
        sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
        card = {
            **(note or {}),
            "sha256": sha256,
            "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
            "inputs_sha256": inputs,
            **_contents(project),
            "understanding": _understanding(archive),
            "python": platform.python_version(),
            "rasa": RASA_VERSION,
        }
        draft = Path(folder) / "card.json"
        draft.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        # The card last: a model without a card does not count as trained.
        os.replace(archive, out / f"{sha256}.tar.gz")
        os.replace(draft, out / f"{sha256}.json")
    return sha256


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    )


def _project_files(project: Path) -> Iterator[tuple[Path, Path]]:
    for name in INPUTS:
        path = project / name
        if path.is_dir():
            yield from ((project, one) for one in _files(path))
        elif path.is_file():
            yield project, path


def _cards(out: Path) -> Iterator[dict[str, Any]]:
    for path in out.glob("*.json"):
        with contextlib.suppress(ValueError):
            card = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(card, dict) and card.get("sha256") == path.stem:
                yield card


def _trained_on(inputs: str, out: Path) -> str | None:
    fitting = [
        card
        for card in _cards(out)
        if card.get("inputs_sha256") == inputs and (out / f"{card['sha256']}.tar.gz").is_file()
    ]
    newest = max(fitting, key=lambda card: card["trained_at"], default=None)
    return newest["sha256"] if newest else None


@contextlib.contextmanager
def _saying_on_stderr() -> Generator[None]:
    """Keep stdout for the hash: Rasa prints there, and by default every step of every rule."""
    import structlog

    logging.basicConfig(level=logging.WARNING)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with contextlib.redirect_stdout(sys.stderr):
        yield


@contextlib.contextmanager
def _reading_utterances_once() -> Generator[None]:
    """Rasa parses the same utterances five times in one training, and copies what it gets."""
    from rasa.shared.importers.rasa import RasaFileImporter

    importer: Any = RasaFileImporter
    read = importer.get_nlu_data
    known: dict[tuple[str, ...], Any] = {}

    def read_once(self: Any, language: str = "en") -> Any:
        key = (language, *self._nlu_files)
        if key not in known:
            known[key] = read(self, language)
        return known[key]

    importer.get_nlu_data = read_once
    try:
        yield
    finally:
        importer.get_nlu_data = read


def _run_rasa(project: Path, out: Path) -> Path:
    # Rasa's cache does not see a changed dictionary or helper module, so it is never consulted.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ["TQDM_DISABLE"] = "1"
    from rasa.engine.exceptions import GraphComponentException, GraphSchemaValidationException
    from rasa.model_training import train as train_rasa
    from rasa.shared.exceptions import RasaException

    with contextlib.chdir(project):
        data = [name for name in TRAINING_DATA if Path(name).exists()]
        try:
            result = train_rasa(
                "domain.yml", "config.yml", data, output=str(out), force_training=True
            )
        except (RasaException, GraphComponentException, GraphSchemaValidationException) as error:
            raise TrainingFailed(f"{error} {error.__cause__ or ''}".strip()) from error
    if result.code != 0 or not result.model:
        raise TrainingFailed(f"rasa train ended with code {result.code}")
    return Path(result.model)


def _contents(project: Path) -> dict[str, Any]:
    """What the model is made of: how much, and what people call its intents."""
    from rasa.shared.core.training_data.structures import RuleStep
    from rasa.shared.importers.rasa import RasaFileImporter

    with contextlib.chdir(project):
        data = [name for name in TRAINING_DATA if Path(name).exists()]
        # The plain importer: Rasa's own stack of them adds action names as one more intent.
        importer = RasaFileImporter("config.yml", "domain.yml", data)
        nlu, stories, domain = (
            importer.get_nlu_data("zh"),
            importer.get_stories(),
            importer.get_domain(),
        )
    rules = sum(isinstance(step, RuleStep) for step in stories.story_steps)
    counts = {
        "intents": len(nlu.intents),
        "examples": len(nlu.intent_examples),
        "rules": rules,
        "stories": len(stories.story_steps) - rules,
        "slots": len(domain.slots),
        "forms": len(domain.form_names),
        "actions": len(domain.user_actions),
    }
    return {"counts": counts, "titles": _titles(project / TITLES)}


def _titles(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return dict(YAML(typ="safe").load(path) or {}) if path.is_file() else {}


def _understanding(archive: Path) -> dict[str, Any] | None:
    """How sure the model may be: its thresholds and what cross-validation says of them.

    Null for a pipeline whose intent classifier is not ours.
    """
    with tarfile.open(archive) as members:
        for member in members:
            if member.name.endswith("/intent_classifier.json"):
                file = members.extractfile(member)
                assert file is not None
                calibration = json.load(file)["calibration"]
                thresholds = calibration["thresholds"]
                return {
                    "thresholds": {name: thresholds[name] for name in ("answer", "clarify")},
                    "cross_validation": {
                        "accuracy": calibration["accuracy"],
                        "answered": thresholds["coverage"],
                    },
                }
    return None
