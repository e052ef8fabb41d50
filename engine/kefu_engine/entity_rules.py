"""The entity rules of ``data/entities`` and the spaCy pipeline that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import spacy
from ruamel.yaml import YAML
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc, Span

from kefu_engine.dates import find_dates
from kefu_engine.normalizer import normalize
from kefu_engine.numerals import CHINESE_NUMERAL, number_of

_CUE_REACH = 14
_EXCEPTION = "\ue000"
_SEPARATORS = re.compile(r"[ \-()]")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LATIN = re.compile(r"[a-z]")
_NUMBER = (
    rf"(?:\d+(?:,\d{{3}})*(?:\.\d+)?[kw万千百]?|[{CHINESE_NUMERAL}]+(?:点[{CHINESE_NUMERAL}]+)?)"
)
_AMOUNT = re.compile(
    rf"[¥¥$]\s*(?P<signed>\d+(?:,\d{{3}})*(?:\.\d+)?[kw万]?)"
    rf"|(?<![\d.])(?<!\d,)(?P<number>{_NUMBER})\s*(?:多|来|几)?\s*(?:元|块钱|块|rmb|人民币|圆|刀)"
    rf"(?P<tenth>[1-9一二三四五六七八九](?![\d个只件次台双本天点十百千万元块]))?"
    rf"(?:(?<=块)[钱])?"
    rf"|(?P<wan>\d+(?:\.\d+)?[w万])(?![\d年月天日人个里次])"
)


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A regular expression for one entity; see the head of ``data/entities/numbers.yml``."""

    entity: str
    pattern: str
    cue: str = ""
    unless: str = ""
    value: str = "text"
    not_mobile: bool = False
    profiles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WordRule:
    """One surface form of an entity's canonical value; without a value it is not the entity
    (「手机号」 names no product), and a longer form wins."""

    entity: str
    value: str
    form: str


@dataclass(frozen=True, slots=True)
class Found:
    """An entity in the normal text: ``[start, end)``, its value as the dialogue uses it."""

    entity: str
    start: int
    end: int
    value: str | float


@dataclass(frozen=True, slots=True)
class EntityRules:
    """All rules of a model."""

    numbers: tuple[NumberRule, ...]
    words: tuple[WordRule, ...]

    def as_dict(self) -> dict[str, Any]:
        """For the archive."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> EntityRules:
        """The inverse of ``as_dict``."""
        numbers: list[dict[str, Any]] = [
            {**rule, "profiles": tuple(rule["profiles"])} for rule in data["numbers"]
        ]
        return cls(
            tuple(NumberRule(**rule) for rule in numbers),
            tuple(WordRule(**rule) for rule in data["words"]),
        )

    @classmethod
    def read(cls, paths: Sequence[Path]) -> EntityRules:
        """The rules of YAML files. Raises ``ValueError`` on a file of neither kind and
        ``re.error`` on a wrong expression."""
        numbers: list[NumberRule] = []
        words: list[WordRule] = []
        for path in paths:
            document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
            if "patterns" in document:
                for rule in document["patterns"]:
                    re.compile(rule["pattern"])
                    profiles = tuple(rule.get("profiles", ()))
                    fields: dict[str, Any] = {**rule, "profiles": profiles}
                    numbers.append(NumberRule(**fields))
            elif "words" in document:
                for value, forms in document["words"].items():
                    unique = dict.fromkeys(normalize(str(form)).text for form in forms)
                    words += [WordRule(document["entity"], str(value), form) for form in unique]
                apart = (normalize(str(form)).text for form in document.get("except", ()))
                words += [WordRule(document["entity"], "", form) for form in apart]
            else:
                raise ValueError(f"{path.name} holds neither patterns nor words")
        return cls(tuple(numbers), tuple(words))


Finder = Callable[[str, str, date], Iterator[Found]]


def number_finder(rules: Sequence[NumberRule]) -> Finder:
    """Finds what the rules describe, earlier rules first."""
    compiled = [
        (
            rule,
            re.compile(rule.pattern),
            re.compile(rule.cue) if rule.cue else None,
            re.compile(rule.unless) if rule.unless else None,
        )
        for rule in rules
    ]

    def find(text: str, profile: str, today: date) -> Iterator[Found]:
        for rule, pattern, cue, unless in compiled:
            if rule.profiles and profile not in rule.profiles:
                continue
            for match in pattern.finditer(text):
                group = "value" if "value" in pattern.groupindex else 0
                start, end = match.span(group)
                before = text[max(0, start - _CUE_REACH) : start]
                if (cue and not cue.search(before)) or (unless and unless.search(before)):
                    continue
                value = match[group]
                if rule.value == "compact":
                    value = _SEPARATORS.sub("", value).upper()
                if rule.not_mobile and _MOBILE.fullmatch(value):
                    continue
                yield Found(rule.entity, start, end, value)

    return find


def find_amounts(text: str, profile: str, today: date) -> Iterator[Found]:
    """Amounts of money in yuan."""
    for match in _AMOUNT.finditer(text):
        said = match["signed"] or match["number"] or match["wan"]
        try:
            value = number_of(said)
            if tenth := match["tenth"]:
                value += number_of(tenth) / 10
        except ValueError:
            continue
        yield Found("amount", match.start(), match.end(), round(value, 2))


def find_days(text: str, profile: str, today: date) -> Iterator[Found]:
    """Dates, relative ones against ``today``."""
    for found in find_dates(text, today):
        yield Found("date", found.start, found.end, found.value)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """A Latin form must not be cut out of a longer Latin word."""
    left = start and _LATIN.match(text[start]) and _LATIN.match(text[start - 1])
    right = end < len(text) and _LATIN.match(text[end - 1]) and _LATIN.match(text[end])
    return not left and not right


def _introduces_a_phone(text: str, end: int, shaped: Mapping[int, Found]) -> bool:
    """「手机13800137754」 speaks of a number, not of a product."""
    while end < len(text) and text[end] in " :是为":
        end += 1
    return end in shaped and shaped[end].entity == "phone"


def _is_meant(text: str, span: Span, shaped: Mapping[int, Found]) -> bool:
    return (
        span.ent_id_ != _EXCEPTION
        and _stands_alone(text, span.start_char, span.end_char)
        and not (span.label_ == "product" and _introduces_a_phone(text, span.end_char, shaped))
    )


class EntityFinder:
    """Shaped numbers, dates and amounts by expressions on the whole text, then words by spaCy's
    entity ruler on single characters. Where two overlap the earlier finder wins."""

    def __init__(self, rules: EntityRules) -> None:
        self._finders: tuple[Finder, ...] = (number_finder(rules.numbers), find_days, find_amounts)
        self._nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "char"}}})
        # A blank is a character too: tokens and characters have the same positions, and spaCy's
        # own tokenizer spends a third of a parse on finding them again.
        tokenizer: Any = self._characters
        self._nlp.tokenizer = tokenizer
        ruler = EntityRuler(self._nlp)
        ruler.add_patterns(
            [
                {"label": rule.entity, "pattern": rule.form, "id": rule.value or _EXCEPTION}
                for rule in rules.words
            ]
        )
        # Without a pattern spaCy's ruler warns at every message.
        self._words: Callable[[Doc], Doc] = ruler if rules.words else lambda doc: doc

    def _characters(self, text: str) -> Doc:
        return Doc(self._nlp.vocab, words=list(text), spaces=[False] * len(text))

    def find(
        self, text: str, profile: str, today: date, numbers: Iterable[Found] = ()
    ) -> list[Found]:
        """The entities of a normal text, from left to right, without overlaps.

        ``numbers`` are those found beforehand, which win over every rule.
        """
        doc = self._characters(text)
        shaped: dict[int, Found] = {}
        spans: list[Span] = []
        taken = [False] * len(text)
        for finder in (lambda *_: numbers, *self._finders):
            for found in finder(text, profile, today):
                if any(taken[found.start : found.end]):
                    continue
                taken[found.start : found.end] = [True] * (found.end - found.start)
                shaped[found.start] = found
                spans.append(Span(doc, found.start, found.end, found.entity))
        doc.ents = spans
        return [
            shaped.get(span.start_char)
            or Found(span.label_, span.start_char, span.end_char, span.ent_id_)
            for span in self._words(doc).ents
            if span.start_char in shaped or _is_meant(text, span, shaped)
        ]
