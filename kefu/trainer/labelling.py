"""What trainers do with items of the inbox: label, skip, approve, take back. Each is noted."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.inbox_tables import InboxAction, InboxItem
from kefu.trainer import inbox
from kefu.trainer.errors import EntityMarkInvalid, ItemConflict

NEW_INTENT = "new_intent_needed"
OPEN, LABELLED, SKIPPED, COMMITTED = inbox.STATES

_REMEMBERED = (
    "state", "label", "new_intent_hint", "marked", "labelled_by", "labelled_at", "approvals",
)  # fmt: skip


class NotByTheLabeller(ItemConflict):
    """Two people have to look at an item."""

    code: ClassVar[str] = "second_person_needed"
    title: ClassVar[str] = "这条消息是您自己标注的，需要由另一位同事复核。"


class NothingToUndo(ItemConflict):
    """The item's latest action is undone, or is in the training data already."""

    code: ClassVar[str] = "nothing_to_undo"
    title: ClassVar[str] = (
        "这条消息没有可以撤销的操作；已写入训练数据的例句请在「训练数据」中修改。"
    )


@dataclass(frozen=True, slots=True)
class Label:
    """``entities``: marked spans of the text, ``{start, end, entity, value?}``."""

    intent: str
    hint: str | None = None
    entities: tuple[Mapping[str, Any], ...] = ()


def read_marks(written: Iterable[str]) -> tuple[Mapping[str, Any], ...]:
    """Marks written as ``0-2:courier``; raises ``EntityMarkInvalid``."""
    found: list[Mapping[str, Any]] = []
    for each in written:
        match = re.fullmatch(r"(\d+)-(\d+):(\w+)", each)
        if match is None:
            raise EntityMarkInvalid(f"a mark {each}")
        found.append({"start": int(match[1]), "end": int(match[2]), "entity": match[3]})
    return tuple(found)


def require_marks(
    marks: Sequence[Mapping[str, Any]], item_ids: Sequence[int], known: Collection[str]
) -> None:
    """Raises ``EntityMarkInvalid`` for an unknown entity, or marks of several texts."""
    if marks and (len(item_ids) > 1 or not {mark["entity"] for mark in marks} <= set(known)):
        raise EntityMarkInvalid("an unknown entity, or several texts")


def label(
    session: Session,
    item_ids: Sequence[int],
    profiles: Collection[str],
    staff_id: int,
    given: Label,
    *,
    replace: bool,
) -> Document:
    """Label all that are open or were labelled by the same person.

    ``{labelled: [id], left: [item]}``: what a colleague has labelled otherwise is left, unless
    ``replace``. Raises ``ItemNotFound``, ``ItemConflict`` (in the training data already) or
    ``EntityMarkInvalid``.
    """
    items = inbox.visible(session, item_ids, profiles, lock=True)
    labelled: list[int] = []
    left: list[InboxItem] = []
    for item in items:
        _require_uncommitted(item)
        by_other = item.state == LABELLED and item.labelled_by != staff_id
        if by_other and item.label != given.intent and not replace:
            left.append(item)
            continue
        marks = check_marks(item.text, given.entities)
        _note(session, item, staff_id, "label", label=given.intent)
        item.state, item.label, item.new_intent_hint = LABELLED, given.intent, given.hint
        item.marked, item.labelled_by, item.labelled_at = marks, staff_id, utc_now()
        item.approvals = []
        labelled.append(item.item_id)
    names = inbox.staff_names(session, left)
    return {"labelled": labelled, "left": [inbox.as_json(item, names) for item in left]}


def skip(
    session: Session, item_ids: Sequence[int], profiles: Collection[str], staff_id: int
) -> None:
    """Put aside what is not worth labelling. Raises ``ItemNotFound`` or ``ItemConflict``."""
    for item in inbox.visible(session, item_ids, profiles, lock=True):
        _require_uncommitted(item)
        if item.state != SKIPPED:
            _note(session, item, staff_id, "skip")
            item.state, item.label, item.labelled_by, item.labelled_at = SKIPPED, None, None, None
            item.new_intent_hint, item.marked, item.approvals = None, [], []


def approve(
    session: Session, item_ids: Sequence[int], profiles: Collection[str], staff_id: int
) -> None:
    """Confirm others' labels. Raises ``ItemNotFound``, ``ItemConflict``, ``NotByTheLabeller``."""
    for item in inbox.visible(session, item_ids, profiles, lock=True):
        if item.state != LABELLED:
            raise ItemConflict(f"item {item.item_id} is {item.state}")
        if item.labelled_by == staff_id:
            raise NotByTheLabeller(f"item {item.item_id} was labelled by the same person")
        if staff_id not in item.approvals:
            _note(session, item, staff_id, "approve", label=item.label)
            item.approvals = [*item.approvals, staff_id]


def undo(
    session: Session, item_ids: Sequence[int], profiles: Collection[str], staff_id: int
) -> None:
    """Take back the latest action on each item. Raises ``ItemNotFound`` or ``NothingToUndo``."""
    for item in inbox.visible(session, item_ids, profiles, lock=True):
        last = session.scalar(
            select(InboxAction)
            .where(
                InboxAction.item_id == item.item_id,
                InboxAction.action.in_(("label", "skip", "approve")),
                InboxAction.undone.is_(False),
            )
            .order_by(InboxAction.action_id.desc())
            .limit(1)
        )
        if last is None or item.state == COMMITTED:
            raise NothingToUndo(f"item {item.item_id} is {item.state}")
        before = last.detail["before"]
        last.undone = True
        _note(session, item, staff_id, "undo", label=before["label"])
        for name in _REMEMBERED:
            setattr(item, name, _revived(name, before[name]))


def committed(
    session: Session, item_ids: Sequence[int], staff_id: int, commit: str | None, detail: str = ""
) -> None:
    """Note that these items stand in the training data; what was undone meanwhile stays so."""
    rows = session.scalars(
        select(InboxItem)
        .where(InboxItem.item_id.in_(item_ids), InboxItem.state == LABELLED)
        .with_for_update()
    )
    for item in rows:
        _note(session, item, staff_id, "commit", label=item.label, commit=commit, why=detail)
        item.state, item.data_commit = COMMITTED, commit


def check_marks(text: str, marks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The marks in order; raises ``EntityMarkInvalid`` for such as overlap or lie outside."""
    ordered = sorted(marks, key=lambda mark: int(mark["start"]))
    end = 0
    for mark in ordered:
        start, stop = int(mark["start"]), int(mark["end"])
        if not end <= start < stop <= len(text) or set("[](){}") & set(text[start:stop]):
            raise EntityMarkInvalid(f"a mark from {start} to {stop}")
        end = stop
    return [dict(mark) for mark in ordered]


def _require_uncommitted(item: InboxItem) -> None:
    if item.state == COMMITTED:
        raise ItemConflict(
            f"item {item.item_id} is committed",
            title="这条消息已经写入训练数据，请在「训练数据」中修改。",
        )


def _note(session: Session, item: InboxItem, staff_id: int, action: str, **detail: Any) -> None:
    before = {name: _plain(getattr(item, name)) for name in _REMEMBERED}
    session.add(
        InboxAction(
            item_id=item.item_id,
            profile=item.profile,
            staff_id=staff_id,
            action=action,
            at=utc_now(),
            detail={**detail, "before": before},
            undone=False,
        )
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _revived(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name == "labelled_at" and value else value
