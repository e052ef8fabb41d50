"""Training data out of and into the workbench, in Rasa's own YAML."""

from __future__ import annotations

import difflib
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from kefu.trainer import files
from kefu.trainer.checks import Finding
from kefu.trainer.errors import (
    DataRefused,
    FileInvalid,
    FileUnknown,
    ImportInvalid,
    ImportOutdated,
)
from kefu.trainer.examples import ExampleFile
from kefu.trainer.git import Author
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Plan, Saved

HAND = "import"
LARGEST_ARCHIVE = 4 * 1024 * 1024
LARGEST_TEXT = 16 * 1024 * 1024
MOST_FILES = 200
# One fixed moment: the same data gives the same archive.
_MOMENT = (2020, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FileChange:
    """What an import does to one file; ``diff`` is a unified diff."""

    path: str
    added: int
    removed: int
    diff: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. ``digest`` names exactly that; ``findings`` forbid it.

    ``known`` counts utterances that are there already and are left out of a merge.
    """

    digest: str
    files: list[FileChange]
    findings: list[Finding]
    known: int

    def as_json(self) -> dict[str, Any]:
        return {
            "digest": self.digest,
            "files": [asdict(each) for each in self.files],
            "findings": [finding.as_json() for finding in self.findings],
            "known": self.known,
        }


def export(data: TrainingData) -> bytes:
    """A zip of what a model is trained from, under the names it has in the project."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files.shown(data.workspace.folder):
            if name.startswith(files.EXCHANGED):
                entry = zipfile.ZipInfo(name, _MOMENT)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data.workspace.read(name).encode())
    return out.getvalue()


def export_file(data: TrainingData, name: str) -> bytes:
    """One of these files; raises ``FileUnknown``."""
    files.require_shown(name)
    if not name.startswith(files.EXCHANGED):
        raise FileUnknown("not a file of the training data")
    return data.workspace.read(name).encode()


def preview(data: TrainingData, content: bytes) -> Preview:
    """What the upload would change. Raises ``ImportInvalid``, ``FileInvalid`` or ``FileFixed``.

    A zip replaces the files that it holds. A single file in Rasa's format brings utterances, each
    of which is put with its intent.
    """
    texts, known = _planned(data, content)
    return _preview(data, texts, known)


def carry_out(data: TrainingData, content: bytes, digest: str, author: Author) -> Saved:
    """Do what was shown under ``digest``, in one commit.

    Raises ``ImportOutdated``, ``DataRefused``, and what ``preview`` and a save raise.
    """

    def make() -> Plan:
        texts, known = _planned(data, content)
        shown = _preview(data, texts, known)
        if shown.digest != digest:
            raise ImportOutdated("the data is no longer as it was shown")
        if shown.findings:
            raise DataRefused([finding.as_json() for finding in shown.findings])
        lines = [f"- {each.path}: +{each.added} -{each.removed}" for each in shown.files]
        return Plan(texts, "\n".join([f"训练数据：导入 {len(lines)} 个文件", "", *lines]))

    return data.save(make, author)


def _preview(data: TrainingData, texts: Mapping[str, str], known: int) -> Preview:
    data.require_readable(texts)
    present = data.present(texts)
    changed = {name: text for name, text in texts.items() if present.get(name) != text}
    digest = hashlib.sha256()
    for name, text in sorted(changed.items()):
        for part in (name, present.get(name, ""), text):
            digest.update(hashlib.sha256(part.encode()).digest())
    changes = [_change(name, present.get(name, ""), text) for name, text in changed.items()]
    return Preview(digest.hexdigest(), changes, data.spoiled_by(changed), known)


def _change(name: str, before: str, after: str) -> FileChange:
    lines = list(
        difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm="", n=2
        )
    )
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    return FileChange(name, added, removed, "\n".join(lines))


def _planned(data: TrainingData, content: bytes) -> tuple[dict[str, str], int]:
    """New texts by path, and how many utterances were known."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        return _from_zip(content), 0
    return _merged(data, _text(content))


def _from_zip(content: bytes) -> dict[str, str]:
    texts: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(e.file_size for e in entries) > LARGEST_TEXT:
                raise ImportInvalid("too many or too large files")
            for entry in entries:
                files.require_changeable(entry.filename)
                texts[entry.filename] = _text(archive.read(entry))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise ImportInvalid(f"a zip that cannot be read: {type(error).__name__}") from error
    except FileUnknown as error:
        raise ImportInvalid(
            "a file that is none of the training data's",
            title="压缩包里有不属于训练数据的文件，请只保留 data/ 下的文件和 domain.yml。",
        ) from error
    if not texts:
        raise ImportInvalid("an empty archive")
    return texts


def _merged(data: TrainingData, text: str) -> tuple[dict[str, str], int]:
    """The topic files with the utterances of one file; what stands there already is left out."""
    try:
        examples = ExampleFile(text).examples
    except FileInvalid as error:
        raise ImportInvalid(error.detail, title=f"{ImportInvalid.title}{error.sentence}") from error
    if not examples:
        raise ImportInvalid("no utterance")
    corpus = data.current()
    new: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    known = 0
    for each in examples:
        if any(twin.intent == each.intent for twin in corpus.same(each.plain)):
            known += 1
            continue
        new[data.require_intent(each.intent)][each.intent].append(each.text)
    texts: dict[str, str] = {}
    for file, intents in new.items():
        merged = data.workspace.read(file)
        for intent, utterances in intents.items():
            merged = ExampleFile(merged).added(intent, HAND, utterances)
        texts[file] = merged
    return texts, known


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ImportInvalid("not UTF-8", title="文件不是 UTF-8 编码，请转换后再上传。") from error
