"""Messages that say nothing but a mood: 👍, 🙏🙏, 😊."""

from __future__ import annotations

import unicodedata

MOOD_HEARD = "收到。有需要随时告诉我。"


def is_without_words(text: str) -> bool:
    """Whether a typed message holds pictures and no letter, digit or Chinese character."""
    kinds = {unicodedata.category(sign)[0] for sign in text}
    return "S" in kinds and not kinds & {"L", "N"}
