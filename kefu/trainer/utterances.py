"""The utterances of the training data: look, add, change, remove; each change is one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kefu.trainer import files
from kefu.trainer.checks import Finding, check_text, refused
from kefu.trainer.corpus import Utterance
from kefu.trainer.errors import DataRefused, UtteranceUnknown
from kefu.trainer.examples import ExampleFile, one_line
from kefu.trainer.git import Author
from kefu.trainer.normal_form import normal
from kefu.trainer.workspace import Plan, Saved

if TYPE_CHECKING:
    from kefu.trainer.training_data import TrainingData

PAGE = 100


class Utterances:
    """Those of one workspace. Its methods block: call them in a thread."""

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        self._workspace = data.workspace

    def page(self, intent: str | None, q: str, number: int) -> dict[str, Any]:
        """One page of utterances, with the blobs of the files they stand in."""
        sought = normal(q)
        found = [
            each
            for each in self._data.current().utterances()
            if (intent is None or each.intent == intent) and sought in each.normal
        ]
        shown = found[(number - 1) * PAGE : number * PAGE]
        names = sorted({each.file for each in shown})
        return {
            "utterances": [
                {"file": each.file, "intent": each.intent, "text": each.text, "hand": each.hand}
                for each in shown
            ],
            "bases": {name: self._workspace.base(self._workspace.read(name)) for name in names},
            "total": len(found),
            "pages": -(-len(found) // PAGE),
        }

    def add(
        self,
        intent: str,
        texts: Sequence[str],
        author: Author,
        *,
        hand: str,
        fictitious: bool = False,
    ) -> Saved:
        """New utterances. Raises ``LabelUnknown``, ``DataRefused``, or what a save raises.

        ``fictitious``: the trainer says that numbers in them are made up.
        """
        new = [text for text in map(one_line, texts) if text]

        def make() -> Plan:
            file = self._data.require_intent(intent)
            self._refuse(new, intent, fictitious=fictitious)
            text = ExampleFile(self._workspace.read(file)).added(intent, hand, new)
            return Plan(
                {file: text},
                _message(f"{self._data.corpus.title_of(intent)}：新增 {len(new)} 条例句", new),
            )

        return self._data.save(make, author)

    def change(
        self,
        place: Mapping[str, str],
        new_text: str,
        author: Author,
        *,
        base: str | None,
        fictitious: bool = False,
    ) -> Saved:
        """Another wording; ``place`` has ``file``, ``intent``, ``text``.

        Raises ``UtteranceUnknown``, or ``EditedMeanwhile`` where the file was edited since ``base``
        and the utterance no longer stands in it; what others changed elsewhere in it stays.
        """
        old, new, intent = place["text"], one_line(new_text), place["intent"]

        def edit(text: str) -> str:
            return ExampleFile(text).changed(intent, old, new)

        def make() -> Plan:
            self._refuse([new], intent, instead=self._find(place), fictitious=fictitious)
            text = self._edited(place["file"], base, edit)
            message = _message(
                f"{self._data.corpus.title_of(intent)}：修改 1 条例句", [old, f"→ {new}"]
            )
            return Plan({place["file"]: text}, message)

        return self._data.save(make, author)

    def remove(self, place: Mapping[str, str], author: Author, *, base: str | None) -> Saved:
        """Without one utterance; errors as in ``change``."""
        intent, old = place["intent"], place["text"]

        def make() -> Plan:
            text = self._edited(
                place["file"], base, lambda text: ExampleFile(text).removed(intent, old)
            )
            message = _message(f"{self._data.corpus.title_of(intent)}：删除 1 条例句", [old])
            return Plan({place["file"]: text}, message)

        return self._data.save(make, author)

    def _refuse(
        self,
        texts: Sequence[str],
        intent: str,
        *,
        instead: Utterance | None = None,
        fictitious: bool,
    ) -> None:
        """Raises ``DataRefused`` for what would spoil the data, also by its own repetition."""
        corpus = self._data.current()
        instead_of = {instead.number} if instead else set[int]()
        found: list[Finding] = []
        seen: set[str] = set()
        for text in texts:
            found += refused(check_text(corpus, None, text, intent, instead_of=instead_of))
            if normal(text) in seen:
                hint = "这句话在本次添加中出现了两次。"
                found.append(Finding("duplicate", text, intent=intent, other=text, hint=hint))
            seen.add(normal(text))
        if fictitious:
            found = [finding for finding in found if finding.kind != "personal_data"]
        if found or not texts or not all(texts):
            raise DataRefused([finding.as_json() for finding in found])

    def _find(self, place: Mapping[str, str]) -> Utterance | None:
        wanted = (place["file"], place["intent"], place["text"])
        return next(
            (e for e in self._data.current().utterances() if (e.file, e.intent, e.text) == wanted),
            None,
        )

    def _edited(self, name: str, base: str | None, edit: Callable[[str], str]) -> str:
        """The file with ``edit``; a conflict where that no longer fits what others have made."""
        files.require_changeable(name)
        text = self._workspace.read(name)
        try:
            return edit(text)
        except UtteranceUnknown:
            if base is None or self._workspace.base(text) == base:
                raise
            before = self._workspace.repository.content_of(base)
            if before is None:
                raise
            raise self._workspace.conflict(name, edit(before.decode()), base) from None


def _message(summary: str, lines: Sequence[str]) -> str:
    """A commit's message: what was done, then the texts."""
    shown = [f"- {line}" for line in lines[:50]]
    return "\n".join([f"训练数据：{summary}", "", *shown])
