"""What an agent has begun to write: kept for them, while colleagues see only that they write."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kefu.conversation.live import Live
from kefu.desk import backstage
from kefu.desk.scope import Scope
from kefu.store.database import lock_name, utc_now
from kefu.store.desk_tables import Draft


def keep(session: Session, conversation_id: str, scope: Scope, text: str) -> None:
    """Replace the member's draft in the talk; an empty one is dropped."""
    scope.require(session, conversation_id)
    if not text.strip():
        drop(session, conversation_id, scope.staff_id)
        return
    lock_name(session, f"draft {conversation_id} {scope.staff_id}")
    session.merge(
        Draft(
            conversation_id=conversation_id,
            staff_id=scope.staff_id,
            text=text.replace("\0", ""),
            updated_at=utc_now(),
        )
    )


def drop(session: Session, conversation_id: str, staff_id: int) -> None:
    session.execute(
        delete(Draft).where(Draft.conversation_id == conversation_id, Draft.staff_id == staff_id)
    )


def tell(live: Live, conversation_id: str, scope: Scope, *, on: bool) -> None:
    """Let colleagues know that the member writes, or does no longer."""
    event = {
        "type": "draft",
        "from": "agent",
        "staff_id": scope.staff_id,
        "name": scope.member.staff.name,
        "on": on,
    }
    backstage.tell(live, conversation_id, event)
