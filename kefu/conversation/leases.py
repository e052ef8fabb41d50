"""Who holds open turns, and which conversations nobody sees to."""

from __future__ import annotations

from sqlalchemy import exists, select, union, update
from sqlalchemy.orm import Session

from kefu.conversation.state import State
from kefu.store.database import shared_now
from kefu.store.tables import Conversation, Message, Turn


def needing_work(session: Session, limit: int = 500) -> list[str]:
    """Conversations with a message to answer and no turn, or with a turn that nobody holds."""
    has_turn = exists().where(
        Turn.conversation_id == Message.conversation_id, Turn.status == "open"
    )
    pending = (
        select(Message.conversation_id)
        .join(Conversation, Conversation.conversation_id == Message.conversation_id)
        .where(Message.status == "pending", Conversation.state == State.BOT.value, ~has_turn)
    )
    now = shared_now(session)
    lost = select(Turn.conversation_id).where(Turn.status == "open", Turn.lease_until <= now)
    return list(session.scalars(union(pending, lost).limit(limit)))


def holders(session: Session) -> set[str]:
    """The workers that hold a turn now."""
    held = select(Turn.worker).where(Turn.status == "open", Turn.worker.is_not(None)).distinct()
    return {worker for worker in session.scalars(held) if worker}


def expire(session: Session, worker: str) -> None:
    """End the leases of a worker that is known to be dead."""
    session.execute(
        update(Turn)
        .where(Turn.status == "open", Turn.worker == worker)
        .values(lease_until=shared_now(session))
    )


def give_back(session: Session, worker: str) -> None:
    """Let other desks go on with what a worker holds that stops of its own accord."""
    session.execute(
        update(Turn)
        .where(Turn.status == "open", Turn.worker == worker)
        .values(worker=None, lease_until=shared_now(session))
    )
