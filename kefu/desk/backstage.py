"""What only the staff hears of a talk: drafts, private notes, which colleague is typing.

It goes under a key of its own, to which no shopper can listen.
"""

from __future__ import annotations

from kefu.conversation.live import Live
from kefu.store.base import Document


def key(conversation_id: str) -> str:
    """Under what listeners to a talk's backstage listen."""
    return f"staff:{conversation_id}"


def tell(live: Live, conversation_id: str, event: Document) -> None:
    """Show ``event`` (typing, draft, note) to the colleagues who look at the talk now."""
    live.pass_by(key(conversation_id), event)
