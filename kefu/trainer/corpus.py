"""All training utterances and frozen test rows in memory, kept in step with the files."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kefu.intents import FILE as INTENTS
from kefu.intents import Intents, shipped
from kefu.trainer import intents
from kefu.trainer.errors import FileInvalid
from kefu.trainer.examples import ExampleFile, without_markup
from kefu.trainer.likeness import LikenessIndex
from kefu.trainer.normal_form import normal, shape

NLU = "data/nlu"
FROZEN = "data/frozen"
THIN = 120

Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A training utterance or, with the file in ``data/frozen``, a row of the frozen test set."""

    number: int
    file: str
    intent: str
    hand: str
    text: str
    normal: str
    shape: str

    @property
    def plain(self) -> str:
        return without_markup(self.text)


class Corpus:
    """Safe to use from several threads; ``refresh`` reads the files that have changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._stamps: dict[str, Stamp] = {}
        self._of_file: dict[str, list[Utterance]] = {}
        self._by_number: dict[int, Utterance] = {}
        self._by_normal: defaultdict[str, set[int]] = defaultdict(set)
        self._trained: LikenessIndex[int] = LikenessIndex()
        self._frozen: LikenessIndex[int] = LikenessIndex()
        self._intents = Intents()
        self.broken: dict[str, str] = {}

    def refresh(self) -> None:
        """Read what has changed; a file that cannot be read stands in ``broken``, with why."""
        with self._lock:
            present = dict(self._files())
            for name in set(self._stamps) - set(present):
                self._replace(name, [])
                del self._stamps[name], self._of_file[name]
                if name == INTENTS:
                    self._intents = Intents()
                self.broken.pop(name, None)
            for name, stamp in present.items():
                if self._stamps.get(name) != stamp:
                    try:
                        rows = self._read(name)
                        self.broken.pop(name, None)
                    except FileInvalid as error:
                        rows = []
                        self.broken[name] = error.sentence
                    self._replace(name, rows)
                    self._stamps[name] = stamp

    def utterances(self) -> list[Utterance]:
        """Training utterances in file order."""
        with self._lock:
            return [
                each
                for name in sorted(self._of_file)
                if name.startswith(NLU)
                for each in self._of_file[name]
            ]

    def counts(self) -> Counter[str]:
        return Counter(each.intent for each in self.utterances())

    def intents(self) -> Intents:
        """What people call the intents: by the product's own list, and by the data."""
        with self._lock:
            return shipped().under(self._intents)

    def title_of(self, intent: str) -> str:
        """The intent in Chinese; its own name where it has no title yet."""
        return self.intents().title(intent)

    def topic_file(self, intent: str) -> str | None:
        """The file that holds most utterances of an intent."""
        files = Counter(each.file for each in self.utterances() if each.intent == intent)
        return files.most_common(1)[0][0] if files else None

    def same(self, text: str) -> list[Utterance]:
        """Training utterances that read the same once width, case and characters are folded."""
        with self._lock:
            numbers = sorted(self._by_normal.get(normal(text), ()))
            return [self._by_number[number] for number in numbers]

    def near(self, text: str, limit: float) -> list[tuple[Utterance, float]]:
        """Training utterances at least so much alike, the most alike first."""
        with self._lock:
            found = self._trained.near(shape(text), limit)
            return [(self._by_number[number], likeness) for number, likeness in found]

    def near_frozen(self, text: str, limit: float) -> list[tuple[Utterance, float]]:
        """The same among the frozen test rows."""
        with self._lock:
            found = self._frozen.near(shape(text), limit)
            return [(self._by_number[number], likeness) for number, likeness in found]

    def _files(self) -> Iterator[tuple[str, Stamp]]:
        for folder, pattern in ((NLU, "*.yml"), (FROZEN, "*.tsv")):
            for path in sorted((self._folder / folder).rglob(pattern)):
                about = path.stat()
                name = path.relative_to(self._folder).as_posix()
                yield name, (about.st_mtime_ns, about.st_size)
        with contextlib.suppress(FileNotFoundError):
            about = (self._folder / INTENTS).stat()
            yield INTENTS, (about.st_mtime_ns, about.st_size)

    def _read(self, name: str) -> list[tuple[str, str, str]]:
        """Intent, hand and text of each row."""
        try:
            text = (self._folder / name).read_bytes().decode()
        except UnicodeDecodeError as error:
            raise FileInvalid(f"{name} is not UTF-8", title="不是 UTF-8 编码。") from error
        if name.startswith(FROZEN):
            rows = (line.rstrip("\r").split("\t") for line in text.split("\n")[1:])
            return [(row[1], "", row[0]) for row in rows if len(row) > 1]
        if name == INTENTS:
            self._intents = intents.read(text)
            return []
        file = ExampleFile(text)
        return [(each.intent, each.hand, each.text) for each in file.examples]

    def _replace(self, name: str, rows: list[tuple[str, str, str]]) -> None:
        """Keeps what stays, so that one changed line costs little."""
        old: defaultdict[tuple[str, str, str], list[Utterance]] = defaultdict(list)
        for each in self._of_file.get(name, ()):
            old[each.intent, each.hand, each.text].append(each)
        kept: list[Utterance] = []
        for row in rows:
            known = old[row]
            kept.append(known.pop(0) if known else self._new(name, *row))
        for each in itertools.chain.from_iterable(old.values()):
            self._forget(each)
        self._of_file[name] = kept

    def _new(self, file: str, intent: str, hand: str, text: str) -> Utterance:
        plain = text if file.startswith(FROZEN) else without_markup(text)
        number = next(self._numbers)
        made = Utterance(number, file, intent, hand, text, normal(plain), shape(plain))
        self._by_number[number] = made
        if file.startswith(FROZEN):
            self._frozen.add(number, made.shape)
        else:
            self._trained.add(number, made.shape)
            self._by_normal[made.normal].add(number)
        return made

    def _forget(self, gone: Utterance) -> None:
        del self._by_number[gone.number]
        self._frozen.remove(gone.number)
        self._trained.remove(gone.number)
        self._by_normal[gone.normal].discard(gone.number)
