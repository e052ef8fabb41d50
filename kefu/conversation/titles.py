"""Which button a shopper means who types its title instead of pressing it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# A question mark stays: to ask about a button's title is not to press it.
_DROPPED = " \t\n.。,、;:!~…"


def payload_of(text: str, buttons: Iterable[tuple[str, str]]) -> str | None:
    """The payload that ``text`` names among ``buttons`` (title, payload).

    ``None``: it names none of them, or several that do not do the same.
    """
    wanted = _plain(text)
    meant = {payload for title, payload in buttons if wanted and _plain(title) == wanted}
    return meant.pop() if len(meant) == 1 else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().rstrip(_DROPPED)
