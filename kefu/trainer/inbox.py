"""The inbox as trainers see it: listed hardest first, one item with all that is known of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from kefu.privacy.mask import mask_export
from kefu.profiles import Profiles
from kefu.store.base import Document
from kefu.store.inbox_tables import InboxAction, InboxItem
from kefu.store.tables import EVERY_PROFILE, Event, Message, Staff, Turn
from kefu.trainer import reading
from kefu.trainer.errors import ItemNotFound
from kefu.trainer.normal_form import normal

PAGE = 50
TALK_AROUND = 6
STATES = ("open", "labelled", "skipped", "committed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items to list; ``kind`` and ``profile`` empty: all. ``group``: only that group's."""

    profiles: Collection[str]
    profile: str | None = None
    kind: str | None = None
    q: str = ""
    state: str = "open"
    group: int | None = None
    page: int = 1


def listing(session: Session, wanted: Wanted) -> Document:
    """``{items, groups, total, pages}``: one page, and how many there are in all."""
    conditions = _conditions(wanted)
    total, groups = session.execute(
        select(func.count(), func.count(InboxItem.group_id.distinct())).where(*conditions)
    ).one()
    rows = session.scalars(
        select(InboxItem)
        .where(*conditions)
        .order_by(InboxItem.hardness.desc(), InboxItem.item_id.desc())
        .offset((wanted.page - 1) * PAGE)
        .limit(PAGE)
    ).all()
    names = staff_names(session, rows)
    return {
        "items": [as_json(row, names) for row in rows],
        "groups": groups,
        "total": total,
        "pages": -(-total // PAGE),
    }


def counts(session: Session, profiles: Collection[str]) -> Document:
    """How many open items there are by kind; an item counts under each of its kinds."""
    query = select(InboxItem.kinds, func.count()).where(InboxItem.state == "open")
    if EVERY_PROFILE not in profiles:
        query = query.where(InboxItem.profile.in_(profiles))
    found = dict.fromkeys(reversed(reading.KINDS), 0)
    for bits, number in session.execute(query.group_by(InboxItem.kinds)):
        for kind in reading.kinds_in(bits):
            found[kind] += number
    return found


def visible(
    session: Session, item_ids: Sequence[int], profiles: Collection[str], *, lock: bool = False
) -> list[InboxItem]:
    """These items; raises ``ItemNotFound`` unless all exist in profiles of the member's."""
    query = select(InboxItem).where(InboxItem.item_id.in_(item_ids)).order_by(InboxItem.item_id)
    rows = session.scalars(query.with_for_update() if lock else query).all()
    allowed = [row for row in rows if {row.profile, EVERY_PROFILE} & set(profiles)]
    if len(allowed) != len(set(item_ids)):
        raise ItemNotFound("no such items")
    return allowed


def details(
    session: Session, item_id: int, profiles: Collection[str], brands: Profiles
) -> Document:
    """An item with the talk around it and what trainers did with it."""
    [item] = visible(session, [item_id], profiles)
    names = staff_names(session, [item])
    return {
        **as_json(item, names),
        "talk": _talk(session, item, brands[item.profile].known_numbers),
        "history": _history(session, item_id),
    }


def as_json(item: InboxItem, names: Mapping[int, str]) -> Document:
    """The item of the API."""
    noted = item.reading
    return {
        "item_id": item.item_id,
        "profile": item.profile,
        "kind": item.kind,
        "kinds": reading.kinds_in(item.kinds),
        "text": item.text,
        "count": item.count,
        "group_id": item.group_id,
        "at": item.last_at.isoformat(),
        "first_at": item.first_at.isoformat(),
        "turn_id": item.turn_id,
        "conversation_id": item.conversation_id,
        "intent": item.intent,
        "confidence": item.confidence,
        "answered": not noted.get("fell_back", False),
        "threshold": noted.get("answer"),
        "ranking": noted.get("ranking", []),
        "entities": noted.get("entities", []),
        "tokens": noted.get("tokens", []),
        "suggested": item.suggested,
        "state": item.state,
        "label": item.label,
        "new_intent_hint": item.new_intent_hint,
        "marked": item.marked,
        "labelled_by": names.get(item.labelled_by or 0),
        "labelled_at": item.labelled_at.isoformat() if item.labelled_at else None,
        "approvals": [names.get(staff_id, str(staff_id)) for staff_id in item.approvals],
        "data_commit": item.data_commit,
    }


def staff_names(session: Session, items: Sequence[InboxItem]) -> dict[int, str]:
    """Who labelled and approved, by staff id."""
    wanted = {item.labelled_by for item in items if item.labelled_by}
    wanted |= {staff_id for item in items for staff_id in item.approvals}
    query = select(Staff.staff_id, Staff.name).where(Staff.staff_id.in_(wanted))
    return dict(session.execute(query).tuples().all()) if wanted else {}


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [InboxItem.state == wanted.state]
    if EVERY_PROFILE not in wanted.profiles:
        conditions.append(InboxItem.profile.in_(sorted(wanted.profiles)))
    if wanted.profile:
        conditions.append(InboxItem.profile == wanted.profile)
    if wanted.kind:
        conditions.append(InboxItem.kinds.op("&")(reading.bit(wanted.kind)) != 0)
    if wanted.group is not None:
        conditions.append(InboxItem.group_id == wanted.group)
    sought = normal(wanted.q)
    if sought:
        conditions.append(
            or_(
                InboxItem.normal.contains(sought, autoescape=True),
                InboxItem.intent == wanted.q.strip(),
                InboxItem.label == wanted.q.strip(),
            )
        )
    return conditions


def _talk(session: Session, item: InboxItem, patterns: Sequence[str]) -> list[Document]:
    """What was said before and after the message, masked."""
    turn = session.get(Turn, item.turn_id)
    message = session.get(Message, turn.message_ids[0]) if turn else None
    if message is None:
        return []
    rows = session.scalars(
        select(Event)
        .where(
            Event.conversation_id == item.conversation_id,
            Event.type == "message",
            Event.seq.between(message.seq - 2 * TALK_AROUND, message.seq + 2 * TALK_AROUND),
        )
        .order_by(Event.seq)
    ).all()
    before = [row for row in rows if row.seq < message.seq][-TALK_AROUND:]
    after = [row for row in rows if row.seq > message.seq][:TALK_AROUND]
    here = [row for row in rows if row.seq == message.seq]
    return [
        {
            "from": row.body.get("from"),
            "text": mask_export(str(row.body.get("text") or ""), patterns),
            "at": row.at.isoformat(),
            "here": row.seq == message.seq,
        }
        for row in (*before, *here, *after)
    ]


def _history(session: Session, item_id: int) -> list[Document]:
    rows = session.execute(
        select(InboxAction, Staff.name)
        .join(Staff, Staff.staff_id == InboxAction.staff_id)
        .where(InboxAction.item_id == item_id)
        .order_by(InboxAction.action_id)
    )
    return [
        {
            "staff": name,
            "action": row.action,
            "at": row.at.isoformat(),
            "label": row.detail.get("label"),
            "undone": row.undone,
        }
        for row, name in rows
    ]
