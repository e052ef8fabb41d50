"""Short words by which talks are found and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.desk.scope import Scope
from kefu.store.database import utc_now
from kefu.store.tables import Conversation

MOST = 20
LONGEST = 20
LOOKED_BACK = timedelta(days=90)
TALKS_READ = 2000
SHOWN = 100


def put(session: Session, conversation_id: str, scope: Scope, tags: Sequence[str]) -> list[str]:
    """Replace a talk's tags; those that it has now."""
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    set_on(session, conversation, scope, tags)
    return conversation.tags


def set_on(session: Session, conversation: Conversation, scope: Scope, tags: Sequence[str]) -> None:
    """Replace the tags of a locked conversation; blanks and doubles are left out."""
    tidy = list(dict.fromkeys(" ".join(tag.replace("\0", "").split()) for tag in tags))
    kept = [tag for tag in tidy if tag][:MOST]
    if kept == conversation.tags:
        return
    conversation.tags = kept
    events.audit(session, conversation, f"staff:{scope.staff_id}", "tag", tags=kept)


def known(session: Session, profile: str, scope: Scope) -> list[str]:
    """The tags of the profile's late talks, those that are used most first."""
    recent = session.scalars(
        select(Conversation.tags)
        .where(
            Conversation.profile == profile,
            Conversation.updated_at > utc_now() - LOOKED_BACK,
            scope.talks(),
        )
        .order_by(Conversation.updated_at.desc())
        .limit(TALKS_READ)
    )
    counted = Counter(tag for tags in recent for tag in tags)
    return [tag for tag, _ in counted.most_common(SHOWN)]
