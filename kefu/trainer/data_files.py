"""The files of the training data: listed, read, saved whole or by an edit; each one commit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kefu.trainer import articles, files
from kefu.trainer.git import Author
from kefu.trainer.workspace import Plan, Saved

if TYPE_CHECKING:
    from kefu.trainer.training_data import TrainingData


class DataFiles:
    """Those of one workspace. Its methods block: call them in a thread."""

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self._workspace = data.workspace

    def listing(self) -> list[dict[str, Any]]:
        """The files that the workbench shows."""
        return [
            {
                "path": name,
                "title": articles.title_of(self._workspace.folder / name),
                "fixed": files.is_fixed(name),
            }
            for name in files.shown(self._workspace.folder)
        ]

    def read(self, name: str) -> dict[str, Any]:
        """A file's text and blob; raises ``FileUnknown``."""
        files.require_shown(name)
        text = self._workspace.read(name)
        return {"path": name, "text": text, "base": self._workspace.base(text)}

    def put(self, name: str, text: str, base: str | None, author: Author) -> Saved:
        """A whole file, made on the blob ``base`` (``None``: a new file).

        Raises ``EditedMeanwhile``, ``FileInvalid``, ``FileFixed``, ``FileUnknown``,
        ``DataRefused``, or what a save raises.
        """
        files.require_changeable(name)

        def make() -> Plan:
            exists = self._workspace.path(name).is_file()
            present = self._workspace.read(name) if exists else None
            if (present is None) != (base is None) or (
                present is not None and self._workspace.base(present) != base
            ):
                raise self._workspace.conflict(name, text, base or "")
            self._data.require_fit({name: text})
            verb = "修改" if exists else "新建"
            return Plan({name: text}, f"{verb}文件 {name}")

        return self._data.save(make, author)

    def edit(self, name: str, edit: Callable[[str], str], message: str, author: Author) -> Saved:
        """A change that names its lines by what they hold: what others change meanwhile stays."""
        files.require_changeable(name)

        def make() -> Plan:
            text = edit(self._workspace.read(name))
            self._data.require_readable({name: text})
            return Plan({name: text}, message)

        return self._data.save(make, author)

    def edit_at(
        self, name: str, edit: Callable[[str], str], message: str, author: Author, base: str
    ) -> Saved:
        """A change that names its lines by their place: raises ``EditedMeanwhile`` where the file
        is no longer the blob ``base``."""
        files.require_changeable(name)

        def make() -> Plan:
            present = self._workspace.read(name)
            if self._workspace.base(present) != base:
                before = self._workspace.repository.content_of(base)
                ours = present if before is None else edit(before.decode())
                raise self._workspace.conflict(name, ours, base)
            text = edit(present)
            self._data.require_readable({name: text})
            return Plan({name: text}, message)

        return self._data.save(make, author)
