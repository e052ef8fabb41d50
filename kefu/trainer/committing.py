"""Approved labels become training utterances: one commit, the hand ``shoppers``."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.profiles import Profiles
from kefu.store.inbox_tables import InboxItem
from kefu.store.tables import EVERY_PROFILE
from kefu.trainer import labelling
from kefu.trainer.checks import Finding, check_text, refused
from kefu.trainer.examples import MARKUP, ExampleFile, one_line
from kefu.trainer.git import Author
from kefu.trainer.normal_form import shape
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Plan

HAND = "shoppers"
# Such are in the data already: nothing is left to do with them.
_SETTLED = frozenset({"duplicate"})


@dataclass(frozen=True, slots=True)
class Ready:
    """A labelled item that may be written."""

    item_id: int
    intent: str
    utterance: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was written, what stood there already, and what cannot be written, with why."""

    commit: str | None
    added: list[int]
    known: list[int]
    left_out: list[dict[str, Any]]


def ready(
    session: Session,
    profiles: Collection[str],
    brands: Profiles,
    item_ids: Sequence[int] | None,
) -> list[Ready]:
    """The labelled items of these profiles that nobody else need look at, oldest first."""
    query = select(InboxItem).where(
        InboxItem.state == labelling.LABELLED, InboxItem.label != labelling.NEW_INTENT
    )
    if EVERY_PROFILE not in profiles:
        query = query.where(InboxItem.profile.in_(sorted(profiles)))
    if item_ids is not None:
        query = query.where(InboxItem.item_id.in_(item_ids))
    two_person = {brand.profile for brand in brands if brand.trainer.two_person}
    return [
        Ready(row.item_id, row.label or "", utterance(row.text, row.marked))
        for row in session.scalars(query.order_by(InboxItem.labelled_at, InboxItem.item_id))
        if row.approvals or row.profile not in two_person
    ]


def utterance(text: str, marks: Sequence[Mapping[str, Any]]) -> str:
    """The text as an example holds it, with its entities marked.

    What a shopper typed in brackets must not turn into markup.
    """
    pieces: list[str] = []
    at = 0
    for mark in marks:
        start, end = int(mark["start"]), int(mark["end"])
        pieces.append(_harmless(text[at:start]))
        word, entity, value = text[start:end], mark["entity"], mark.get("value")
        if value and value != word:
            more = json.dumps({"entity": entity, "value": value}, ensure_ascii=False)
            pieces.append(f"[{word}]{more}")
        else:
            pieces.append(f"[{word}]({entity})")
        at = end
    return one_line("".join([*pieces, _harmless(text[at:])]))


def _harmless(text: str) -> str:
    return text.replace("[", "［") if MARKUP.search(text) else text


def preview(data: TrainingData, items: Sequence[Ready]) -> dict[str, Any]:
    """What ``write`` would do now, without doing it: ``{write: [{item_id, intent, title,
    utterance}], known: [item_id], left_out: [{item_id, findings}]}``."""
    outcome = Outcome(None, [], [], [])
    fit = _fit(data, items, outcome)
    titles = data.corpus.title_of
    return {
        "write": [
            {
                "item_id": item.item_id,
                "intent": item.intent,
                "title": titles(item.intent),
                "utterance": item.utterance,
            }
            for item in fit
        ],
        "known": outcome.known,
        "left_out": outcome.left_out,
    }


def write(data: TrainingData, items: Sequence[Ready], author: Author) -> Outcome:
    """Write what is fit to be written, in one commit. Raises what a save raises."""
    outcome = Outcome(None, [], [], [])

    def make() -> Plan:
        fit = _fit(data, items, outcome)
        by_file: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for item in fit:
            by_file[data.require_intent(item.intent)][item.intent].append(item.utterance)
        texts: dict[str, str] = {}
        for file, intents in by_file.items():
            text = data.workspace.read(file)
            for intent, utterances in intents.items():
                text = ExampleFile(text).added(intent, HAND, utterances)
            texts[file] = text
        outcome.added[:] = [item.item_id for item in fit]
        return Plan(texts, _message(data, fit))

    saved = data.save(make, author)
    return Outcome(saved.commit, outcome.added, outcome.known, outcome.left_out)


def _fit(data: TrainingData, items: Sequence[Ready], outcome: Outcome) -> list[Ready]:
    """Those that spoil nothing; the others are noted in ``outcome``."""
    corpus = data.current()
    fit: list[Ready] = []
    seen: dict[str, str] = {}
    outcome.known.clear()
    outcome.left_out.clear()
    for item in items:
        form = shape(item.utterance)
        found = refused(check_text(corpus, None, item.utterance, item.intent))
        if form in seen:
            kind = "duplicate" if seen[form] == item.intent else "two_intents"
            hint = "同一句话在这一批里已经有了。"
            found.append(Finding(kind, item.utterance, intent=seen[form], hint=hint))
        if not found:
            seen[form] = item.intent
            fit.append(item)
        elif {finding.kind for finding in found} <= _SETTLED:
            outcome.known.append(item.item_id)
        else:
            told = [finding.as_json() for finding in found]
            outcome.left_out.append({"item_id": item.item_id, "findings": told})
    return fit


def _message(data: TrainingData, items: Sequence[Ready]) -> str:
    by_intent: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        by_intent[item.intent].append(item.utterance)
    lines = [f"训练数据：从真实消息新增 {len(items)} 条例句", ""]
    for intent, texts in by_intent.items():
        lines.append(f"{data.corpus.title_of(intent)}（{intent}）")
        lines += [f"- {text}" for text in texts[:50]]
    return "\n".join(lines)
