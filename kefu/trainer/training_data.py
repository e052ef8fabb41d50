"""What a trainer does with the training data: look, change, check; each change is one commit."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kefu.trainer import answers, articles, dictionary, files
from kefu.trainer.checks import Finding, check_all, check_text, refused
from kefu.trainer.corpus import Corpus, Utterance
from kefu.trainer.errors import DataRefused, LabelUnknown, UtteranceUnknown
from kefu.trainer.examples import ExampleFile, one_line
from kefu.trainer.git import Author
from kefu.trainer.intents import pinyin_initials
from kefu.trainer.normal_form import normal
from kefu.trainer.word_cuts import DICTIONARY, ENTITIES, WordCutter
from kefu.trainer.workspace import Plan, Saved, Workspace

PAGE = 100
HISTORY = ("data", files.DOMAIN)


class TrainingData:
    """The data of one workspace. Its methods block: call them in a thread."""

    def __init__(self, workspace: Workspace, cache: Path) -> None:
        self.workspace = workspace
        self.corpus = Corpus(workspace.folder)
        self.cutter = WordCutter(workspace.folder, cache)
        self._reading = threading.Lock()

    def current(self) -> Corpus:
        """The corpus as the files stand now."""
        with self._reading:
            self.corpus.refresh()
        return self.corpus

    def intents(self) -> list[dict[str, Any]]:
        """Every trained intent with its title, file, number of utterances and who wrote them."""
        hands: defaultdict[str, Counter[str]] = defaultdict(Counter)
        places: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for each in self.current().utterances():
            hands[each.intent][each.hand] += 1
            places[each.intent][each.file] += 1
        known = self.corpus.intents()
        return [
            {
                "name": intent,
                "title": known.title(intent),
                "pinyin_initials": pinyin_initials(known.title(intent)),
                "topic_file": places[intent].most_common(1)[0][0],
                "count": counted.total(),
                "hands": dict(counted.most_common()),
            }
            for intent, counted in hands.items()
        ]

    def entity_names(self) -> list[str]:
        """The entities that the domain declares."""
        return answers.entities_of(self.workspace.read(files.DOMAIN))

    def utterances(self, intent: str | None, q: str, page: int) -> dict[str, Any]:
        """One page of utterances, with the blobs of the files they stand in."""
        sought = normal(q)
        found = [
            each
            for each in self.current().utterances()
            if (intent is None or each.intent == intent) and sought in each.normal
        ]
        shown = found[(page - 1) * PAGE : page * PAGE]
        names = sorted({each.file for each in shown})
        return {
            "utterances": [
                {"file": each.file, "intent": each.intent, "text": each.text, "hand": each.hand}
                for each in shown
            ],
            "bases": {name: self.workspace.base(self.workspace.read(name)) for name in names},
            "total": len(found),
            "pages": -(-len(found) // PAGE),
        }

    def check(self, text: str, intent: str | None) -> list[Finding]:
        """What is wrong with a text that is being typed."""
        return check_text(self.current(), self.cutter, text, intent)

    def check_all(self) -> list[Finding]:
        return check_all(self.current(), self.cutter)

    def require_intent(self, intent: str) -> str:
        """The file an intent's utterances stand in; raises ``LabelUnknown``."""
        file = self.current().topic_file(intent)
        if file is None:
            raise LabelUnknown(f"no utterance of {intent}")
        return file

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
            file = self.require_intent(intent)
            self._refuse(new, intent, fictitious=fictitious)
            text = ExampleFile(self.workspace.read(file)).added(intent, hand, new)
            return Plan(
                {file: text},
                _message(f"{self.corpus.title_of(intent)}：新增 {len(new)} 条例句", new),
            )

        return self._save(make, author)

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
            message = _message(f"{self.corpus.title_of(intent)}：修改 1 条例句", [old, f"→ {new}"])
            return Plan({place["file"]: text}, message)

        return self._save(make, author)

    def remove(self, place: Mapping[str, str], author: Author, *, base: str | None) -> Saved:
        """Without one utterance; errors as in ``change``."""
        intent, old = place["intent"], place["text"]

        def make() -> Plan:
            text = self._edited(
                place["file"], base, lambda text: ExampleFile(text).removed(intent, old)
            )
            message = _message(f"{self.corpus.title_of(intent)}：删除 1 条例句", [old])
            return Plan({place["file"]: text}, message)

        return self._save(make, author)

    def put_file(self, name: str, text: str, base: str | None, author: Author) -> Saved:
        """A whole file, made on the blob ``base`` (``None``: a new file).

        Raises ``EditedMeanwhile``, ``FileInvalid``, ``FileFixed``, ``FileUnknown``,
        ``DataRefused``, or what a save raises.
        """
        files.require_changeable(name)

        def make() -> Plan:
            exists = self.workspace.path(name).is_file()
            present = self.workspace.read(name) if exists else None
            if (present is None) != (base is None) or (
                present is not None and self.workspace.base(present) != base
            ):
                raise self.workspace.conflict(name, text, base or "")
            self._require_fit({name: text}, {name: present} if present is not None else {})
            verb = "修改" if exists else "新建"
            return Plan({name: text}, f"{verb}文件 {name}")

        return self._save(make, author)

    def edit_file(
        self, name: str, edit: Callable[[str], str], message: str, author: Author
    ) -> Saved:
        """A change that names its lines by what they hold: what others change meanwhile stays."""
        files.require_changeable(name)

        def make() -> Plan:
            text = edit(self.workspace.read(name))
            self.require_readable({name: text})
            return Plan({name: text}, message)

        return self._save(make, author)

    def edit_at(
        self, name: str, edit: Callable[[str], str], message: str, author: Author, base: str
    ) -> Saved:
        """A change that names its lines by their place: raises ``EditedMeanwhile`` where the file
        is no longer the blob ``base``."""
        files.require_changeable(name)

        def make() -> Plan:
            present = self.workspace.read(name)
            if self.workspace.base(present) != base:
                before = self.workspace.repository.content_of(base)
                ours = present if before is None else edit(before.decode())
                raise self.workspace.conflict(name, ours, base)
            text = edit(present)
            self.require_readable({name: text})
            return Plan({name: text}, message)

        return self._save(make, author)

    def file(self, name: str) -> dict[str, Any]:
        """A file's text and blob; raises ``FileUnknown``."""
        files.require_shown(name)
        text = self.workspace.read(name)
        return {"path": name, "text": text, "base": self.workspace.base(text)}

    def dictionary(self) -> list[dict[str, Any]]:
        """Every dictionary file with its words and blob."""
        return [
            {"file": name, "words": dictionary.words(text), "base": self.workspace.base(text)}
            for name, text in self._texts(DICTIONARY)
        ]

    def entities(self) -> list[dict[str, Any]]:
        """Every entity file with its words by value; files of patterns have none."""
        found: list[dict[str, Any]] = []
        for name, text in self._texts(ENTITIES):
            entity, values = answers.words_of(text)
            base = self.workspace.base(text)
            found.append({"file": name, "entity": entity, "values": values, "base": base})
        return found

    def responses(self) -> dict[str, Any]:
        """The texts of ``domain.yml`` by response."""
        domain = self.workspace.read(files.DOMAIN)
        return {
            "file": files.DOMAIN,
            "responses": answers.responses_of(domain),
            "base": self.workspace.base(domain),
        }

    def listing(self) -> list[dict[str, Any]]:
        """The files that the workbench shows."""
        return [
            {
                "path": name,
                "title": articles.title_of(self.workspace.folder / name),
                "fixed": files.is_fixed(name),
            }
            for name in files.shown(self.workspace.folder)
        ]

    def history(self, limit: int) -> list[dict[str, Any]]:
        """The newest commits that changed the data."""
        return [asdict(commit) for commit in self.workspace.repository.log(HISTORY, limit)]

    def present(self, names: Sequence[str] | Mapping[str, str]) -> dict[str, str]:
        """The texts of those files that exist."""
        there = [name for name in names if self.workspace.path(name).is_file()]
        return {name: self.workspace.read(name) for name in there}

    def spoiled_by(self, texts: Mapping[str, str]) -> list[Finding]:
        """What new texts of files would spoil."""
        return files.spoiling(self.current(), texts, self.present(texts))

    def require_readable(self, texts: Mapping[str, str]) -> None:
        """Raises ``FileInvalid`` for a file that training could not read."""
        domain = texts.get(files.DOMAIN) or self.workspace.read(files.DOMAIN)
        for name, text in texts.items():
            files.require_valid(name, text, domain)
        folder = self.workspace.folder
        articles.require_readable(folder, texts, answers.intents_of(domain), folder / files.DOMAIN)

    def require_fit(self, texts: Mapping[str, str]) -> None:
        """Raises ``FileInvalid`` or ``DataRefused`` for new texts of files that spoil the data."""
        self._require_fit(texts, self.present(texts))

    def save(self, make: Callable[[], Plan], author: Author) -> Saved:
        """``Workspace.save``, after which the corpus is in step."""
        return self._save(make, author)

    def _texts(self, folder: str) -> list[tuple[str, str]]:
        names = [n for n in files.shown(self.workspace.folder) if n.startswith(f"{folder}/")]
        return [(name, self.workspace.read(name)) for name in names]

    def _require_fit(self, texts: Mapping[str, str], present: Mapping[str, str]) -> None:
        self.require_readable(texts)
        found = files.spoiling(self.current(), texts, present)
        if found:
            raise DataRefused([finding.as_json() for finding in found])

    def _refuse(
        self,
        texts: Sequence[str],
        intent: str,
        *,
        instead: Utterance | None = None,
        fictitious: bool,
    ) -> None:
        """Raises ``DataRefused`` for what would spoil the data, also by its own repetition."""
        corpus = self.current()
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
            (e for e in self.current().utterances() if (e.file, e.intent, e.text) == wanted), None
        )

    def _edited(self, name: str, base: str | None, edit: Callable[[str], str]) -> str:
        """The file with ``edit``; a conflict where that no longer fits what others have made."""
        files.require_changeable(name)
        text = self.workspace.read(name)
        try:
            return edit(text)
        except UtteranceUnknown:
            if base is None or self.workspace.base(text) == base:
                raise
            before = self.workspace.repository.content_of(base)
            if before is None:
                raise
            raise self.workspace.conflict(name, edit(before.decode()), base) from None

    def _save(self, make: Callable[[], Plan], author: Author) -> Saved:
        saved = self.workspace.save(make, author)
        self.current()
        return saved


def _message(summary: str, lines: Sequence[str]) -> str:
    """A commit's message: what was done, then the texts."""
    shown = [f"- {line}" for line in lines[:50]]
    return "\n".join([f"训练数据：{summary}", "", *shown])
