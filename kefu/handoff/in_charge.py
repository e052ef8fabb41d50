"""Who asks for the person in charge: the supervisors who are there are called in."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.handoff.skills import LEADING_ROLES
from kefu.store.database import shared_now
from kefu.store.handoff_tables import Invitation, Presence
from kefu.store.tables import EVERY_PROFILE, Conversation, StaffRole

_IN_CHARGE = re.compile(r"负责人|主管|领导|经理|上级|上司|老板|管事|能做主")


def is_asked_for(text: str) -> bool:
    """Whether somebody is wanted who may decide."""
    return _IN_CHARGE.search(text) is not None


def call_in(session: Session, conversation: Conversation) -> None:
    """Invite every supervisor of the profile whose page is open; whoever is free takes it over.

    Also those who are set offline: many lead and take no chats.
    """
    now = shared_now(session)
    leading = select(StaffRole.staff_id).where(
        StaffRole.profile.in_((conversation.profile, EVERY_PROFILE)),
        StaffRole.role.in_(sorted(LEADING_ROLES)),
    )
    here = session.scalars(
        select(Presence)
        .where(
            Presence.staff_id.in_(leading),
            Presence.lapsed_at.is_(None),
            Presence.lease_until > now,
        )
        .order_by(Presence.staff_id)
    )
    for row in here:
        key = (conversation.conversation_id, row.staff_id)
        if session.get(Invitation, key) is not None:
            continue
        session.add(
            Invitation(
                conversation_id=conversation.conversation_id,
                staff_id=row.staff_id,
                invited_by=row.staff_id,
                at=now,
            )
        )
        events.audit(session, conversation, "system", "invite", staff_id=row.staff_id)
