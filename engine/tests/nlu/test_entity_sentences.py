"""Entities in 400 annotated sentences; a third of them is held back from whoever writes rules."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from kefu_engine.entity_rules import EntityFinder, EntityRules
from kefu_engine.normalizer import normalize
from kefu_engine.source import data_files

from .conftest import ROOT

TODAY = date(2026, 11, 22)
KINDS = (
    "order_number", "tracking_number", "phone", "phone_tail", "amount", "date", "courier", "bank",
    "payment_method", "product",
)  # fmt: skip
COMPACT = ("order_number", "tracking_number", "phone", "phone_tail")
NUMBERS = ("amount",)
ENOUGH = 0.97
_MARK = re.compile(r"\[([^\]]+)\]\((\w+)(?:=([^)]+))?\)")

Span = tuple[str, int, int, str]


@dataclass(frozen=True)
class Sentence:
    text: str
    entities: frozenset[Span]


def _value(kind: str, surface: str, said: str | None) -> str:
    if kind in NUMBERS:
        return f"{float(said or surface):g}"
    if said:
        return said
    normal = normalize(surface).text
    return re.sub(r"[ -]", "", normal).upper() if kind in COMPACT else normal


def sentence(line: str) -> Sentence:
    text, entities, end = "", set(), 0
    for mark in _MARK.finditer(line):
        text += line[end : mark.start()]
        surface, kind, said = mark.groups()
        entities.add((kind, len(text), len(text) + len(surface), _value(kind, surface, said)))
        text += surface
        end = mark.end()
    return Sentence(text + line[end:], frozenset(entities))


def _read() -> list[Sentence]:
    path = Path(__file__).with_name("entity_sentences.txt")
    lines = path.read_text("utf-8").splitlines()
    return [sentence(line) for line in lines if line and not line.startswith("#")]


SENTENCES = _read()
HELD_BACK = SENTENCES[2::3]


@pytest.fixture(scope="module")
def finder() -> EntityFinder:
    return EntityFinder(EntityRules.read(data_files(str(ROOT / "data/entities"), {".yml"})))


def found(finder: EntityFinder, text: str) -> frozenset[Span]:
    normal = normalize(text)
    return frozenset(
        (
            e.entity,
            *normal.raw_span(e.start, e.end),
            f"{e.value:g}" if isinstance(e.value, float) else str(e.value),
        )
        for e in finder.find(normal.text, "demo", TODAY)
    )


def f1_by_kind(finder: EntityFinder, sentences: list[Sentence]) -> dict[str, float]:
    """F1 of exact spans with exact values."""
    hits, guesses, truth = Counter(), Counter(), Counter()
    for one in sentences:
        guessed = found(finder, one.text)
        hits.update(e[0] for e in guessed & one.entities)
        guesses.update(e[0] for e in guessed)
        truth.update(e[0] for e in one.entities)
    return {k: 2 * hits[k] / max(guesses[k] + truth[k], 1) for k in KINDS}


def test_there_are_enough_sentences_of_every_kind() -> None:
    assert len(SENTENCES) >= 400
    for sentences, fewest in ((SENTENCES, 20), (HELD_BACK, 6)):
        counts = Counter(e[0] for one in sentences for e in one.entities)
        assert {k: counts[k] for k in KINDS if counts[k] < fewest} == {}
    assert len({one.text for one in SENTENCES}) == len(SENTENCES)


def test_every_kind_is_found_in_the_held_back_third(finder: EntityFinder) -> None:
    scores = f1_by_kind(finder, HELD_BACK)
    assert {kind: score for kind, score in scores.items() if score < ENOUGH} == {}


def test_every_kind_is_found_in_the_rest(finder: EntityFinder) -> None:
    rest = [one for i, one in enumerate(SENTENCES) if i % 3 != 2]
    scores = f1_by_kind(finder, rest)
    assert {kind: score for kind, score in scores.items() if score < ENOUGH} == {}
