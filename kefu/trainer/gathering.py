"""One batch of what happened in talks, turned into rows of the inbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, load_only

from kefu.profiles import Profiles
from kefu.store.inbox_tables import InboxItem
from kefu.store.tables import Audit, Turn
from kefu.trainer import reading
from kefu.trainer.known_intents import hash_of
from kefu.trainer.likeness import LikenessIndex
from kefu.trainer.normal_form import normal, shape
from kefu.trainer.reading import Reading, bit

GROUPED = 0.5
"""Texts that share half of their 3-grams are labelled together."""
_EMPTY_FORM = 2
LOOK_BACK = 20
"""So many turns before a rating may be thanks and small talk."""

# Of a turn's row: its frozen input can be long.
READ = (
    Turn.turn_id,
    Turn.conversation_id,
    Turn.profile,
    Turn.status,
    Turn.message_ids,
    Turn.parse,
    Turn.created_at,
    Turn.finished_at,
)


@dataclass(slots=True)
class Talk:
    """Turns of a talk in order, and the moments at which it went to a person meanwhile."""

    turns: list[Turn]
    handed_off: list[datetime] = field(default_factory=list[datetime])

    def asked_before(self, moment: datetime) -> tuple[Turn, Reading] | None:
        """What was asked last in a turn that began by then, and that turn; thanks ask nothing."""
        for turn in reversed(self.turns):
            asked = [one for one in reading.readings(turn.parse) if not one.is_small_talk]
            if asked and turn.created_at <= moment:
                return turn, asked[-1]
        return None

    def previous(self, turn: Turn) -> Turn | None:
        earlier = [t for t in self.turns if t.created_at < turn.created_at]
        return earlier[-1] if earlier else None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A message to be put into the inbox; ``part`` numbers the requests within it."""

    turn: Turn
    reading: Reading
    kinds: int
    counts: bool = False
    """Whether this is the message itself and not one more thing that happened to it."""
    suggested: tuple[str, ...] = ()


class Groups:
    """The leaders of groups by profile: texts that later ones gather around."""

    def __init__(self) -> None:
        self._leaders: defaultdict[str, LikenessIndex[int]] = defaultdict(LikenessIndex)

    @classmethod
    def read(cls, session: Session) -> Groups:
        found = cls()
        rows = session.execute(
            select(InboxItem.item_id, InboxItem.profile, InboxItem.text).where(
                InboxItem.group_id == InboxItem.item_id
            )
        )
        for item_id, profile, text in rows:
            found._leaders[profile].add(item_id, shape(text))
        return found

    def join(self, item: InboxItem) -> int:
        """The group of a new item; it leads one of its own where it is like no other."""
        leaders, form = self._leaders[item.profile], shape(item.text)
        near = leaders.near(form, GROUPED)
        if near:
            return near[0][0]
        leaders.add(item.item_id, form)
        return item.item_id


def talks_of(session: Session, turns: Iterable[Turn]) -> dict[str, Talk]:
    """The talks around these turns, by id: the turns, and the one before each talk's first.

    Of a talk that lasts for weeks no more is read than of a short one.
    """
    talks: dict[str, Talk] = {}
    for turn in sorted(turns, key=lambda turn: (turn.created_at, turn.turn_id)):
        talks.setdefault(turn.conversation_id, Talk([])).turns.append(turn)
    for conversation_id, talk in talks.items():
        began = talk.turns[0].created_at
        talk.turns[:0] = _last(session, conversation_id, Turn.created_at < began, 1)
    moves = session.execute(
        select(Audit.subject, Audit.at)
        .where(
            Audit.subject.in_(talks),
            Audit.action == "hand_off",
            Audit.at >= min((talk.turns[0].created_at for talk in talks.values()), default=None),
        )
        .order_by(Audit.audit_id)
    )
    for conversation_id, at in moves:
        talks[conversation_id].handed_off.append(at)
    return talks


def talk_until(session: Session, conversation_id: str, moment: datetime) -> Talk:
    """The last turns of a talk that began by ``moment``."""
    return Talk(_last(session, conversation_id, Turn.created_at <= moment, LOOK_BACK))


def _last(
    session: Session, conversation_id: str, when: ColumnElement[bool], number: int
) -> list[Turn]:
    found = session.scalars(
        select(Turn)
        .where(Turn.conversation_id == conversation_id, Turn.status == "done", when)
        .order_by(Turn.created_at.desc(), Turn.turn_id.desc())
        .limit(number)
        .options(load_only(*READ, raiseload=True))
    )
    return list(found)[::-1]


def of_turn(talk: Talk, turn: Turn, share: float) -> list[Noticed]:
    """What a turn shows: of its own messages, and of those before that it throws light on."""
    found = [
        Noticed(turn, one, reading.kinds_of(one, turn.message_ids[0], share), counts=True)
        for one in reading.readings(turn.parse)
    ]
    found += _rephrased(talk, turn)
    found += _handed_off(talk, turn)
    return found


def _rephrased(talk: Talk, turn: Turn) -> list[Noticed]:
    said = reading.readings(turn.parse)
    before = talk.previous(turn)
    earlier = reading.readings(before.parse) if before else []
    if not before or not said or not earlier or not reading.is_rephrased(earlier[-1], said[0]):
        return []
    meant = said[0].intent
    known = meant and meant != reading.NOT_SOLVED and not said[0].fell_back
    suggested = (meant,) if meant and known else ()
    return [Noticed(before, earlier[-1], bit("rephrased"), suggested=suggested)]


def _handed_off(talk: Talk, turn: Turn) -> list[Noticed]:
    """Where the turn ended with a person: the message that could not be answered.

    Who asked for a person was understood; what they had said before was not answered.
    """
    if turn.finished_at is None or not any(
        turn.created_at <= at <= turn.finished_at for at in talk.handed_off
    ):
        return []
    said = reading.readings(turn.parse)
    about = turn if said and said[-1].intent != reading.HUMAN_AGENT else talk.previous(turn)
    texts = reading.readings(about.parse) if about else []
    if not about or not texts or texts[-1].is_small_talk:
        return []
    return [Noticed(about, texts[-1], bit("handed_off"))]


def store(
    session: Session, profiles: Profiles, groups: Groups, noticed: Sequence[Noticed]
) -> list[InboxItem]:
    """Write what was noticed, the same wording once per profile; the items that are new.

    A message that is confidently read and in no sample leaves no row.
    """
    patterns = {profile.profile: profile.known_numbers for profile in profiles}
    ready: list[tuple[Noticed, Reading, str]] = []
    for each in noticed:
        if each.turn.profile in patterns:
            clean = reading.masked(each.reading, patterns[each.turn.profile])
            form = shape(clean.text)
            if len(form.strip("*0")) >= _EMPTY_FORM:
                ready.append((each, clean, hash_of(form)))
    known = _known(session, ready)
    fresh: list[InboxItem] = []
    for each, clean, key in ready:
        item = known.get((each.turn.profile, key))
        if item is None:
            if not each.kinds:
                continue
            item = _new(each, clean, key)
            session.add(item)
            session.flush()
            item.group_id = groups.join(item)
            known[each.turn.profile, key] = item
            fresh.append(item)
        _note(item, each, clean)
    return fresh


def _known(
    session: Session, ready: Sequence[tuple[Noticed, Reading, str]]
) -> dict[tuple[str, str], InboxItem]:
    rows = session.scalars(
        select(InboxItem)
        .where(InboxItem.normal_hash.in_({key for _, _, key in ready}))
        .order_by(InboxItem.item_id)
        .with_for_update()
    )
    return {(row.profile, row.normal_hash): row for row in rows}


def _new(noticed: Noticed, clean: Reading, key: str) -> InboxItem:
    turn = noticed.turn
    return InboxItem(
        profile=turn.profile,
        normal_hash=key,
        normal=normal(clean.text),
        text=clean.text,
        kind=reading.kinds_in(noticed.kinds)[0],
        kinds=0,
        hardness=0.0,
        count=0,
        sampled=0,
        group_id=None,
        first_at=turn.created_at,
        last_at=turn.created_at,
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        intent=None,
        confidence=None,
        reading={},
        suggested=[],
        state="open",
        label=None,
        new_intent_hint=None,
        marked=[],
        labelled_by=None,
        labelled_at=None,
        approvals=[],
        data_commit=None,
    )


def _note(item: InboxItem, noticed: Noticed, clean: Reading) -> None:
    """Bring the row up to one more thing that was noticed of its wording."""
    turn = noticed.turn
    item.kinds |= noticed.kinds
    item.kind = reading.kinds_in(item.kinds)[0]
    item.count = max(item.count + int(noticed.counts), 1)
    item.sampled += int(bool(noticed.kinds & bit("confident_sample")))
    if not item.reading or turn.created_at >= item.last_at:
        item.last_at, item.turn_id = turn.created_at, turn.turn_id
        item.conversation_id = turn.conversation_id
        item.intent, item.confidence = clean.intent, clean.confidence
        item.reading = {
            "ranking": [{"name": n, "confidence": round(c, 4)} for n, c in clean.ranking],
            "entities": [dict(entity) for entity in clean.entities],
            "tokens": list(clean.tokens),
            "answer": clean.answer,
            "fell_back": clean.fell_back,
        }
    ranked = [name for name, _ in clean.ranking[:3]]
    item.suggested = list(dict.fromkeys([*noticed.suggested, *item.suggested, *ranked]))[:5]
    item.hardness = reading.hardness(item.kinds, item.confidence)
