"""The training data of one workspace as a whole: what it holds, what spoils it, how it is saved."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kefu.trainer import answers, articles, dictionary, files
from kefu.trainer.checks import Finding, check_all, check_text
from kefu.trainer.corpus import Corpus
from kefu.trainer.data_files import DataFiles
from kefu.trainer.errors import DataRefused, LabelUnknown
from kefu.trainer.git import Author
from kefu.trainer.intents import pinyin_initials
from kefu.trainer.utterances import Utterances
from kefu.trainer.word_cuts import DICTIONARY, ENTITIES, WordCutter
from kefu.trainer.workspace import Plan, Saved, Workspace

HISTORY = ("data", files.DOMAIN)


class TrainingData:
    """The data of one workspace. Its methods block: call them in a thread.

    ``utterances`` and ``files`` change it; the rest looks at it as a whole and saves.
    """

    def __init__(self, workspace: Workspace, cache: Path) -> None:
        self.workspace = workspace
        self.corpus = Corpus(workspace.folder)
        self.cutter = WordCutter(workspace.folder, cache)
        self.utterances = Utterances(self)
        self.files = DataFiles(self)
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
        self.require_readable(texts)
        found = self.spoiled_by(texts)
        if found:
            raise DataRefused([finding.as_json() for finding in found])

    def save(self, make: Callable[[], Plan], author: Author) -> Saved:
        """``Workspace.save``, after which the corpus is in step."""
        saved = self.workspace.save(make, author)
        self.current()
        return saved

    def _texts(self, folder: str) -> list[tuple[str, str]]:
        names = [n for n in files.shown(self.workspace.folder) if n.startswith(f"{folder}/")]
        return [(name, self.workspace.read(name)) for name in names]
