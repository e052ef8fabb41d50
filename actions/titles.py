"""What the bot calls each request when it offers it as a button."""

from __future__ import annotations

from contextvars import ContextVar

from actions.reply import Button, button
from kefu.intents import Intents, Titles, shipped

MENU_INTENTS = ("order_status", "track_logistics", "return_request", "refund_progress")

current_intents: ContextVar[Intents] = ContextVar("current_intents")


def services() -> Titles:
    """What may be offered in this turn, by the model that answers it."""
    return current_intents.get(shipped()).services


def intent_button(intent: str, **entities: str) -> Button:
    """A button named after the intent it stands for."""
    return button(services()[intent], intent, **entities)


def suggestions(
    ranking: tuple[str, ...], limit: int = 3, order_number: str | None = None
) -> list[Button]:
    """Buttons for the likeliest intents that name a service; small talk offers nothing to press."""
    entities = {"order_number": order_number} if order_number else {}
    titles = services()
    return [intent_button(intent, **entities) for intent in ranking if intent in titles][:limit]
