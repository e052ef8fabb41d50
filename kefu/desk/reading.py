"""How far the agent has read a talk."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.messages import SHOPPER
from kefu.desk.scope import Scope
from kefu.store.tables import Message


def mark(session: Session, conversation_id: str, scope: Scope, up_to: int) -> int | None:
    """Note that the agent who has the talk has seen it up to this ``seq``.

    How far that is; ``None``: it is not theirs.
    """
    scope.find(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    if conversation.assigned_to != scope.staff_id:
        return None
    up_to = min(up_to, conversation.last_seq)
    if up_to > conversation.agent_seen:
        conversation.agent_seen = up_to
        conversation.unread = (
            session.scalar(
                select(func.count())
                .select_from(Message)
                .where(
                    Message.conversation_id == conversation_id,
                    Message.author == SHOPPER,
                    Message.seq > conversation.agent_seen,
                )
            )
            or 0
        )
    return up_to
