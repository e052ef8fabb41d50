"""Canned responses: everybody's and one's own, found by shortcut or words."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from kefu.desk.errors import CannedNotFound, CannedRefused, ShortcutTaken
from kefu.desk.scope import Scope
from kefu.handoff.skills import LEADING_ROLES, SERVING_ROLES
from kefu.profiles import Profile, Profiles
from kefu.profiles.canned import VARIABLES, holes
from kefu.store.base import Document
from kefu.store.database import lock_name, utc_now
from kefu.store.desk_tables import CannedResponse, Seed
from kefu.store.tables import EVERY_PROFILE, Audit

MINE = "mine"
ALL = "all"
MOST_SHARED = 1000
MOST_OWN = 200

Whose = Literal["mine", "all"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a canned response shall be; ``whose``: one's own or everybody's."""

    whose: Whose
    shortcut: str
    title: str
    text: str
    group: str | None = None
    intents: tuple[str, ...] = ()


def listing(session: Session, scope: Scope, profile: str, words: str = "") -> list[Document]:
    """Those that the member may use in the profile, best first; raises ``RoleMissing``."""
    scope.require_role(profile, SERVING_ROLES)
    rows = session.scalars(select(CannedResponse).where(_usable(scope, profile)))
    wanted = words.strip().lower()
    ranked = sorted(
        ((rank, row) for row in rows if (rank := _rank(row, wanted)) is not None),
        key=lambda pair: (pair[0], pair[1].owner is None, pair[1].shortcut, pair[1].canned_id),
    )
    return [as_json(row, scope) for _, row in ranked]


def answering(
    session: Session, scope: Scope, profile: str, intents: Collection[str]
) -> list[CannedResponse]:
    """Those that answer a question with one of these intents."""
    rows = session.scalars(
        select(CannedResponse)
        .where(_usable(scope, profile))
        .order_by(CannedResponse.owner.is_(None), CannedResponse.canned_id)
    )
    return [row for row in rows if set(row.intents) & set(intents)]


def find(session: Session, scope: Scope, canned_id: int) -> CannedResponse:
    """One that the member may use; raises ``CannedNotFound`` or ``RoleMissing``."""
    row = session.get(CannedResponse, canned_id)
    if row is not None:
        scope.require_serving(row.profile)
    usable = row is not None and session.scalar(
        select(CannedResponse.canned_id).where(
            CannedResponse.canned_id == canned_id, _usable(scope, row.profile)
        )
    )
    if row is None or not usable or not scope.serves(row.profile):
        raise CannedNotFound("no such canned response")
    return row


def add(session: Session, scope: Scope, profile: Profile, wanted: Wanted) -> Document:
    """Raises ``RoleMissing``, ``CannedRefused``, ``ShortcutTaken``."""
    _require(scope, profile.profile, wanted.whose)
    _check(profile, wanted)
    lock_name(session, f"canned {profile.profile}")
    owner = scope.staff_id if wanted.whose == MINE else None
    _require_free(session, profile.profile, owner, wanted.shortcut)
    _require_room(session, profile.profile, owner)
    row = _row(profile.profile, owner, wanted)
    session.add(row)
    session.flush()
    _audit(session, scope, row, "add_canned")
    return as_json(row, scope)


def change(
    session: Session, scope: Scope, profiles: Profiles, canned_id: int, wanted: Wanted
) -> Document:
    """Raises ``CannedNotFound``, ``RoleMissing``, ``CannedRefused``, ``ShortcutTaken``."""
    row = find(session, scope, canned_id)
    profile = profiles[row.profile]
    for whose in (_whose(row), wanted.whose):
        _require(scope, row.profile, whose)
    _check(profile, wanted)
    lock_name(session, f"canned {row.profile}")
    owner = scope.staff_id if wanted.whose == MINE else None
    _require_free(session, row.profile, owner, wanted.shortcut, but=canned_id)
    row.owner, row.agent_group = owner, wanted.group
    row.shortcut, row.title, row.text = wanted.shortcut, wanted.title, wanted.text
    row.intents, row.updated_at = list(wanted.intents), utc_now()
    _audit(session, scope, row, "change_canned")
    return as_json(row, scope)


def remove(session: Session, scope: Scope, canned_id: int) -> None:
    row = find(session, scope, canned_id)
    _require(scope, row.profile, _whose(row))
    _audit(session, scope, row, "remove_canned")
    session.delete(row)


def seed(session: Session, profiles: Profiles) -> None:
    """Read the profile files' texts, once for each profile; afterwards only the rows count."""
    lock_name(session, "seed canned responses")
    for profile in profiles:
        name = f"canned {profile.profile}"
        if session.get(Seed, name) is not None:
            continue
        session.add(Seed(name=name, at=utc_now()))
        for each in profile.canned:
            wanted = Wanted(
                ALL, each.shortcut, each.title, each.text, each.group, tuple(each.intents)
            )
            session.add(_row(profile.profile, None, wanted))


def as_json(row: CannedResponse, scope: Scope) -> Document:
    mine = row.owner is not None
    return {
        "canned_id": row.canned_id,
        "profile": row.profile,
        "group": row.agent_group,
        "scope": _whose(row),
        "shortcut": row.shortcut,
        "title": row.title,
        "text": row.text,
        "intents": row.intents,
        "editable": mine or scope.leads(row.profile),
    }


def _usable(scope: Scope, profile: str) -> ColumnElement[bool]:
    """Everybody's and one's own; of a group only where the member serves it or supervises."""
    mine = or_(CannedResponse.owner.is_(None), CannedResponse.owner == scope.staff_id)
    condition = (CannedResponse.profile == profile) & mine
    if scope.limited(profile):
        group = CannedResponse.agent_group
        condition &= or_(group.is_(None), group.in_(sorted(scope.groups[profile])))
    return condition


def _rank(row: CannedResponse, wanted: str) -> int | None:
    """How well it fits, 0 best; ``None``: not at all."""
    if not wanted:
        return 0
    shortcut = row.shortcut.lower()
    places = (
        shortcut == wanted,
        shortcut.startswith(wanted),
        wanted in row.title.lower(),
        wanted in shortcut or wanted in row.text.lower(),
    )
    return places.index(True) if True in places else None


def _whose(row: CannedResponse) -> Whose:
    return ALL if row.owner is None else MINE


def _require(scope: Scope, profile: str, whose: Whose) -> None:
    scope.require_role(profile, SERVING_ROLES if whose == MINE else LEADING_ROLES)


def _check(profile: Profile, wanted: Wanted) -> None:
    unknown = [name for name in holes(wanted.text) if name not in VARIABLES]
    if unknown:
        names = "、".join(f"{{{name}}}" for name in unknown)
        raise CannedRefused("unknown variables", title=f"快捷回复里没有 {names} 这个变量。")
    if re.search(r"[\x00-\x08\x0b-\x1f]", wanted.text + wanted.title):
        raise CannedRefused("control characters", title="内容里有不能识别的字符，请重新输入。")
    if wanted.group is not None and profile.group(wanted.group) is None:
        raise CannedRefused("no such group", title="没有这个客服组，请重新选择。")


def _require_free(
    session: Session, profile: str, owner: int | None, shortcut: str, *, but: int | None = None
) -> None:
    taken = select(CannedResponse.canned_id).where(
        CannedResponse.profile == profile,
        CannedResponse.owner.is_not_distinct_from(owner),
        func.lower(CannedResponse.shortcut) == shortcut.lower(),
    )
    if but is not None:
        taken = taken.where(CannedResponse.canned_id != but)
    if session.scalar(taken.limit(1)) is not None:
        raise ShortcutTaken("another one has the shortcut")


def _require_room(session: Session, profile: str, owner: int | None) -> None:
    there = session.scalar(
        select(func.count())
        .select_from(CannedResponse)
        .where(CannedResponse.profile == profile, CannedResponse.owner.is_not_distinct_from(owner))
    )
    if (there or 0) >= (MOST_SHARED if owner is None else MOST_OWN):
        raise CannedRefused("too many", title="快捷回复已达到数量上限，请先删除不用的。")


def _row(profile: str, owner: int | None, wanted: Wanted) -> CannedResponse:
    return CannedResponse(
        profile=profile,
        agent_group=wanted.group,
        owner=owner,
        shortcut=wanted.shortcut,
        title=wanted.title,
        text=wanted.text,
        intents=list(wanted.intents),
        updated_at=utc_now(),
    )


def _audit(session: Session, scope: Scope, row: CannedResponse, action: str) -> None:
    if row.owner is not None:
        return
    session.add(
        Audit(
            profile=row.profile or EVERY_PROFILE,
            at=utc_now(),
            actor=f"staff:{scope.staff_id}",
            action=action,
            subject=f"canned:{row.canned_id}",
            detail={"shortcut": row.shortcut},
        )
    )
