"""Which waiting messages make one turn: pieces of a sentence that were sent one by one.

Never held back for each other: only what waits anyhow, behind a running turn or after an outage.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kefu.store.base import Document
from kefu.store.tables import Message

# As many as the engine answers requests of one message.
MOST = 3
LONGEST = 20
WITHIN = timedelta(seconds=1)


def first_together(waiting: Sequence[Message], tracker: Document | None) -> list[Message]:
    """The first of the ``waiting`` messages (oldest first), and those to be read along with it.

    Plain short texts only, each sent within a second of the one before. A form asked one thing,
    so that it gets one message.
    """
    together = list(waiting[:1])
    if _in_form(tracker) or not (waiting and _is_piece(waiting[0])):
        return together
    for message in waiting[1:MOST]:
        if not _is_piece(message) or message.created_at - together[-1].created_at > WITHIN:
            break
        together.append(message)
    return together


def said(messages: Sequence[Message]) -> Document:
    """What the engine is told: a pressed button, or texts as lines of one message."""
    first = messages[0]
    if first.payload is not None:
        return {name: first.payload[name] for name in ("intent", "entities", "title")}
    return {"text": "\n".join(message.text for message in messages)}


def _is_piece(message: Message) -> bool:
    """Buttons, pictures and the desk's own triggers have a payload."""
    return message.payload is None and len(message.text) <= LONGEST and "\n" not in message.text


def _in_form(tracker: Document | None) -> bool:
    events: list[Document] = (tracker or {}).get("events", [])
    for event in reversed(events):
        if event.get("event") == "active_loop":
            return event.get("name") is not None
    return False
