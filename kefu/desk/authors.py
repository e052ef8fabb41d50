"""Which colleague wrote a message: for the staff alone, shoppers read the name at most."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.messages import AGENT
from kefu.store.base import Document
from kefu.store.tables import Message


def signed(session: Session, conversation_id: str, found: Sequence[Document]) -> list[Document]:
    """The events, those of agents with the ``staff_id`` of who wrote them."""
    written = [
        event["seq"]
        for event in found
        if event["type"] == events.MESSAGE and event.get("from") == AGENT
    ]
    if not written:
        return list(found)
    rows = session.execute(
        select(Message.seq, Message.staff_id).where(
            Message.conversation_id == conversation_id,
            Message.author == AGENT,
            Message.seq.between(min(written), max(written)),
        )
    )
    writers = {seq: staff_id for seq, staff_id in rows.tuples() if staff_id is not None}
    return [
        {**event, "staff_id": writers[event["seq"]]} if event["seq"] in writers else event
        for event in found
    ]
