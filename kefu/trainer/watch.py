"""How the live bot does, day by day: what it contains, what it hears, what it does not know."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.privacy.mask import mask_export
from kefu.store.tables import Document, Turn
from kefu.trainer import emerging, vocabulary
from kefu.trainer.drift import Drift, drift
from kefu.trainer.vocabulary import Cutter

MOST_TURNS = 50_000
RECENT_DAYS = 7
MOST_LOST = 3_000
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
SHOPS_ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Heard:
    """A finished turn. ``intent`` and ``confidence`` are empty for a pressed button."""

    conversation_id: str
    at: datetime
    text: str
    intent: str | None
    confidence: float | None
    unsure: bool
    handed_off: bool


@dataclass(slots=True)
class _Day:
    turns: int = 0
    talks: set[str] = field(default_factory=set[str])
    handed_off: set[str] = field(default_factory=set[str])
    confidences: list[float] = field(default_factory=list[float])
    intents: Counter[str] = field(default_factory=Counter[str])


def heard(session: Session, profile: str, since: datetime) -> list[Heard]:
    """The profile's turns since then, oldest first; of very many the newest."""
    rows = session.execute(
        select(Turn.conversation_id, Turn.created_at, Turn.parse, Turn.handed_off)
        .where(Turn.profile == profile, Turn.created_at >= since, Turn.status != "open")
        .order_by(Turn.created_at.desc())
        .limit(MOST_TURNS)
    ).all()
    return [_heard(*row) for row in reversed(rows)]


def _heard(
    conversation_id: str, at: datetime, parse: Document | None, handed_off: bool | None
) -> Heard:
    read: Document = parse or {}
    first: Document = read.get("intent") or {}
    ranking = [one for one in read.get("intent_ranking", []) if one["name"] != FALLBACK]
    return Heard(
        conversation_id=conversation_id,
        at=at,
        text=str(read.get("text", "")),
        intent=ranking[0]["name"] if ranking else None,
        confidence=float(ranking[0]["confidence"]) if ranking else None,
        unsure=first.get("name") == FALLBACK,
        handed_off=bool(handed_off),
    )


def summary(
    turns: Sequence[Heard],
    now: datetime,
    cutter: Cutter,
    known_numbers: Sequence[str],
) -> Document:
    """The whole of ``GET /watch``. The last ``RECENT_DAYS`` are held against the days before."""
    border = now - timedelta(days=RECENT_DAYS)
    before = [turn for turn in turns if turn.at < border]
    recent = [turn for turn in turns if turn.at >= border]

    def typed(part: Sequence[Heard]) -> list[str]:
        return [mask_export(turn.text, known_numbers) for turn in part if turn.intent and turn.text]

    lost = [turn for turn in recent if turn.unsure or turn.intent == OUT_OF_SCOPE]
    return {
        "days": by_day(turns, SHOPS_ZONE),
        "psi": _drifts(before, recent),
        "unknown_words": vocabulary.rising(cutter, typed(before), typed(recent)),
        "emerging": emerging.groups(cutter, typed(lost[-MOST_LOST:])),
    }


def by_day(turns: Sequence[Heard], zone: tzinfo) -> list[Document]:
    """Talks are counted on each day on which the bot answered in them; contained are those that
    it did not hand over that day."""
    days: defaultdict[str, _Day] = defaultdict(_Day)
    for turn in turns:
        day = days[turn.at.astimezone(zone).date().isoformat()]
        day.turns += 1
        day.talks.add(turn.conversation_id)
        if turn.handed_off:
            day.handed_off.add(turn.conversation_id)
        if turn.intent and turn.confidence is not None:
            day.confidences.append(turn.confidence)
            day.intents[turn.intent] += 1
    return [_day_as_json(name, day) for name, day in sorted(days.items())]


def _day_as_json(name: str, day: _Day) -> Document:
    sure = day.confidences
    return {
        "day": name,
        "turns": day.turns,
        "conversations": len(day.talks),
        "contained": len(day.talks) - len(day.handed_off),
        "handed_off": len(day.handed_off),
        "confidence_mean": round(sum(sure) / len(sure), 4) if sure else None,
        "intents": dict(day.intents.most_common()),
    }


def _drifts(before: Sequence[Heard], recent: Sequence[Heard]) -> Document:
    intents = drift(_intents(before), _intents(recent))
    confidence = drift(_bands(before), _bands(recent))
    return {
        "intents": intents.index,
        "confidence": confidence.index,
        "warning": intents.warning or confidence.warning,
        "levels": {"intents": _level(intents), "confidence": _level(confidence)},
    }


def _level(found: Drift) -> Document:
    return {"level": found.level, "by_chance": found.by_chance}


def _intents(turns: Sequence[Heard]) -> Counter[str]:
    return Counter(turn.intent for turn in turns if turn.intent)


def _bands(turns: Sequence[Heard]) -> Counter[str]:
    """Confidence in ten bands."""
    return Counter(
        f"{min(int(turn.confidence * 10), 9) / 10:.1f}"
        for turn in turns
        if turn.confidence is not None
    )
