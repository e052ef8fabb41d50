"""The action that answers an intent, for a message that means another than it was taken for."""

from __future__ import annotations

from actions.base import KefuAction, Services
from actions.reply import Reply
from actions.turn import Turn

ANSWERS: dict[str, type[KefuAction]] = {}
"""By intent; filled where all actions are listed. What is missing has a response of its own."""


def serve_intent(services: Services, intent: str, turn: Turn, reply: Reply) -> None:
    """Answer the turn as if the shopper had plainly asked for ``intent``."""
    action = ANSWERS.get(intent)
    if action:
        action(services).answer(turn.as_request(intent), reply)
    else:
        reply.respond(f"utter_{intent}")
