"""How an agent ends a talk: with its outcome, its tags, and a mark on what the bot understood."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.desk import corrections, intent_titles, tags
from kefu.desk.scope import Scope
from kefu.handoff import queue


def close(
    session: Session,
    conversation_id: str,
    scope: Scope,
    *,
    resolution: str | None,
    note: str,
    words: Sequence[str] | None,
    intent_right: bool | None,
    right_intent: str | None,
) -> None:
    """End one's own talk. Naming the right intent says that the bot was wrong.

    Raises ``StateConflict``, ``ConversationClosed``, ``IntentUnknown``.
    """
    scope.require(session, conversation_id)
    queue.resolve(session, conversation_id, scope.member.staff, resolution, note)
    conversation = events.lock(session, conversation_id)
    if words is not None:
        tags.set_on(session, conversation, scope, words)
    right = False if right_intent is not None else intent_right
    if right is not None:
        corrections.record(
            session,
            conversation,
            scope.staff_id,
            right=right,
            right_intent=right_intent,
            known=intent_titles.known(session, [conversation.profile]).typed,
        )
