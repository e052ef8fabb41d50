"""What a turn says: replies for the shopper and commands for the desk."""

from __future__ import annotations

from typing import Any

from rasa.core.channels.channel import OutputChannel

from kefu_engine.errors import TurnFailed

COMMANDS = frozenset({"handoff", "ticket", "verify_order", "verify_request", "rating_request"})
_UNSUPPORTED = ("image", "attachment", "elements", "quick_replies")


class TurnOutput(OutputChannel):
    """Gathers each dispatched message whole, instead of one piece per kind of content.

    ``replies``: ``{"text": str | None, "buttons": [...], "cards": [...]}``;
    ``commands``: ``{"type": ..., ...}``. Raises ``TurnFailed`` for a message that says nothing, a
    command that the desk does not know, and content that no channel of ours can show.
    """

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "kefu"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        for kind in _UNSUPPORTED:
            if message.get(kind):
                raise TurnFailed(f"a message holds {kind!r}, which no channel shows")
        custom: dict[str, Any] = dict(message.get("custom") or {})
        command = custom.pop("command", None)
        cards = custom.pop("cards", None) or []
        if custom:
            raise TurnFailed(f"a message holds unknown custom content: {sorted(custom)}")
        text = message.get("text") or None
        buttons = message.get("buttons") or []
        if command is not None:
            self._add_command(command)
        elif not (text or buttons or cards):
            raise TurnFailed("a message says nothing")
        if text or buttons or cards:
            self.replies.append({"text": text, "buttons": buttons, "cards": cards})

    def _add_command(self, command: Any) -> None:
        kind = command.get("type") if isinstance(command, dict) else None
        if kind not in COMMANDS:
            raise TurnFailed(f"unknown command {kind!r}")
        self.commands.append(command)
