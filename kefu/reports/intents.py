"""What shoppers ask about, what of it reaches a person, and where the bot was wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from kefu.desk import intent_titles
from kefu.intents import Intents
from kefu.reports import rows
from kefu.reports.days import Days
from kefu.reports.extent import Extent, require_all
from kefu.reports.quantities import Share
from kefu.reports.rows import MarkRow, TopicRow
from kefu.reports.topics import SMALL_TALK, title
from kefu.store.base import Document

CONFUSED = 3


def report(session: Session, extent: Extent, days: Days, now: datetime) -> Document:
    """One row an intent, the most asked about first. Raises ``RoleMissing`` for one's own.

    Of a group only what was handed to it is known: talks are ``None`` then.
    """
    require_all(extent)
    return {
        "intents": by_intent(
            rows.talks_by_intent(session, extent, days.period) if extent.whole else None,
            rows.topics(session, extent, days.period),
            rows.marks(session, extent, days.period),
            intent_titles.known(session, extent.profiles),
        )
    }


def by_intent(
    talks: Mapping[str, int] | None,
    topics: Iterable[TopicRow],
    marks: Iterable[MarkRow],
    known: Intents,
) -> list[Document]:
    """Two hand-offs of one talk about the same count once.

    Talks that reached a person without any question of their own stand in a row without an intent,
    whose shares are ``None``. Small talk has a row only where agents marked it.
    """
    handed = Counter(intent for _, intent in {(row.conversation_id, row.intent) for row in topics})
    marked: dict[str | None, list[MarkRow]] = {}
    for row in marks:
        marked.setdefault(row.intent_given, []).append(row)
    asked = {intent for intent in talks or {} if intent not in SMALL_TALK}
    every = {*asked, *handed, *marked}
    found = [
        _row(
            intent,
            None if talks is None else talks.get(intent or "", 0),
            handed[intent],
            marked.get(intent, []),
            known,
        )
        for intent in every
    ]
    return sorted(
        found, key=lambda row: (-(row["talks"] or 0), -row["handed"], row["intent"] or "")
    )


def _row(
    intent: str | None,
    talks: int | None,
    handed: int,
    marks: Iterable[MarkRow],
    known: Intents,
) -> Document:
    counted = talks is not None and intent not in SMALL_TALK
    own = Share(handed, talks or 0) if counted else Share(0, 0)
    wrong, right, meant = 0, 0, Counter[str]()
    for row in marks:
        if row.right:
            right += row.number
        else:
            wrong += row.number
            meant[row.right_intent or ""] += row.number
    return {
        "intent": intent,
        "title": title(intent, known),
        "talks": talks,
        "handed": handed,
        "contained": Share(own.of - own.n, own.of).document(),
        "handoff_rate": own.document(),
        "wrong": Share(wrong, wrong + right).document(),
        "meant": [
            {"intent": name, "title": title(name, known), "n": number}
            for name, number in meant.most_common(CONFUSED)
            if name
        ],
    }
