"""Who stands behind the actors of histories."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.models import SYSTEM
from kefu.store.tables import Staff

PREFIX = "staff:"
HOST = "cli"
"""Whoever may use the host's command line, where no member of the staff is named."""


def names(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """What people read for each actor."""
    every = set(actors)
    ids = {int(one.removeprefix(PREFIX)): one for one in every if one.startswith(PREFIX)}
    rows = session.execute(
        select(Staff.staff_id, Staff.name).where(Staff.staff_id.in_(ids))
    ).tuples()
    titles = {SYSTEM: "系统", HOST: "命令行"}
    found = {each: titles.get(each, each) for each in every}
    return found | {ids[staff_id]: name for staff_id, name in rows}
