"""What a talk is about, and what merely keeps it going."""

from __future__ import annotations

from kefu.intents import NOT_UNDERSTOOD, Intents

# Asking for a person is no matter of its own, and neither is a yes.
SMALL_TALK = frozenset(
    {
        "human_agent",
        "not_solved",
        "urge_reply",
        "greet",
        "thanks",
        "goodbye",
        "affirm",
        "deny",
        "inform",
        "abuse",
        "bot_challenge",
    }
)


def title(intent: str | None, known: Intents) -> str:
    """What people read for it."""
    if intent is None:
        return "没有具体问题"
    return "机器人没听懂" if intent == NOT_UNDERSTOOD else known.title(intent)
