"""The groups that supervisors have changed, as rows say them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.base import Document
from kefu.store.handoff_tables import ServiceGroup


def edited(session: Session, profile: str | None = None) -> list[Document]:
    """The groups that say something else than the files, of all profiles or of one."""
    query = select(ServiceGroup).where(ServiceGroup.edited)
    if profile is not None:
        query = query.where(ServiceGroup.profile == profile)
    rows = session.scalars(query.order_by(ServiceGroup.profile, ServiceGroup.agent_group))
    return [
        {
            "profile": row.profile,
            "group": row.agent_group,
            "name": row.name,
            "mode": row.mode,
            "hours": row.hours,
            "overflow": row.overflow,
            "overflow_minutes": row.overflow_minutes,
            "answer_seconds": row.answer_seconds,
            "wait_seconds": row.wait_seconds,
        }
        for row in rows
    ]
